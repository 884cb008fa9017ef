// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

func TestStacks(t *testing.T) {
	t.Parallel()
	onOneSwarm(t, []swarmTest{
		{"deploy", deploy}, {"two stacks on one network", twoStacks}, {"evidence", stackEvidence}, {"wrong stacks", wrongStacks}, {"updates", updates}, {"changes that no node takes", changesThatNoNodeTakes}, {"running", runs}, {"a config under a new name", renamedConfig}, {"odd stacks", oddStacks}, {"external files", externalFiles}, {"builds", stackBuilds},
	})
}

// stackFile writes a stack file, beside a file with a secret.
func stackFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"stack.yaml": text, "key.txt": "GRtsp8-not-for-eyes"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "stack.yaml")
}

const shopStack = `
services:
  web:
    image: example/probe:1
    command: ["-print", "web is up", "-serve", ":80"]
    ports: [{target: 80, published: 8080, mode: host}]
    networks: [front]
    secrets: [key]
    deploy: {mode: global, endpoint_mode: dnsrr}
  db:
    image: example/probe:1
    command: ["-serve", ":5432"]
    volumes: ["data:/data"]
    networks: [front]
    healthcheck: {test: ["CMD", "/probe", "-check", "http://127.0.0.1:5432/health"], interval: 200ms}
    deploy: {replicas: 2, endpoint_mode: dnsrr}
  migrate:
    image: example/probe:1
    command: ["-print", "migrated"]
    networks: [front]
    deploy: {restart_policy: {condition: none}, endpoint_mode: dnsrr}
networks: {front: }
volumes: {data: }
secrets: {key: {file: ./key.txt}}
`

// A stack from its file, and a second one that joins its network, are deployed,
// queried, updated, scaled and removed.
func deploy(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	images := map[string]string{"example/probe:1": img.Ref}
	before := swarmObjects(t, s)
	file := stackFile(t, shopStack)
	next := strings.Replace(shopStack, "web is up", "web is newer", 1)
	next = strings.Replace(next, "mode: global,", "mode: global, update_config: {monitor: 500ms, parallelism: 0},", 1)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "next.yaml"), []byte(next), 0o600); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	shop := manager.Deploy(t, spec.Stack{Files: []string{file}, Images: images, Ready: map[string]wait.Condition{"web": wait.HTTP(8080, "/health")}})
	t.Logf("deployed after %v", time.Since(began).Round(time.Millisecond))
	web := shop.Service(t, "web").Tasks(t)
	if len(web) != 3 || web[1].Name != "web.worker1" {
		t.Errorf("tasks of web = %v", web)
	}
	for _, k := range web {
		if got := get(t, k.URL(t, 8080)+"/health"); got != "ok\n" {
			t.Errorf("%s: %q", k, got)
		}
		if r := k.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/run/secrets/key"}}); !strings.Contains(r.Stdout, "not-for-eyes") {
			t.Errorf("%s: the secret is %q", k, r.Stdout)
		}
	}
	if log := shop.Service(t, "migrate").Logs(t); log != "migrated\n" {
		t.Errorf("log of migrate = %q", log)
	}
	began = time.Now()
	shop.Update(t, spec.Stack{Files: []string{strings.Replace(file, "stack.yaml", "next.yaml", 1)}, Images: images})
	t.Logf("updated after %v", time.Since(began).Round(time.Millisecond))
	shop.Service(t, "web").Wait(t, wait.Log("^web is newer$"))
	db := shop.Service(t, "db")
	db.Scale(t, 3)
	if got := len(db.Tasks(t)); got != 3 {
		t.Errorf("scaled to %d tasks, want 3", got)
	}
	web = shop.Service(t, "web").Tasks(t)
	other := manager.Deploy(t, spec.Stack{
		Files:  []string{stackFile(t, "services: {client: {image: 'example/probe:1', command: ['-serve', ':80'], networks: [shop], deploy: {endpoint_mode: dnsrr}}}\nnetworks: {shop: {external: true}}\n")},
		Images: images, Networks: map[string]string{"shop": shop.Network(t, "front")},
	})
	client := other.Service(t, "client").Task(t)
	if r := client.Exec(t, spec.Exec{Command: []string{"/probe", "-check", "http://" + web[0].Container(t).IP(t, shop.Network(t, "front")) + "/health"}}); r.ExitCode != 0 {
		t.Errorf("from one stack to the other: %+v", r)
	}
	began = time.Now()
	other.Remove(t)
	shop.Remove(t)
	t.Logf("removed after %v", time.Since(began).Round(time.Millisecond))
	if after := swarmObjects(t, s); !slices.Equal(after, before) {
		t.Errorf("left = %q, want %q", after, before)
	}
}

