// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// row makes a failure of code: the rules are as those in testdata.
func row(t *testing.T, cause, rules string, line func(t *testing.T) string) failure {
	t.Helper()
	return failure{cause, readRules(t, rules), line}
}

// ofWaits are waits for containers that do not get there.
func ofWaits(t *testing.T) []failure {
	up := wait.State{Status: "running", StartID: "1"}
	ended := func(code int) wait.State { return wait.State{Status: "exited", ExitCode: code, StartID: "1"} }
	soon := func(c wait.Condition) wait.Condition { return wait.Within(60*time.Millisecond, c) }
	answering := func(c wait.Condition) wait.Condition { return wait.Within(time.Second, c) } // also on a slow machine
	waits := func(cause, rules string, to *target, c wait.Condition) failure {
		return row(t, cause, rules, func(t *testing.T) string {
			to.running = !to.state.Ended()
			return regexp.MustCompile(`within [\d.]+m?s`).ReplaceAllString(said(t, to, c), "within LIMIT")
		})
	}
	serves := func(cause, rules string, answer http.HandlerFunc, c wait.Condition) failure {
		return row(t, cause, rules, func(t *testing.T) string {
			server := httptest.NewServer(answer)
			defer server.Close()
			to := &target{state: up, running: true, addr: server.Listener.Addr().String()}
			return regexp.MustCompile(`within [\d.]+m?s`).ReplaceAllString(said(t, to, c), "within LIMIT")
		})
	}
	listens := func(all ...string) (l []wait.Listener) {
		for _, one := range all {
			l = append(l, wait.Listener{Addr: netip.MustParseAddrPort(one)})
		}
		return l
	}
	timeUp := func(limit string) failure {
		return row(t, "time is up: "+limit, "want api did not log \"ready\" within LIMIT ("+limit+")", func(t *testing.T) string {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, &report.Bound{Name: limit})
			defer cancel()
			err := wait.Until(ctx, &target{state: up, running: true}, wait.Log("ready"))
			return regexp.MustCompile(`within [\d.]+m?s`).ReplaceAllString(err.Error(), "within LIMIT")
		})
	}
	return []failure{
		waits("a line that comes in other words", `want api did not log "ready to accept connections" within LIMIT & closest: "ready to accept connection from 10.0.0.0/8"`,
			&target{state: up, stdout: []string{"starting", "ready to accept connection from 10.0.0.0/8"}}, soon(wait.Log("ready to accept connections"))),
		waits("nothing is logged", `want api did not log "ready" within LIMIT & nothing logged`, &target{state: up}, soon(wait.Log("ready"))),
		waits("a line that comes once and not twice", `want api did not log "ready" twice within LIMIT & 1 of 2 matches`, &target{state: up, stdout: []string{"ready"}}, soon(wait.Log("ready").Times(2))),
		waits("it ends before it logs a line twice", `want api exited with code 1 before logging "ready" twice: ERROR: no disk`, &target{state: ended(1), stdout: []string{"ready"}, stderr: []string{"ERROR: no disk"}}, wait.Log("ready").Times(2)),
		waits("it ends well where a server was expected", `want api exited with code 0 before answering http :8080/health`, &target{state: ended(0), stdout: []string{"nothing to do"}}, wait.HTTP(8080, "/health")),
		waits("a migration ends with another code", "exit 3\nwant migrate & exited with code 3, not 0: 0042 failed: column \"sku\" already exists", &target{name: "migrate", state: ended(3), stderr: []string{"0041 ok", `0042 failed: column "sku" already exists`}}, wait.Exit(0)),
		waits("it is killed for want of memory", "want api was killed for using too much memory", &target{state: wait.State{Status: "exited", ExitCode: 137, OOMKilled: true, StartID: "1"}}, wait.Ready()),
		waits("its program is not in the image", `want api did not start: & "serv": executable file not found in $PATH`, &target{state: wait.State{Status: "exited", ExitCode: 127, StartID: "1",
			Error: `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serv": executable file not found in $PATH: unknown`}}, wait.Ready()),
		waits("it crashes again and again", "want api keeps crashing (exit code 78, & restarts): FATAL: no licence", &target{state: wait.State{Status: "restarting", ExitCode: 78, Restarts: 12, StartID: "1"}, climbs: true, stderr: []string{"FATAL: no licence"}}, wait.Ready()),
		waits("there is no health check", "want api did not become healthy: it has no health check", &target{state: up}, wait.Healthy()),
		waits("the server listens on the loopback inside", "want 127.0.0.1:8080 inside the container, where the published port does not reach it", &target{state: up, listens: []wait.Listener{{Addr: netip.MustParseAddrPort("127.0.0.1:8080"), Unreached: "it is the container's own"}}}, soon(wait.Listening(8080))),
		waits("the server listens on another port", "want nothing listens on 8080 inside (listening: 3000)", &target{state: up, listens: listens("0.0.0.0:3000")}, soon(wait.Listening(8080))),
		waits("a command of the condition is not in the image", "want exec pg_isready & exit code 127 & not found", &target{state: up, exec: func() (int, string) { return 127, "sh: pg_isready: not found" }}, wait.Exec("pg_isready")),
		waits("a command of the condition says no", "want exit code 2 & no response", &target{state: up, exec: func() (int, string) { return 2, "/var/run/postgresql:5432 - no response" }}, soon(wait.Exec("pg_isready"))),
		waits("a file does not come", "want file /run/ready & no such file", &target{state: up}, soon(wait.File("/run/ready"))),
		serves("an answer that is an error", "want status 500 Internal Server Error: relation \"orders\" does not exist", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `relation "orders" does not exist`, http.StatusInternalServerError)
		}, answering(wait.HTTP(80, "/health"))),
		serves("an answer that leads to the login", "want status 302 Found, to /login", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, answering(wait.HTTP(80, "/health").Returns(200))),
		serves("no TLS where https is asked for", "want the server does not speak TLS", func(http.ResponseWriter, *http.Request) {}, wait.HTTPS(80, "/")),
		serves("a body that does not match", `want api did not answer http :80/health with "UP" & status 200 OK: {"status":"DOWN"}`, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"DOWN"}`)) }, answering(wait.HTTP(80, "/health").Matches("UP"))),
		timeUp("the TimeLimit of 30s"), timeUp("the default limit of 1m"), timeUp("the test's deadline, go test -timeout 10m0s"),
	}
}

// ofSpecs are tests that ask for what there cannot be; what is told needs no engine that does anything.
func ofSpecs(t *testing.T) []failure {
	dir, err := os.MkdirTemp("", "first") // t.TempDir's names are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	enginetest.NewFake("fake", "1.47").ServeAt(t, filepath.Join(dir, "s"))
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "s"))
	file := filepath.Join(dir, "compose.yaml")
	enginetest.WriteFile(t, file, "services:\n  api: {image: shop, ports: [\"8080:80\"]}\n  db: {image: pg}\n")
	tries := func(cause, rules string, f func(t seatrial.T)) failure {
		return row(t, cause, rules, func(t *testing.T) string {
			err := seatrial.Try(t, f)
			if err == nil {
				return ""
			}
			text := regexp.MustCompile(regexp.QuoteMeta(dir)+"/?").ReplaceAllString(err.Error(), "")
			text = regexp.MustCompile(`the [\dhms]+ left`).ReplaceAllString(text, "the TIME left")
			return regexp.MustCompile(` \(go test -timeout \S+\)`).ReplaceAllString(text, "")
		})
	}
	run := func(s spec.Container) func(seatrial.T) { return func(t seatrial.T) { seatrial.Run(t, s) } }
	up := func(s spec.Project) func(seatrial.T) {
		if s.Files == nil {
			s.Files = []string{file}
		}
		return func(t seatrial.T) { seatrial.Up(t, s) }
	}
	return []failure{
		tries("no image", "want running a container: Image is not given", run(spec.Container{})),
		tries("an image in capitals", `want "Shop:1" & must be lowercase`, run(spec.Container{Image: "Shop:1"})),
		tries("a port that there cannot be", "want Ports: 70000 is not from 1 to 65535", run(spec.Container{Image: "shop", Ports: []int{70000}})),
		tries("a mount without an absolute path", `want Mounts: Target "data"`, run(spec.Container{Image: "shop", Mounts: []spec.Mount{{Target: "data", Volume: "v"}}})),
		tries("a pattern that does not compile", "want Ready: log \"(\": & missing closing )", run(spec.Container{Image: "shop", Ready: wait.Log("(")})),
		tries("a flag that is seatrial's", "want Flags: --name is refused", run(spec.Container{Image: "shop", Flags: []string{"--name", "x"}})),
		tries("a TimeLimit below nothing", "want TimeLimit (-1s) is negative", run(spec.Container{Image: "shop", TimeLimit: -time.Second})),
		tries("a TimeLimit beyond the test's deadline", "want TimeLimit (20h) exceeds the TIME left before the test's deadline", run(spec.Container{Image: "shop", TimeLimit: 20 * time.Hour})),
		tries("a limit of a condition beyond the test's deadline", "want the limit of wait.Within (20h) exceeds the TIME left before the test's deadline", run(spec.Container{Image: "shop", Ready: wait.Within(20*time.Hour, wait.Log("x"))})),
		tries("a name of a variable with = in it", `want Env: "A=B" is not a name for a variable`, run(spec.Container{Image: "shop", Env: map[string]string{"A=B": "x"}})),
		tries("a build context that is not there", "want building an image: Context: & aip: no such file or directory", func(t seatrial.T) { seatrial.Build(t, spec.Image{Context: filepath.Join(dir, "aip")}) }),
		tries("a directory without a Dockerfile", "want building an image: Dockerfile: & no such file or directory", func(t seatrial.T) { seatrial.Build(t, spec.Image{Context: dir}) }),
		tries("a Compose file that is not there", "want nothere.yaml & no such file | does not exist", up(spec.Project{Files: []string{"nothere.yaml"}})),
		tries("no Compose file", "want Files is empty", func(t seatrial.T) { seatrial.Up(t, spec.Project{}) }),
		tries("a condition for a service that there is not", `want Ready: no service "apii"; there are api, db`, up(spec.Project{Ready: map[string]wait.Condition{"apii": wait.Log("x")}})),
		tries("an image that no service has", `want Images["shopp"] matches no image`, up(spec.Project{Images: map[string]string{"shopp": "x:1"}})),
		tries("a port to publish of a service that there is not", `want Publish has service "bd", which is not in the files`, up(spec.Project{Publish: map[string][]int{"bd": {5432}}})),
		tries("a profile that there is not", `want Profiles has "debug", which no service has`, up(spec.Project{Profiles: []string{"debug"}})),
		tries("no files of a stack", "want Files is empty", func(t seatrial.T) { seatrial.Deploy(t, spec.Stack{}) }),
		tries("a stack on an engine that is not in a swarm", "want is not in a swarm", func(t seatrial.T) { seatrial.Deploy(t, spec.Stack{Files: []string{file}}) }),
		tries("a service on an engine that is not in a swarm", "want serving shop & is not in a swarm", func(t seatrial.T) { seatrial.Serve(t, spec.Service{Image: "shop"}) }),
		tries("a program that is not installed", `want running nosuch: & "nosuch": executable file not found in $PATH`, func(t seatrial.T) { seatrial.Docker(t, spec.Command{Program: "nosuch"}) }),
		tries("a container to wrap that is not there", `want wrapping container "web": & none of this name`, func(t seatrial.T) { seatrial.WrapContainer(t, spec.Existing{Name: "web"}) }),
		tries("a secret without content", "want creating a secret: neither File nor Content is given", func(t seatrial.T) { seatrial.CreateSecret(t, spec.Secret{}) }),
	}
}

// ofEngines are engines that cannot be used.
func ofEngines(t *testing.T) []failure {
	dir, err := os.MkdirTemp("", "first")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	enginetest.NewFake("old", "1.30").ServeAt(t, filepath.Join(dir, "old"))
	enginetest.NewFake("web", "").ServeAt(t, filepath.Join(dir, "web"))
	finds := func(cause, rules, host string) failure {
		return row(t, cause, rules, func(t *testing.T) string {
			t.Setenv("DOCKER_HOST", host)
			_, err := engine.Find(t.Context(), engine.Caller{})
			if err == nil {
				return ""
			}
			return strings.ReplaceAll(err.Error(), dir, "")
		})
	}
	return []failure{
		finds("the engine does not run", "want no Docker engine answers at unix:///none (from DOCKER_HOST): & no such file or directory", "unix://"+filepath.Join(dir, "none")),
		finds("nobody listens at its address", "want no Docker engine answers at tcp://127.0.0.1:1 & connection refused", "tcp://127.0.0.1:1"),
		finds("an engine that is too old", "want it speaks API 1.30, and 1.41 is the oldest", "unix://"+filepath.Join(dir, "old")),
		finds("a server that is no engine", "want is not a Docker engine", "unix://"+filepath.Join(dir, "web")),
		finds("a scheme that there is not", "want ftp", "ftp://host"),
	}
}

// ofDeploys are services of a swarm that cannot become what they are to be.
func ofDeploys(t *testing.T) []failure {
	node := func(id string) engine.Node {
		return engine.Node{ID: id, Hostname: id, Role: "manager", Status: "ready", Availability: "active", OS: "linux", Arch: "x86_64", MemoryBytes: 4 << 30, NanoCPUs: 2e9}
	}
	looks := func(cause, rules string, change func(*engine.Service), task engine.Task) failure {
		return row(t, cause, rules, func(*testing.T) string {
			s := engine.Service{Object: engine.Object{ID: "s", Name: "shop_web"}, Mode: engine.Replicated, Wanted: 1, Restart: "none"}
			if change != nil {
				change(&s)
			}
			task.ID, task.Service, task.Slot = "t", "s", 1
			c := converge.Convergence{Role: func(string) string { return "web" }}
			now := time.Unix(1e9, 0)
			for range 60 {
				_, _, why := c.Look(converge.Seen{At: now, Services: []engine.Service{s}, Tasks: []engine.Task{task}, Nodes: map[string]engine.Node{"n1": node("n1")},
					Container: func(string) (engine.State, bool) { return engine.State{}, false },
					Starting:  func(string) bool { return false },
					Unpulled:  func(engine.Service) *converge.Fault { return nil },
					StillRuns: func(engine.Service) bool { return true }})
				if why != nil {
					return "service web: " + why.Why
				}
				now = now.Add(time.Second)
			}
			return ""
		})
	}
	pending := engine.Task{State: "pending", Desired: "running", Error: "no suitable node (scheduling constraints not satisfied on 1 node)"}
	return []failure{
		looks("no node has a label", `want no node meets the constraint "node.labels.disk==ssd"`, func(s *engine.Service) { s.Constraints = []string{"node.labels.disk==ssd"} }, pending),
		looks("more memory than a node has", "want it reserves & of memory, and no node has more than", func(s *engine.Service) { s.MemoryBytes = 64 << 30 }, pending),
		looks("more processors than a node has", "want it reserves 64 CPUs, and no node has more than 2", func(s *engine.Service) { s.NanoCPUs = 64e9 }, pending),
		looks("more replicas than nodes take", "want max_replicas_per_node is 1", func(s *engine.Service) { s.PerNode, s.Wanted = 1, 3 }, pending),
		looks("a node has no such image", "want No such image: registry.example/shop:9", func(s *engine.Service) { s.Restart = "none" },
			engine.Task{State: "rejected", Desired: "shutdown", Node: "n1", Error: "No such image: registry.example/shop:9"}),
		looks("a mounted directory is not on the node", "want invalid mount config for type \"bind\": bind source path does not exist: /srv/none", func(s *engine.Service) { s.Restart = "none" },
			engine.Task{State: "rejected", Desired: "shutdown", Node: "n1", Error: `invalid mount config for type "bind": bind source path does not exist: /srv/none`}),
		looks("an update is paused", "want its update is paused: & update paused due to failure or early termination of task t", func(s *engine.Service) {
			s.Update, s.UpdateMessage = "paused", "update paused due to failure or early termination of task t"
		}, engine.Task{State: "running", Desired: "running", Node: "n1"}),
	}
}
