// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// writeFiles writes files, and returns the directory.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A port that the file does not publish is published for the test, and each task
// has its own.
func publishes(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	stack := spec.Stack{
		Files:   []string{stackFile(t, "services: {db: {image: 'example/probe:1', command: ['-serve', ':5432'], deploy: {replicas: 2, endpoint_mode: dnsrr}}}\n")},
		Images:  map[string]string{"example/probe:1": img.Ref},
		Publish: map[string][]int{"db": {5432}},
	}
	shop := s.Nodes()[0].Deploy(t, stack)
	seen := map[string]bool{}
	for _, k := range shop.Service(t, "db").Tasks(t) {
		url := k.URL(t, 5432)
		if got := get(t, url+"/health"); got != "ok\n" || seen[url] {
			t.Errorf("%s at %s: %q; asked before: %v", k, url, got, seen[url])
		}
		seen[url] = true
	}
	if len(seen) != 2 {
		t.Errorf("tasks are at %v, want two", seen)
	}
}

// Running finds the objects of a stack by the names in its file.
func runs(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	dir := writeFiles(t, map[string]string{"data/f": "x", "stack.yaml": `services:
  db:
    image: example/probe:1
    command: ['-after', '5m']
    deploy: {replicas: 2, endpoint_mode: dnsrr}
    networks: [back]
    volumes: ['stock:/stock', './data:/data']
networks: {back: {}}
volumes: {stock: {}}
`})
	shop := s.Nodes()[0].Deploy(t, spec.Stack{Files: []string{filepath.Join(dir, "stack.yaml")}, Images: map[string]string{"example/probe:1": img.Ref}})
	is := shop.Running(t)
	var got []string
	for i, c := range is.Containers {
		got = append(got, fmt.Sprint(c.Service, " ", c.Number, " ", c.State))
		if k := shop.Service(t, "db").Tasks(t)[i]; c.ID != k.ContainerID || c.Node != k.Node || !strings.HasPrefix(c.Name, shop.Name+"_db.") {
			t.Errorf("container %+v is not that of task %+v", c, k)
		}
	}
	for _, n := range is.Networks {
		got = append(got, n.Key+" "+n.Driver)
		if n.Name != shop.Network(t, "back") || n.ID == "" {
			t.Errorf("network %+v, want the name %s", n, shop.Network(t, "back"))
		}
	}
	keys := map[string]string{}
	for _, v := range is.Volumes {
		keys[v.Key] = v.Driver
		if v.Node == "" || v.Key == "stock" && v.Name != shop.Volume(t, "stock") {
			t.Errorf("volume %+v, want a node, and the name %s", v, shop.Volume(t, "stock"))
		}
	}
	if want := "[db 1 running db 2 running back overlay] map[data:local stock:local]"; fmt.Sprint(got, keys) != want {
		t.Errorf("running = %v %v, want %s", got, keys, want)
	}
}

// A request that makes no sense, or is about something removed, fails at once.
func oddStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	stack := func(text string) spec.Stack {
		return spec.Stack{Files: []string{stackFile(t, text)}, Images: map[string]string{"example/probe:1": img.Ref}}
	}
	refused(t, "there are no services in it", func(t seatrial.T) {
		manager.Deploy(t, spec.Stack{Files: stack("networks: {a: }\n").Files})
	})
	off := stack("services: {web: {image: 'example/probe:1', command: ['-serve', ':80'], deploy: {replicas: 0, endpoint_mode: dnsrr}}}\n")
	off.Ready = map[string]wait.Condition{"web": wait.Log("listening")}
	refused(t, "service web: it has no tasks", func(t seatrial.T) { manager.Deploy(t, off) })
	off.Ready = nil
	shop := manager.Deploy(t, off)
	web := shop.Service(t, "web")
	refused(t, "scaling service web to -1: there is no such number of replicas", func(t seatrial.T) { web.Scale(t, -1) })
	refused(t, "looking up the tasks of service web: there is none", func(t seatrial.T) { web.Tasks(t) })
	web.Scale(t, 1)

	// An update that cannot begin changes nothing.
	next := stack("services: {web: {build: ./nowhere, image: 'example/built:1', ports: ['9999:80']}}\n")
	next.Images = nil
	refused(t, "nowhere", func(t seatrial.T) { shop.Update(t, next) })
	if plan := shop.Plan(); strings.Contains(plan, "9999") {
		t.Errorf("after an update that did not begin the plan is\n%s", plan)
	}
	docker(t, manager.Host(), "service", "rm", shop.Name+"_web")
	refused(t, "waiting for service web: it is not in the swarm any more", func(t seatrial.T) { web.Wait(t) })
}