// The first line of a failure says what is wrong with a stack, soon after that can be
// known.
func wrongStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	images := map[string]string{"example/probe:1": img.Ref}
	manager.Serve(t, spec.Service{Image: img.Ref, Name: "first", Mode: spec.Global, EndpointMode: "dnsrr", Command: []string{"-serve", ":80"},
		Flags: []string{"--publish=mode=host,target=80,published=8099"}})
	service := func(more string) string {
		return "services:\n  web:\n    image: example/probe:1\n    command: ['-serve', ':80']\n" + more
	}
	for _, test := range []struct {
		name, text string
		want       []string // in the first line
		spec       spec.Stack
	}{
		{name: "unknown constraint", text: service("    deploy: {placement: {constraints: ['node.labels.disk == ssd']}}\n"),
			want: []string{"service web: ", "no suitable node", `no node meets the constraint "node.labels.disk == ssd"`, "no node has node.labels.disk"}},
		{name: "reservation too large", text: service("    deploy: {resources: {reservations: {memory: 900G}}}\n"),
			want: []string{"service web: ", "no suitable node", "it reserves 900.0 GiB of memory, and no node has more than"}},
		{name: "image missing", text: strings.Replace(service(""), "example/probe:1", "example/none:7", 1) + "  ok: {image: 'example/probe:1', command: ['-serve', ':80']}\n",
			want: []string{"service web: task web.1 on ", "example/none"}},
		{name: "image missing where it is looked for", text: strings.Replace(service(""), "example/probe:1", s.Registry()+"/none:7", 1) + "  ok: {image: 'example/probe:1', command: ['-serve', ':80']}\n",
			want: []string{"service web: task web.1 on ", s.Registry() + "/none:7"}},
		{name: "port taken in host mode", text: service("    ports: [{target: 80, published: 8099, mode: host}]\n"), spec: spec.Stack{KeepPorts: []int{8099}},
			want: []string{"service web: task web.", "no suitable node", "port 8099 in host mode"}},
		{name: "ends again and again, and each task fulfils the condition",
			text: strings.Replace(service("    deploy: {restart_policy: {delay: 100ms}}\n"), "'-serve', ':80'", "'-print', '!error: no licence', '-after', '1s', '-exit', '4'", 1) +
				"  late: {image: 'example/probe:1', command: ['-after', '5s', '-serve', ':80']}\n",
			spec: spec.Stack{Ready: map[string]wait.Condition{"late": wait.Log("listening"), "web": wait.Log("no licence")}},
			want: []string{"service web: task web.1 on ", "exited with code 4: error: no licence"}},
		{name: "no such program", text: service("    entrypoint: [/nosuch]\n"), want: []string{"service web: task web.1 on ", "/nosuch: no such file or directory"}},
		{name: "no such program, once", text: service("    entrypoint: [/nosuch]\n    deploy: {restart_policy: {condition: none}}\n"),
			want: []string{"service web: task web.1 on ", "/nosuch: no such file or directory"}},
		{name: "missing secret", text: service("    secrets: [licence]\nsecrets: {licence: {external: true}}\n"), want: []string{"licence"}},
		{name: "network missing", text: service("    networks: [proxy]\nnetworks: {proxy: {external: true}}\n"), spec: spec.Stack{Networks: map[string]string{"proxy": "nowhere"}}, want: []string{"nowhere"}},
		{name: "placement impossible", text: service("    deploy: {replicas: 5, placement: {max_replicas_per_node: 1}}\n"),
			want: []string{"service web: task web.", "no suitable node", "max_replicas_per_node is 1, which is too few for 5 tasks; nodes for them: 3"}},
		{name: "health check failing", text: service("    healthcheck: {test: ['CMD', '/probe', '-check', 'http://127.0.0.1:81/'], interval: 100ms, retries: 2}\n"),
			want: []string{"service web: task web.1 on ", "unhealthy"}},
		{name: "one-shot", text: strings.Replace(service("    deploy: {restart_policy: {condition: none}}\n"), "'-serve', ':80'", "'-print', '!cannot migrate', '-exit', '1'", 1),
			want: []string{"service web: task web.1 on ", "exited with code 1: cannot migrate"}},
		{name: "ends soon after its start", text: strings.Replace(service("    deploy: {restart_policy: {condition: none}}\n"), "'-serve', ':80'", "'-after', '350ms', '-print', '!no licence', '-exit', '2'", 1),
			want: []string{"service web: task web.1 on ", "exited with code 2: no licence"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stack := test.spec
			stack.Files, stack.Images, stack.TimeLimit = []string{stackFile(t, test.text)}, images, 40*time.Second
			began := time.Now()
			err := seatrial.Try(t, func(t seatrial.T) { manager.Deploy(t, stack) })
			returned := time.Now()
			t.Logf("after %v: %v", returned.Sub(began).Round(time.Millisecond), err)
			if err == nil {
				t.Fatal("it was deployed")
			}
			line, _, _ := strings.Cut(err.Error(), "\n")
			for _, want := range test.want {
				if !strings.Contains(line, want) {
					t.Errorf("first line is %q, want %q", line, want)
				}
			}
			var task *seatrial.TaskError
			if strings.HasPrefix(test.want[0], "service web") && !errors.As(err, &task) {
				t.Errorf("the cause is %T", err)
			}
			if knowable := lastChange(t, manager); !knowable.IsZero() {
				late := returned.Sub(knowable)
				t.Logf("known %v after it could be", late.Round(time.Millisecond))
				if late > 10*time.Second {
					t.Errorf("the error came after %v", late)
				}
			}
		})
	}
}

