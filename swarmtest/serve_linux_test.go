// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

func TestServices(t *testing.T) {
	t.Parallel()
	onOneSwarm(t, []swarmTest{
		{"scenario", scenario}, {"serve", serveModes}, {"wrong services", wrongServices}, {"wrap", wrapService}, {"mesh", noMesh},
		{"publish", publishes}, {"images", imagesReachAllNodes}, {"leases", leases}, {"locks", lockedStacks}, {"kept", keptStack}, {"many stacks", manyStacks}, {"killed", killedStacks},
	})
}

// swarmTest is a test that leaves the swarm as it was.
type swarmTest struct {
	name string
	test func(*testing.T, *swarmtest.Swarm, *seatrial.Image)
}

// onOneSwarm runs tests one after the other on a swarm of three nodes, and checks
// after each that the swarm has the same objects as before.
func onOneSwarm(t *testing.T, tests []swarmTest) {
	t.Helper()
	s := startSwarm(t, swarmtest.Spec{Workers: 2})
	img := s.Nodes()[0].Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	for _, test := range tests {
		before := swarmObjects(t, s)
		t.Run(test.name, func(t *testing.T) { test.test(t, s, img) })
		after := swarmObjects(t, s)
		for end := time.Now().Add(2 * time.Minute); !slices.Equal(after, before) && time.Now().Before(end); after = swarmObjects(t, s) {
			time.Sleep(200 * time.Millisecond) // the swarm removes networks from its nodes late
		}
		if !slices.Equal(after, before) {
			t.Fatalf("%s: left are %q, want %q", test.name, after, before)
		}
	}
}

// swarmObjects lists the objects of a swarm, and those of its nodes except their
// own networks.
func swarmObjects(t *testing.T, s *swarmtest.Swarm) []string {
	t.Helper()
	manager := s.Nodes()[0].Host()
	all := slices.Concat(objects(t, manager, "/services"), objects(t, manager, "/secrets"), objects(t, manager, "/configs"))
	for _, n := range s.Nodes() {
		all = slices.Concat(all, objects(t, n.Host(), "/containers/json?all=1"), objects(t, n.Host(), "/volumes"),
			objects(t, n.Host(), `/networks?filters={"scope":["swarm"]}`))
	}
	slices.Sort(all)
	return all
}

// objects asks an engine for a list, and returns their names with that of the list.
func objects(t *testing.T, host, list string) []string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(host, "unix://"))
	}}}
	kind, query, _ := strings.Cut(list, "?")
	resp, err := client.Get("http://docker" + kind + "?" + strings.NewReplacer("{", "%7B", "}", "%7D", `"`, "%22").Replace(query))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s of %s: %s %s %v", list, host, resp.Status, content, err)
	}
	type object struct {
		Name  string
		Names []string
		Spec  struct{ Name string }
	}
	var found []object
	var volumes struct{ Volumes []object }
	if err = json.Unmarshal(content, &found); kind == "/volumes" {
		err = json.Unmarshal(content, &volumes)
		found = volumes.Volumes
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range found {
		all = append(all, kind[1:]+":"+o.Name+o.Spec.Name+strings.Join(o.Names, ","))
	}
	return all
}

