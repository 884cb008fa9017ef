// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// startSwarm starts a swarm of the pinned engine.
func startSwarm(t *testing.T, s swarmtest.Spec) *swarmtest.Swarm {
	t.Helper()
	s.Engine.Dockerd = enginetest.NeedDockerd(t, enginetest.Dockerd)
	began := time.Now()
	w := swarmtest.Start(t, s)
	t.Logf("%d managers, %d workers: ready after %v", max(s.Managers, 1), s.Workers, time.Since(began).Round(time.Millisecond))
	return w
}

// eventually waits until wrong returns "".
func eventually(t *testing.T, limit time.Duration, wrong func() string) {
	t.Helper()
	for stop := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		is := wrong()
		if is == "" {
			return
		}
		if time.Now().After(stop) {
			t.Fatalf("after %v: %s", limit, is)
		}
	}
}

// fetch asks the task of service web on a node to fetch something.
func fetch(from *swarmtest.Node, url string) error {
	client := http.Client{Timeout: 1500 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + from.Address() + ":5000/fetch?" + url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "ok\n" {
		return fmt.Errorf("%s: %s", resp.Status, body)
	}
	return nil
}

// between tries, from one node's task of service web to another's, its port and
// its address in the network of the swarm, and returns what came of it.
func between(t *testing.T, from, to *swarmtest.Node) (port, mesh error) {
	t.Helper()
	id := docker(t, to.Host(), "ps", "--quiet", "--filter", "label=com.docker.swarm.service.name=web")
	at := docker(t, to.Host(), "inspect", id, "--format", "{{.NetworkSettings.Networks.mesh.IPAddress}}")
	var both sync.WaitGroup
	both.Go(func() { port = fetch(from, "http://"+to.Address()+":5000/health") })
	both.Go(func() { mesh = fetch(from, "http://"+at+"/health") })
	both.Wait()
	return port, mesh
}

// reach waits until one node reaches another.
func reach(t *testing.T, from, to *swarmtest.Node) {
	t.Helper()
	eventually(t, 20*time.Second, func() string {
		if port, mesh := between(t, from, to); port != nil || mesh != nil {
			return fmt.Sprintf("from %s, %s is not reached: port %v; network %v", from, to, port, mesh)
		}
		return ""
	})
}

// silent checks that nothing comes back, neither an answer nor a refusal.
func silent(t *testing.T, from, to *swarmtest.Node) {
	t.Helper()
	port, mesh := between(t, from, to)
	for how, err := range map[string]error{"port": port, "network": mesh} {
		if timeout, ok := err.(interface{ Timeout() bool }); !ok || !timeout.Timeout() {
			t.Errorf("from %s to %s by its %s: %v, want silence", from, to, how, err)
		}
	}
}

// runningOn returns the hostnames of nodes with a running task of a service.
func runningOn(t *testing.T, manager *swarmtest.Node, service string) []string {
	t.Helper()
	out := docker(t, manager.Host(), "service", "ps", service, "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}")
	var nodes []string
	for line := range strings.Lines(out) {
		if node, state, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(state, "Running") {
			nodes = append(nodes, node)
		}
	}
	slices.Sort(nodes)
	return nodes
}

func awaitTasks(t *testing.T, manager *swarmtest.Node, service string, want ...string) {
	t.Helper()
	eventually(t, time.Minute, func() string {
		if got := runningOn(t, manager, service); !slices.Equal(got, want) {
			return fmt.Sprintf("service %s runs on %v, want %v\n%s", service, got, want,
				docker(t, manager.Host(), "service", "ps", service, "--no-trunc"))
		}
		return ""
	})
}

// All verbs of a swarm and its nodes, on one swarm.
func TestSwarm(t *testing.T) {
	t.Parallel()
	var were []footprint
	t.Run("while it lives", func(t *testing.T) {
		s := startSwarm(t, swarmtest.Spec{Workers: 2})
		manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
		for i, want := range []string{"manager1", "worker1", "worker2"} {
			n := s.Nodes()[i]
			were = append(were, footprintOf(t, n))
			if got := docker(t, manager.Host(), "node", "inspect", n.ID, "--format", "{{.Description.Hostname}} {{.Status.State}} {{.Status.Addr}}"); got != want+" ready "+n.Address() {
				t.Errorf("node %d = %q, want %s, ready, at %s", i, got, want, n.Address())
			}
			if s.Node(t, want) != n || s.Node(t, n.ID) != n {
				t.Errorf("%s is not found by its name and id", want)
			}
			known, ok := engine.Known(n.ID)
			if want := (engine.KnownNode{At: engine.Named{Host: n.Host(), Address: n.Address()}, Registry: s.Registry()}); !ok || known != want {
				t.Errorf("the id of %s in a task is found as %+v, want %+v", n, known, want)
			}
		}
		were = append(were, switchOf(t, s))
		refused(t, `looking for node "worker3": 0 are called so, of manager1 (`, func(t seatrial.T) { s.Node(t, "worker3") })

		img := one.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
		ref := s.Push(t, img)
		for _, n := range s.Nodes() {
			n.Load(t, img) // for containers outside of the swarm
		}
		docker(t, manager.Host(), "network", "create", "--driver", "overlay", "mesh")
		docker(t, manager.Host(), "service", "create", "--detach", "--name", "web", "--mode", "global",
			"--network", "mesh", "--endpoint-mode", "dnsrr", "--publish", "mode=host,target=80,published=5000",
			"--stop-grace-period", "0s", ref, "-serve", ":80")
		awaitTasks(t, manager, "web", "manager1", "worker1", "worker2")
		t.Run("images reach every node", func(t *testing.T) {
			for _, n := range s.Nodes() {
				if got := get(t, "http://"+n.Address()+":5000/health"); got != "ok\n" {
					t.Errorf("port of the task on %s = %q", n, got)
				}
			}
			if again := s.Push(t, img); again != ref {
				t.Errorf("pushed again it is %s, and was %s", again, ref)
			}
		})
		t.Run("verbs", func(t *testing.T) {
			c := two.Run(t, serve(two.Load(t, img).Ref))
			if got := get(t, c.URL(t, 80)+"/health"); got != "ok\n" || !strings.Contains(c.URL(t, 80), two.Address()) {
				t.Errorf("container of the test at %s = %q", c.URL(t, 80), got)
			}
		})
		t.Run("links", func(t *testing.T) { links(t, s) })
		t.Run("roles", func(t *testing.T) { roles(t, s, ref) })
		t.Run("power", func(t *testing.T) { power(t, s, img) })
		if t.Failed() {
			return
		}
		began := time.Now()
		s.Stop(t)
		t.Logf("stopped after %v", time.Since(began).Round(time.Millisecond))
		for _, was := range were {
			gone(t, 0, was.everything)
		}
		s.Stop(t)
	})
	for _, was := range were {
		gone(t, 0, was.everything)
	}
}

// links breaks links, for containers too, both on the link itself and on a network
// of the swarm.
func links(t *testing.T, s *swarmtest.Swarm) {
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	reach(t, manager, one)
	reach(t, two, one)
	reach(t, one, two)

	two.Partition(t, one)
	silent(t, two, one)
	silent(t, one, two)
	reach(t, manager, one)
	reach(t, two, manager)
	one.Heal(t)
	reach(t, two, one)

	one.Partition(t)
	silent(t, two, one)
	silent(t, one, manager)
	if got := get(t, "http://"+one.Address()+":5000/health"); got != "ok\n" {
		t.Errorf("the test itself gets %q", got)
	}
	one.Await(t, "down")
	s.Heal(t)
	one.Await(t, "ready")
	awaitTasks(t, manager, "web", "manager1", "worker1", "worker2")
	reach(t, manager, one)

	one.Disturb(t, swarmtest.Disturbance{Loss: 1})
	if err := fetch(two, "http://"+one.Address()+":5000/health"); err == nil {
		t.Error("a link that loses everything is passed")
	}
	if conn, err := net.DialTimeout("tcp", one.Address()+":5000", time.Second); err == nil {
		conn.Close()
		t.Error("the test passes a link that loses everything")
	}
	one.Disturb(t, swarmtest.Disturbance{})
	reach(t, two, one)
	refused(t, "Loss be from 0 to 1", func(t seatrial.T) { one.Disturb(t, swarmtest.Disturbance{Loss: 1.5}) })
	t.Run("delay", func(t *testing.T) {
		if exec.Command("unshare", "--net", "tc", "qdisc", "replace", "dev", "lo", "root", "netem", "delay", "1ms").Run() != nil {
			refused(t, "this test needs more than there is: disturbing node worker1: the kernel's network emulator", func(t seatrial.T) {
				one.Disturb(t, swarmtest.Disturbance{Delay: time.Second})
			})
			return
		}
		one.Disturb(t, swarmtest.Disturbance{Delay: 300 * time.Millisecond})
		began := time.Now()
		get(t, "http://"+one.Address()+":5000/health")
		if took := time.Since(began); took < 600*time.Millisecond { // to connect, and to ask
			t.Errorf("two round trips took %v, with a delay of 300ms for each", took)
		}
		one.Heal(t)
	})
}

func roles(t *testing.T, s *swarmtest.Swarm, ref string) {
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	two.SetLabels(t, map[string]string{"disk": "fast", "zone": "b"})
	if got := two.State(t).Labels; got["disk"] != "fast" || got["zone"] != "b" {
		t.Errorf("labels = %v", got)
	}
	docker(t, manager.Host(), "service", "create", "--detach", "--name", "placed", "--stop-grace-period", "0s",
		"--constraint", "node.labels.disk==fast", ref, "-serve", ":80")
	awaitTasks(t, manager, "placed", "worker2")
	two.RemoveLabels(t, "disk", "none such")
	if got := two.State(t).Labels; len(got) != 1 || got["zone"] != "b" {
		t.Errorf("labels after a removal = %v", got)
	}

	two.Drain(t)
	awaitTasks(t, manager, "web", "manager1", "worker1")
	two.Activate(t)
	awaitTasks(t, manager, "web", "manager1", "worker1", "worker2")

	// A demoted node is not promoted as fast, so two is promoted further below.
	one.Promote(t)
	if out := docker(t, one.Host(), "node", "ls", "--filter", "role=manager", "--quiet"); len(strings.Fields(out)) != 2 {
		t.Errorf("managers, as the new one sees them = %q, want 2", out)
	}
	if got := one.State(t); got.Role != "manager" || !got.Reachable || got.Leader {
		t.Errorf("state after the promotion = %+v", got)
	}
	one.Demote(t)
	if out, err := exec.Command("docker", "--host", one.Host(), "node", "ls").CombinedOutput(); err == nil {
		t.Errorf("a worker lists nodes: %s", out)
	}
	refused(t, "demoting node manager1: ", func(t seatrial.T) { manager.Demote(t) })
}

// power turns a node off and on: its tasks move, and it comes back as it was.
func power(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	c := two.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
	docker(t, manager.Host(), "service", "create", "--detach", "--name", "moves", "--stop-grace-period", "0s",
		"--constraint", "node.role==worker", s.Push(t, img), "-serve", ":80")
	two.Partition(t, one)
	began := time.Now()
	two.Kill(t)
	t.Logf("killed after %v", time.Since(began).Round(time.Millisecond))
	refused(t, "was stopped", func(t seatrial.T) { two.Run(t, serve(img.Ref)) })
	if conn, err := net.DialTimeout("tcp", two.Address()+":5000", time.Second); err == nil {
		conn.Close()
		t.Error("a port of the dead node is reached")
	}
	two.Await(t, "down")
	t.Logf("known to be down after %v", time.Since(began).Round(time.Millisecond))
	awaitTasks(t, manager, "moves", "worker1")

	began = time.Now()
	two.Restart(t)
	two.Await(t, "ready")
	t.Logf("ready again after %v", time.Since(began).Round(time.Millisecond))
	if got := c.State(t); !got.Ended() {
		t.Errorf("the container that ran when the power went is %s", got)
	}
	awaitTasks(t, manager, "web", "manager1", "worker1", "worker2")
	reach(t, two, manager)
	silent(t, two, one) // still cut off from before
	two.Heal(t)
	reach(t, two, one)
	one.Kill(t) // so that it is dead at the end of the test
	one.Kill(t)
}

// A swarm that the environment declares as the user's own. (As it changes the
// environment, the test does not run in parallel.)
func TestUsersOwn(t *testing.T) {
	s := startSwarm(t, swarmtest.Spec{Workers: 2})
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	img := one.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	for _, n := range s.Nodes() {
		n.Load(t, img)
	}
	t.Setenv("SEATRIAL_SWARM", manager.Host()+" "+two.Host())
	one.SetLabels(t, map[string]string{"before": "1", "changed": "no"})
	t.Run("in use", func(t *testing.T) {
		own := swarmtest.Start(t, swarmtest.Spec{Workers: 2})
		if got := []string{own.Nodes()[0].Hostname, own.Node(t, one.ID).Host(), own.Node(t, "worker2").Host()}; !slices.Equal(got, []string{"manager1", "", two.Host()}) {
			t.Errorf("first node, and hosts of the workers = %q", got)
		}
		own.Node(t, "worker1").SetLabels(t, map[string]string{"new": "1", "changed": "yes"})
		own.Node(t, "worker1").RemoveLabels(t, "before")
		own.Node(t, "worker2").Drain(t)
		own.Node(t, "worker2").Promote(t)
		refused(t, "there is no engine", func(t seatrial.T) { own.Node(t, "worker1").Run(t, serve(img.Ref)) })
		refused(t, "killing node worker2: a swarm of its own, and SEATRIAL_SWARM names another", func(t seatrial.T) { own.Node(t, "worker2").Kill(t) })
		refused(t, "no registry that we know of, and we cannot talk to node worker1", func(t seatrial.T) { own.Push(t, img) })
		refused(t, "a swarm of 4 nodes, 1 of them managers; the one that SEATRIAL_SWARM names has 3, 2 of them managers", func(t seatrial.T) {
			swarmtest.Start(t, swarmtest.Spec{Workers: 3})
		})
		t.Setenv("SEATRIAL_SWARM_REGISTRY", s.Registry())
		if ref := swarmtest.Start(t, swarmtest.Spec{}).Push(t, img); !strings.HasPrefix(ref, s.Registry()+"/seatrial/") {
			t.Errorf("pushed to a registry of the user's = %s", ref)
		}
	})
	if got := one.State(t).Labels; fmt.Sprint(got) != "map[before:1 changed:no]" {
		t.Errorf("labels afterwards = %v", got)
	}
	if got := two.State(t); got.Role != "worker" || got.Availability != "active" {
		t.Errorf("state of worker2 afterwards = %+v", got)
	}
	t.Setenv("SEATRIAL_SWARM", "")
	two.Demote(t) // it is one already, except for its certificate
	t.Setenv("SEATRIAL_SWARM", two.Host())
	refused(t, "comes first, and is not a manager", func(t seatrial.T) { swarmtest.Start(t, swarmtest.Spec{}) })
}

// Managers elect another leader when theirs is cut off, and that one notices that
// it is the leader no longer.
func leaderChanges(t *testing.T, s *swarmtest.Swarm) {
	for _, n := range s.Nodes() {
		n.Await(t, "ready")
	}
	first := s.Leader(t)
	others := slices.DeleteFunc(s.Nodes(), func(n *swarmtest.Node) bool { return n == first })
	began := time.Now()
	s.Partition(t, first)
	leads := func(n *swarmtest.Node) string {
		out, _ := exec.Command("docker", "--host", n.Host(), "node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}").Output()
		for line := range strings.Lines(string(out)) {
			if name, ok := strings.CutSuffix(strings.TrimSpace(line), " Leader"); ok {
				return name
			}
		}
		return "nobody"
	}
	eventually(t, time.Minute, func() string {
		if a, b := leads(others[0]), leads(others[1]); a != b || a == first.Hostname || a == "nobody" {
			return fmt.Sprintf("%s follows %s, and %s follows %s; %s was cut off", others[0], a, others[1], b, first)
		}
		return ""
	})
	t.Logf("another leader after %v", time.Since(began).Round(time.Millisecond))
	if got := s.Leader(t); got == first {
		t.Errorf("leader = %s, which was cut off", got)
	}
	dockerWith(t, strings.NewReader("kept"), others[0].Host(), "config", "create", "said", "-")
	eventually(t, time.Minute, func() string {
		if leads(first) != "nobody" {
			return first.Hostname + " still thinks that it knows a leader"
		}
		return ""
	})
	s.Heal(t)
	eventually(t, 2*time.Minute, func() string {
		if out, err := exec.Command("docker", "--host", first.Host(), "config", "ls", "--format", "{{.Name}}").Output(); string(out) != "said\n" {
			return fmt.Sprintf("configs on %s = %q (%v), want what the others were told", first, out, err)
		}
		return ""
	})
}

// The first line of a failure names the node that does not start, with its daemon's
// last message; its log is among the artifacts. With go test -v the start has said how far it is.
func TestNodeDoesNotStart(t *testing.T) {
	dockerd := enginetest.NeedDockerd(t, enginetest.Dockerd)
	artifacts := t.TempDir()
	t.Setenv("SEATRIAL_ARTIFACTS", artifacts)
	t.Setenv("TMPDIR", t.TempDir())
	broken := filepath.Join(t.TempDir(), "dockerd")
	script := "#!/bin/sh\n[ \"$(cat /proc/sys/kernel/hostname)\" != worker2 ] || { echo thinking; sleep 5; echo out of ideas; exit 3; }\nexec " + dockerd + ` "$@"` + "\n"
	if err := os.WriteFile(broken, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(dockerd)+":"+os.Getenv("PATH"))
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		swarmtest.Start(r, swarmtest.Spec{Workers: 2, Engine: swarmtest.EngineSpec{Dockerd: broken}})
	})
	first, _, _ := strings.Cut(r.Errors(), "\n")
	if want := "starting a swarm: node worker2: starting a private engine: waiting for its API: dockerd exited with code 3: out of ideas"; first != want {
		t.Errorf("first line = %q\nwant %q", first, want)
	}
	if says := regexp.MustCompile(`starting a swarm: manager1 .*, worker1 .*, worker2 starts its engine`).MatchString(r.Logs()); says != testing.Verbose() {
		t.Errorf("verbose: %v; the log is\n%s", testing.Verbose(), r.Logs())
	}
	log, err := os.ReadFile(filepath.Join(artifacts, t.Name(), "worker2.dockerd.log"))
	if err != nil || !strings.Contains(string(log), "thinking\nout of ideas\n") {
		t.Errorf("log = %q, %v", log, err)
	}
	if left := directories(t); left != "" {
		t.Errorf("left: %s", left)
	}
}

// If engines cannot be started here, the test is skipped, unless SEATRIAL_REQUIRE forbids
// that.
func TestNeedsEngines(t *testing.T) {
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	nowhere := swarmtest.Spec{Engine: swarmtest.EngineSpec{Dockerd: "/no/such/dockerd"}}
	refused(t, "this test needs more than there is: a swarm of its own: looking for dockerd: ", func(t seatrial.T) { swarmtest.Start(t, nowhere) })
	refused(t, "starting a swarm: 1 managers and 60 workers", func(t seatrial.T) { swarmtest.Start(t, swarmtest.Spec{Workers: 60}) })
	t.Run("skips", func(t *testing.T) {
		t.Setenv("SEATRIAL_REQUIRE", "")
		swarmtest.Start(t, nowhere)
		t.Error("the test goes on without a swarm")
	})
}