// lastChange returns when the swarm last changed a task of the test's service web,
// or the zero time if there is none.
func lastChange(t *testing.T, manager *swarmtest.Node) (at time.Time) {
	t.Helper()
	services := strings.Fields(docker(t, manager.Host(), "service", "ls", "--format", "{{.Name}}", "--filter", "label="+owner.LabelTest+"="+t.Name()))
	i := slices.IndexFunc(services, func(name string) bool { return strings.HasSuffix(name, "_web") })
	if i < 0 {
		return at
	}
	for _, id := range strings.Fields(docker(t, manager.Host(), "service", "ps", "--quiet", "--no-trunc", services[i])) {
		text := docker(t, manager.Host(), "inspect", "--type", "task", "--format", "{{.Status.Timestamp.UnixNano}} {{.Status.State}}", id)
		text, state, _ := strings.Cut(text, " ")
		nanos, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if when := time.Unix(0, nanos); (state == "failed" || state == "rejected" || state == "pending") && when.After(at) {
			at = when
		}
	}
	return at
}

// If the kernel has no IPVS, the error about a port of the routing mesh says that it is
// needed.
func noMesh(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	stack := spec.Stack{
		Files:  []string{stackFile(t, "services:\n  web: {image: 'example/probe:1', command: ['-serve', ':80'], ports: ['8080:80']}\n  db: {image: 'example/probe:1', command: ['-serve', ':80']}\n")},
		Images: map[string]string{"example/probe:1": img.Ref},
	}
	if _, err := os.Stat("/proc/net/ip_vs"); err == nil {
		shop := manager.Deploy(t, stack)
		if got := get(t, shop.Service(t, "web").URL(t, 8080)+"/health"); got != "ok\n" {
			t.Errorf("by the mesh: %q", got)
		}
		return
	}
	shop := manager.Deploy(t, stack)
	const want = "the routing mesh publishes it, which needs IPVS, and the kernel of node "
	refused(t, want, func(t seatrial.T) { shop.Service(t, "web").URL(t, 8080) })
	refused(t, want, func(t seatrial.T) { shop.Service(t, "web").Task(t).Container(t).URL(t, 80) })
	began := time.Now()
	refused(t, want, func(t seatrial.T) {
		stack.Ready = map[string]wait.Condition{"web": wait.HTTP(8080, "/health")}
		manager.Deploy(t, stack)
	})
	t.Logf("a deployment that waits for it failed after %v", time.Since(began).Round(time.Millisecond))
}