// The test provides each copy with its own externals of the file.
func externalFiles(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	const value = "KEY=GRtsp8-not-for-"
	dir := writeFiles(t, map[string]string{
		"stack.yaml": "services: {web: {image: 'example/probe:1', command: ['-stat', '/run/secrets/key', '-stat', '/hello', '-serve', ':80'],\n" +
			"  secrets: [key], configs: [{source: hello, target: /hello}], deploy: {mode: global, endpoint_mode: dnsrr}}}\n" +
			"secrets: {key: {external: true, name: app-key}}\nconfigs: {hello: {external: true}}\n",
		"one.txt": value + "one", "two.txt": value + "two",
	})
	var artifacts string
	t.Run("test", func(t *testing.T) {
		artifacts = seatrial.Artifacts(t)
		for _, n := range []string{"one", "two"} {
			shop := manager.Deploy(t, spec.Stack{
				Files: []string{dir + "/stack.yaml"}, Images: map[string]string{"example/probe:1": img.Ref},
				Secrets: map[string]string{"app-key": dir + "/" + n + ".txt"}, Configs: map[string]string{"hello": dir + "/stack.yaml"},
			})
			for _, k := range shop.Service(t, "web").Tasks(t) {
				if log := k.Logs(t); !strings.Contains(log, value+n) || !strings.Contains(log, "services: {web") {
					t.Errorf("%s of copy %s sees %q", k, n, log)
				}
			}
		}
	})
	err := filepath.Walk(artifacts, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		if content, _ := os.ReadFile(path); strings.Contains(string(content), value) {
			t.Errorf("%s has the secret", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	refused(t, `secret "app-key" is external`, func(t seatrial.T) { // the spec gives it no content
		manager.Deploy(t, spec.Stack{Files: []string{dir + "/stack.yaml"}, Images: map[string]string{"example/probe:1": img.Ref}})
	})
}

// Images with a build section are built, on an image of the test, and reach all nodes.
func stackBuilds(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	dir := writeFiles(t, map[string]string{
		"stack.yaml": "services:\n" +
			"  web: {build: {context: ./app, args: {GREETING: hello}}, image: 'example/app:1', deploy: {mode: global, endpoint_mode: dnsrr}}\n" +
			"  too: {image: 'example/app:1', command: ['-env', 'GREETING', '-serve', ':80'], deploy: {endpoint_mode: dnsrr}}\n" +
			"  upon: {build: {context: ./upon, args: {BASE: 'example/app:1'}, no_cache: true}, command: ['-env', 'GREETING', '-stat', '/upon', '-serve', ':80'], deploy: {endpoint_mode: dnsrr}}\n",
		"upon/file": "from its context", "more/Dockerfile": "ARG BASE\nFROM $BASE\nCOPY file /upon\n",
		"app/Dockerfile": "FROM example/probe:1\nARG GREETING\nENV GREETING=$GREETING\nCOPY page /page\nCMD [\"-env\", \"GREETING\", \"-stat\", \"/page\", \"-serve\", \":80\"]\n",
		"app/page":       "as shipped",
	})
	shop := s.Nodes()[0].Deploy(t, spec.Stack{
		Files: []string{dir + "/stack.yaml"}, Images: map[string]string{"example/probe:1": img.Ref},
		Builds: map[string]spec.Build{"upon": {Files: []string{dir + "/more/Dockerfile"}}},
	})
	tasks := shop.Service(t, "web").Tasks(t)
	for _, k := range tasks {
		if log := k.Logs(t); !strings.Contains(log, "hello\n") || !strings.Contains(log, "as shipped") {
			t.Errorf("%s says %q", k, log)
		}
	}
	if len(tasks) != 3 {
		t.Errorf("tasks = %v, want one on each node", tasks)
	}
	if log := shop.Service(t, "too").Logs(t); !strings.HasPrefix(log, "hello\n") {
		t.Errorf("the service that has the image by its tag says %q", log)
	}
	if log := shop.Service(t, "upon").Logs(t); !strings.Contains(log, "hello\n") || !strings.Contains(log, "from its context") {
		t.Errorf("the service that is built upon it, from a Dockerfile of the test, says %q", log)
	}
	if entries, err := os.ReadDir(dir + "/app"); err != nil || len(entries) != 2 {
		t.Errorf("the directory has %v, %v", entries, err)
	}
}

// Copies that must not run at the same time wait for each other.
func lockedStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	stack := spec.Stack{
		Files:  []string{stackFile(t, "services: {web: {image: 'example/probe:1', command: ['-serve', ':8098'], networks: [outside], deploy: {endpoint_mode: dnsrr}}}\nnetworks: {outside: {external: true, name: host}}\n")},
		Images: map[string]string{"example/probe:1": img.Ref}, Lock: []string{"host-network"},
	}
	first := manager.Deploy(t, stack)
	began := make(chan struct{})
	ended := make(chan *enginetest.Recorder)
	go func() {
		ended <- enginetest.Record(t.Name()+"/second", time.Time{}, func(r *enginetest.Recorder) {
			close(began)
			manager.Deploy(r, stack)
		})
	}()
	<-began
	stop := make(chan struct{})
	go func() { // long enough to see that the other one waits
		defer close(stop)
		time.Sleep(2 * time.Second)
	}()
	select {
	case r := <-ended:
		t.Fatalf("the second copy did not wait: %s", r.Errors())
	case <-stop:
	}
	if got := docker(t, manager.Host(), "stack", "ls", "--format", "{{.Name}}"); got != first.Name {
		t.Errorf("while the first copy holds the lock, the stacks are %q", got)
	}
	first.Remove(t)
	if r := <-ended; r.Failed() {
		t.Errorf("the second copy: %s", r.Errors())
	}
}

// TestKeptVictim leaves a stack on an existing swarm.
func TestKeptVictim(t *testing.T) {
	image := os.Getenv("SEATRIAL_TEST_KEPT")
	if image == "" {
		t.Skip("is started by other tests")
	}
	swarmtest.Start(t, swarmtest.Spec{}).Nodes()[0].Deploy(t, spec.Stack{
		Files:  []string{stackFile(t, "services: {web: {image: 'example/probe:1', command: ['-serve', ':80'], volumes: ['data:/data'], deploy: {mode: global, endpoint_mode: dnsrr}}}\nvolumes: {data: }\n")},
		Images: map[string]string{"example/probe:1": image},
	})
}

// A kept stack survives seatrial gc on any node, and the command in the test's log
// removes it from all of them.
func keptStack(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	tmp, hosts := t.TempDir(), []string{}
	for _, n := range s.Nodes() {
		hosts = append(hosts, n.Host())
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKeptVictim$", "-test.v")
	cmd.Env = append(os.Environ(), "SEATRIAL_TEST_KEPT="+img.Ref, "SEATRIAL_KEEP=all:30m", "SEATRIAL_SWARM="+strings.Join(hosts, " "),
		"SEATRIAL_SWARM_REGISTRY="+s.Registry(), "SEATRIAL_NO_COLLECT=1", "TMPDIR="+tmp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, command, _ := strings.Cut(string(out), "hint: ")
	command, _, ok := strings.Cut(command, " removes it")
	if !ok {
		t.Fatalf("it is not said how to remove what is kept:\n%s", out)
	}
	if !enginetest.AwaitProcesses("TMPDIR=" + tmp) { // the watchdog visits all nodes before it ends
		t.Error("a process of the test's is left")
	}
	for _, n := range s.Nodes() {
		e, err := engine.At(t.Context(), engine.Named{Host: n.Host()}, engine.Caller{})
		if err == nil {
			_, err = sweep.Dead(t.Context(), e, "", nil)
			e.CloseIdle()
		}
		if err != nil {
			t.Error(err)
		}
		if got := objects(t, n.Host(), "/volumes"); len(got) != 2 { // and the record that says so
			t.Errorf("volumes on %s = %q, want two", n, got)
		}
		if got := objects(t, n.Host(), "/containers/json"); len(got) != 1 {
			t.Errorf("containers that run on %s = %q, want one", n, got)
		}
	}
	program := enginetest.SeatrialCommand(t)
	out, err = exec.Command("sh", "-c", strings.Replace(command, "seatrial gc", program+" gc", 1)).CombinedOutput()
	if t.Logf("%s\n%s", command, out); err != nil {
		t.Errorf("%s: %v", command, err)
	}
}