// The scenario that the project began with: a sample is built on another image of
// the test, and reads a secret; once with a build argument, and once without one.
func scenario(t *testing.T, s *swarmtest.Swarm, base *seatrial.Image) {
	manager := s.Nodes()[0]
	before := swarmObjects(t, s)
	for _, test := range []struct{ name, dockerfile string }{
		{"argument", "ARG BASE=example/base:1\nFROM ${BASE}\nCMD [\"-stat\", \"/none\"]\n"},
		{"substitution", "FROM example/base:1\nCMD [\"-stat\", \"/none\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sample, artifacts := t.TempDir(), ""
			if err := os.WriteFile(filepath.Join(sample, "Dockerfile"), []byte(test.dockerfile), 0o600); err != nil {
				t.Fatal(err)
			}
			const value = "GRtsp8-not-for-eyes"
			t.Run("test", func(t *testing.T) {
				artifacts = seatrial.Artifacts(t)
				how := spec.Image{Context: sample, Images: map[string]string{"example/base:1": base.Ref}}
				if test.name == "argument" {
					how.Images, how.Args = nil, map[string]string{"BASE": base.Ref}
				}
				img := manager.Build(t, how)
				secret := manager.CreateSecret(t, spec.Secret{Name: "app.properties", Content: "KEY=" + value})
				if !strings.HasSuffix(secret.Name, ".properties") {
					t.Errorf("the secret's name is %s", secret.Name)
				}
				service := manager.Serve(t, spec.Service{
					Image: img.Ref, Name: "app", TimeLimit: 60 * time.Second, EndpointMode: "dnsrr", Secrets: spec.Files(secret.Name),
					Command: []string{"-stat", "/run/secrets/" + secret.Name, "-print", "read", "-serve", ":80"},
				})
				service.Wait(t, wait.Log("^read$"))
				if log := service.Logs(t); !strings.Contains(log, "KEY=") {
					t.Errorf("log = %q", log)
				}
			})
			if entries, err := os.ReadDir(sample); err != nil || len(entries) != 1 {
				t.Errorf("the sample's directory has %v, %v", entries, err)
			}
			err := filepath.Walk(artifacts, func(path string, info os.FileInfo, err error) error {
				if err != nil || info.IsDir() {
					return err
				}
				content, err := os.ReadFile(path)
				if strings.Contains(string(content), value) {
					t.Errorf("%s has the secret:\n%s", path, content)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if after := swarmObjects(t, s); !slices.Equal(after, before) {
				t.Errorf("left = %q, want %q", after, before)
			}
		})
	}
}

// Services of all modes, their tasks, and all their methods.
func serveModes(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	mesh := manager.CreateNetwork(t, spec.Network{Name: "mesh", Overlay: true})
	config := manager.CreateConfig(t, spec.Secret{Name: "hello", Content: "no line's end"})
	began := time.Now()
	web := manager.Serve(t, spec.Service{
		Image: img.Ref, Name: "web", Replicas: 2, EndpointMode: "dnsrr", Ports: []int{80}, Command: []string{"-print", "up", "-serve", ":80"},
		Configs: []spec.SecretFile{{Name: config.Name, Target: "/hello", Mode: 0o400}}, Mounts: []spec.Mount{{Volume: "web-data", Target: "/data"}},
		Networks: []spec.Endpoint{{Network: mesh.Name, Aliases: []string{"shop"}}}, Ready: wait.HTTP(80, "/health"),
	})
	t.Logf("web: after %v", time.Since(began).Round(time.Millisecond))
	tasks := web.Tasks(t)
	if len(tasks) != 2 || tasks[0].Name != "web.1" || tasks[1].Name != "web.2" {
		t.Fatalf("tasks = %v", tasks)
	}
	asked := 0
	web.Wait(t, wait.Func("of each task", func(context.Context) error { asked++; return nil }))
	if asked != len(tasks) {
		t.Errorf("of %d tasks Wait asked %d", len(tasks), asked)
	}
	for _, k := range tasks {
		if got := get(t, k.URL(t, 80)+"/health"); got != "ok\n" {
			t.Errorf("%s: %q", k, got)
		}
		if r := k.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/hello"}}); !strings.Contains(r.Stdout, "-r--------") || !strings.Contains(r.Stdout, "no line's end") {
			t.Errorf("%s: the config is %q", k, r.Stdout)
		}
		if k.Container(t).Name != k.Name || s.Node(t, k.Node).ID != k.NodeID || k.Logs(t) != "up\nlistening on :80\n" {
			t.Errorf("%s on %q: container %s, log %q", k, k.Node, k.Container(t), k.Logs(t))
		}
	}
	// A job with two flags that have no fields, on the network of the service.
	all := manager.Serve(t, spec.Service{Image: img.Ref, Name: "all", Mode: spec.Global, EndpointMode: "dnsrr", Command: []string{"-serve", ":80"},
		Networks: []spec.Endpoint{{Network: mesh.Name}}, Flags: []string{"--hostname", "{{.Node.Hostname}}", "--stop-grace-period", "1s"}})
	on := all.Tasks(t)
	if len(on) != 3 || on[2].Name != "all.worker2" {
		t.Errorf("tasks of a global service = %v", on)
	}
	for _, k := range on {
		if r := k.Exec(t, spec.Exec{Command: []string{"/probe", "-check", "http://shop/health"}}); r.ExitCode != 0 {
			t.Errorf("%s does not reach the service by its alias: %+v", k, r)
		}
	}
	job := manager.Serve(t, spec.Service{Image: img.Ref, Name: "job", Mode: spec.ReplicatedJob, Replicas: 2, Command: []string{"-print", "done", "-exit", "3"}, ExitCodes: []int{3}})
	if got := job.ExitCodes(t); !slices.Equal(got, []int{3, 3}) {
		t.Errorf("exit codes = %v", got)
	}
	each := manager.Serve(t, spec.Service{Image: img.Ref, Name: "each", Mode: spec.GlobalJob, Command: []string{"-print", "done"}})
	if got := each.ExitCodes(t); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("exit codes = %v", got)
	}
	for _, name := range []string{"web.1.out", "web.2.err", "all.manager1.out", "job.2.out", "each.worker1.out"} {
		if _, err := os.Stat(filepath.Join(seatrial.Artifacts(t), name)); err != nil {
			t.Errorf("no artifact: %v", err)
		}
	}
}