// A failed update is paused or rolled back, as the file says, and the error says
// which, and why.
func updates(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	version := func(command, action string) spec.Stack {
		return spec.Stack{Images: map[string]string{"example/probe:1": img.Ref}, Files: []string{stackFile(t, fmt.Sprintf("services: {web: {image: 'example/probe:1', command: [%s], "+
			"deploy: {endpoint_mode: dnsrr, restart_policy: {delay: 100ms}, update_config: {failure_action: %s, monitor: 2s}, rollback_config: {monitor: 200ms}}}}\n", command, action))}}
	}
	shop := manager.Deploy(t, version("'-print', 'version 1', '-serve', ':80'", "rollback"))
	web := shop.Service(t, "web")
	for action, want := range map[string]string{"rollback": "service web: its update was rolled back", "pause": "service web: its update is paused"} {
		bad := version("'-print', '!error: no such table', '-exit', '3'", action)
		err := seatrial.Try(t, func(t seatrial.T) { shop.Update(t, bad) })
		if err == nil {
			t.Fatalf("%s: the update was done", action)
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		t.Log(first)
		if !strings.HasPrefix(first, "updating ") || !strings.Contains(first, want) || !strings.Contains(first, "exited with code 3: error: no such table") {
			t.Errorf("%s: first line is %q, want %q and the exit code", action, first, want)
		}
		if action == "pause" {
			web.Rollback(t)
		} else if err := seatrial.Try(t, func(t seatrial.T) { web.Rollback(t) }); err == nil || !strings.Contains(err.Error(), "its last update has been rolled back already") {
			t.Errorf("rolling back what the swarm has rolled back: %v", err)
		}
		web.Wait(t, wait.Log("^version 1$"))
	}
}

// Update, Scale and Rollback fail with the swarm's reason when no node takes the next task,
// as a deployment does, and not when their time is up.
func changesThatNoNodeTakes(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	stack := spec.Stack{
		Files: []string{stackFile(t, `
services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    environment: {COLOUR: "${COLOUR}"}
    ports: [{target: 80, published: 8097, mode: host}]
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: ["node.role == ${ROLE}"]}
      update_config: {order: "${ORDER}", monitor: 200ms}
      rollback_config: {order: "${ORDER}", monitor: 200ms}
`)},
		Images:    map[string]string{"example/probe:1": img.Ref},
		KeepPorts: []int{8097}, // as where the file is shipped to
		TimeLimit: 3 * time.Minute,
	}
	as := func(colour, order, role string) spec.Stack {
		stack.Env = map[string]string{"COLOUR": colour, "ORDER": order, "ROLE": role}
		return stack
	}
	shop := s.Nodes()[0].Deploy(t, as("blue", "start-first", "manager"))
	web := shop.Service(t, "web")
	refused(t, ": it publishes port 8097 in host mode", func(t seatrial.T) { shop.Update(t, as("red", "start-first", "manager")) })
	shop.Update(t, as("blue", "start-first", "manager")) // the task that runs is the one that is wanted
	refused(t, "rolling service web back: service web: task web.1: no suitable node (", func(t seatrial.T) { web.Rollback(t) })
	shop.Update(t, as("blue", "start-first", "manager"))
	refused(t, "scaling service web to 2: service web: task web.2: no suitable node (", func(t seatrial.T) { web.Scale(t, 2) })
	refused(t, `no node meets the constraint "node.role == nobody"`, func(t seatrial.T) { shop.Update(t, as("blue", "stop-first", "nobody")) })
}

// A leased port stays the same when the service is made again, and no other copy
// has it.
func leases(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	const text = "services: {web: {image: 'example/probe:1', command: ['-print', '%s', '-serve', ':80'], ports: [{target: 80, published: 8080, mode: host}], deploy: {endpoint_mode: dnsrr, update_config: {monitor: 500ms}}}}\n"
	stack := spec.Stack{Files: []string{stackFile(t, fmt.Sprintf(text, "one"))}, Images: map[string]string{"example/probe:1": img.Ref}, StablePorts: true}
	first, second := manager.Deploy(t, stack), manager.Deploy(t, stack)
	portOf := func(k *seatrial.Stack) string {
		_, port, err := net.SplitHostPort(k.Service(t, "web").Addr(t, 8080))
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	before := portOf(first)
	if other := portOf(second); other == before {
		t.Errorf("two copies have port %s", other)
	}
	stack.Files = []string{stackFile(t, fmt.Sprintf(text, "two"))}
	first.Update(t, stack)
	if after := portOf(first); after != before {
		t.Errorf("the port was %s, and is %s after an update", before, after)
	}
	first.Service(t, "web").Wait(t, wait.Log("^two$"))
}

// Many copies of a stack run at the same time on one swarm.
func manyStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager := s.Nodes()[0]
	file := stackFile(t, copiedStack)
	copies := enginetest.Sample(t, "SEATRIAL_STACKS", 3, 20, "copies of a stack at once")
	var mu sync.Mutex
	at := map[string]int{}
	var all sync.WaitGroup
	began := time.Now()
	var removed time.Duration
	for n := range copies {
		all.Go(func() {
			r := enginetest.Record(fmt.Sprintf("%s/%d", t.Name(), n), time.Time{}, func(t *enginetest.Recorder) {
				stack := manager.Deploy(t, spec.Stack{
					Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}, Env: map[string]string{"COPY": strconv.Itoa(n)},
					TimeLimit: 8 * time.Minute,
				})
				addr := stack.Service(t, "web").Addr(t, 8080)
				mu.Lock()
				other, taken := at[addr]
				at[addr] = n
				mu.Unlock()
				if taken {
					t.Errorf("copies %d and %d are both at %s", n, other, addr)
				}
				// Each copy finds its own service by the name in the file.
				for stop := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // nodes learn of names from each other, late
					got, err := fetchText("http://" + addr + "/fetch?http://db/env?COPY")
					if err == nil && got == strconv.Itoa(n) {
						break
					}
					if time.Now().After(stop) || err == nil && len(got) < 3 {
						t.Errorf("the database of copy %d says %q, %v", n, got, err)
						break
					}
				}
				if began := time.Now(); n%2 == 0 { // the others are removed with their tests
					stack.Remove(t)
					mu.Lock()
					removed = max(removed, time.Since(began))
					mu.Unlock()
				}
			})
			if r.Failed() {
				t.Errorf("copy %d: %s", n, r.Errors())
			}
		})
	}
	all.Wait()
	t.Logf("%d copies of a stack were deployed and removed in %v; the slowest removal took %v", copies, time.Since(began).Round(time.Millisecond), removed.Round(time.Millisecond))
}