// The first line of a failure says what is wrong with a service.
func wrongServices(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager, worker := s.Nodes()[0], s.Nodes()[1]
	refused(t, "serving probe: service probe: task probe.1 on ", func(t seatrial.T) {
		manager.Serve(t, spec.Service{Image: img.Ref, Name: "probe", Mode: spec.ReplicatedJob, Command: []string{"-exit", "3"}})
	})
	refused(t, "is a worker of a swarm, and only managers can do this", func(t seatrial.T) {
		worker.Serve(t, spec.Service{Image: img.Ref})
	})
	refused(t, "is a worker of a swarm, and only managers can do this", func(t seatrial.T) {
		worker.CreateSecret(t, spec.Secret{Name: "key", Content: "some-secret"})
	})
	refused(t, "Mode: \"daily\" is not one of replicated, global, replicated-job and global-job", func(t seatrial.T) {
		manager.Serve(t, spec.Service{Image: img.Ref, Mode: "daily"})
	})
	refused(t, "Flags: --detach is refused: Serve watches the tasks by itself", func(t seatrial.T) {
		manager.Serve(t, spec.Service{Image: img.Ref, Flags: []string{"--detach"}})
	})
	refused(t, "secret", func(t seatrial.T) {
		manager.Serve(t, spec.Service{Image: img.Ref, Secrets: spec.Files("nobody-made-it")})
	})
	toldAtTheEnd(t, s, img)
}

// A task that fails after the service was ready is reported in the log of a test that
// passes: as the swarm replaces it, it would go unnoticed.
func toldAtTheEnd(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	t.Helper()
	manager := s.Nodes()[0]
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		dies := manager.Serve(r, spec.Service{Image: img.Ref, Name: "dies", EndpointMode: "dnsrr", Command: []string{"-print", "!no licence", "-serve", ":80", "-exit", "2"}})
		k := dies.Task(r)
		docker(t, s.Node(t, k.Node).Host(), "kill", "--signal", "TERM", k.ContainerID) // seatrial does not know that it was the test
		state := ""
		for end := time.Now().Add(time.Minute); !strings.Contains(state, "Failed") && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			state = docker(t, manager.Host(), "service", "ps", "--format", "{{.CurrentState}}", "--filter", "id="+k.ID, dies.ID)
		}
	})
	if want := "service dies: task dies.1 on "; r.Failed() || !strings.Contains(r.Logs(), want) || !strings.Contains(r.Logs(), ": exited with code 2: no licence") {
		t.Errorf("a test that passed (%q) says\n%s\nwant %q", r.Errors(), r.Logs(), want)
	}
}

// A wrapped service stays after the test, unless it is Owned.
func wrapService(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	docker(t, manager.Host(), "service", "create", "--detach", "--name", "theirs", "--stop-grace-period", "0s", "--endpoint-mode", "dnsrr", "--replicas", "2", s.Push(t, img), "-print", "so far", "-serve", ":80")
	t.Run("borrowed", func(t *testing.T) {
		theirs := manager.WrapService(t, spec.Existing{Name: "theirs", As: "web"})
		theirs.Wait(t, wait.Log("^so far$"))
		if tasks := theirs.Tasks(t); len(tasks) != 2 || tasks[0].Name != "web.1" {
			t.Errorf("tasks = %v", tasks)
		}
	})
	if got := docker(t, manager.Host(), "service", "ls", "--format", "{{.Name}} {{.Replicas}}"); got != "theirs 2/2" {
		t.Errorf("after the test there are services %q", got)
	}
	t.Run("owned", func(t *testing.T) { manager.WrapService(t, spec.Existing{Name: "theirs", Owned: true}) })
	refused(t, `wrapping service "theirs": the swarm of the engine `, func(t seatrial.T) { manager.WrapService(t, spec.Existing{Name: "theirs"}) })
}