const copiedStack = `
services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: [{target: 80, published: 8080, mode: host}]
    networks: [front]
    secrets: [key]
    volumes: ["data:/data"]
    deploy: {endpoint_mode: dnsrr}
  db:
    image: example/probe:1
    command: ["-serve", ":80"]
    environment: {COPY: "${COPY}"}
    networks: [front]
    deploy: {endpoint_mode: dnsrr}
networks: {front: }
volumes: {data: {name: shop-data}}
secrets: {key: {name: shop-key, file: ./key.txt}}
`

func fetchText(url string) (string, error) {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// The swarm changes no config: a stack has the next version under another name.
func renamedConfig(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	file := stackFile(t, `
services:
  web:
    image: example/probe:1
    command: ["-stat", "/conf", "-serve", ":80"]
    configs: [{source: conf, target: /conf}]
    deploy: {endpoint_mode: dnsrr, update_config: {monitor: 200ms}}
configs: {conf: {name: "conf-${VERSION}", file: "./conf-${VERSION}"}}
`)
	for _, version := range []string{"1", "2"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "conf-"+version), []byte("limit="+version), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	version := func(v string) spec.Stack {
		return spec.Stack{Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}, Env: map[string]string{"VERSION": v}}
	}
	shop := s.Nodes()[0].Deploy(t, version("1"))
	shop.Update(t, version("2"))
	shop.Service(t, "web").Wait(t, wait.Log("limit=2"))
}
