// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/swarm"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A service that is to have tasks has the next one soon: only one that is to have none fails
// a wait at once.
func TestNoTask(t *testing.T) {
	t.Parallel()
	for about, test := range map[string]struct {
		is   engine.Service
		soon bool
	}{
		"replicas":           {engine.Service{Mode: engine.Replicated, Wanted: 2}, true},
		"none wanted":        {engine.Service{Mode: engine.Replicated}, false},
		"one on each node":   {engine.Service{Mode: engine.Global}, true},
		"a job on each node": {engine.Service{Mode: engine.GlobalJob}, true},
	} {
		var early *notYet
		if err := noTask(test.is); errors.As(err, &early) != test.soon {
			t.Errorf("%s: %v; want the next task waited for: %v", about, err, test.soon)
		}
	}
}

// Evidence has the tasks that failed first, the newest of them at the top, and counts the
// attempts of each place.
func TestAttempts(t *testing.T) {
	t.Parallel()
	g := newServiceGroup(nil, groupSpec{role: func(full string) string { return full }})
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	task := func(slot, second int, state string) engine.Task {
		return engine.Task{Service: "id", Slot: slot, Created: at(second), State: state}
	}
	services := []engine.Service{{Object: engine.Object{ID: "id", Name: "web"}, Mode: engine.Replicated}}
	var got []string
	for _, a := range g.attempts(services, []engine.Task{
		task(2, 1, "running"), task(1, 9, "starting"), task(1, 5, "failed"), task(1, 1, "rejected"), task(3, 2, "shutdown"), task(3, 3, "failed"),
	}) {
		got = append(got, fmt.Sprintf("%s/%d %s", a.Name, a.Attempt, a.Task.State))
	}
	want := []string{"web.1/2 failed", "web.3/2 failed", "web.1/1 rejected", "web.2/1 running", "web.3/1 shutdown", "web.1/3 starting"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A warning that one node does not take so many tasks comes only when it does not.
func TestBeyond(t *testing.T) {
	t.Parallel()
	g := newServiceGroup(nil, groupSpec{room: func(role string) int { return map[string]int{"web": 2}[role] }})
	for _, test := range []struct {
		service  string
		replicas int
		warns    bool
	}{
		{"web", 1, false}, {"web", 2, false}, {"web", 3, true}, {"any number", 9, false},
	} {
		s := &Service{Name: test.service, group: g}
		got := s.Beyond(test.replicas)
		if want := fmt.Sprintf("it takes %d nodes", test.replicas); strings.Contains(got, want) != test.warns || !test.warns && got != "" {
			t.Errorf("%d of %s: %q, want a warning: %v", test.replicas, test.service, got, test.warns)
		}
	}
}

// What a spec asks for is what the swarm is asked for.
func TestServiceSpec(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("swarm", "1.47")
	fake.Answer("/info", map[string]any{"Swarm": swarm.Info{NodeID: "one", LocalNodeState: "active", ControlAvailable: true}})
	fake.Answer("/nodes", []swarm.Node{{ID: "one"}})
	var asked swarm.ServiceSpec
	fake.Handle("/services/create", func(w http.ResponseWriter, r *http.Request) {
		asked = swarm.ServiceSpec{}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ID": "service"}`)
	})
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	sess := &session.Session{Test: t.Name(), Engine: e, Artifacts: &session.Artifacts{Dir: artifact.Use(t.TempDir())}}
	two := uint64(2)
	for about, test := range map[string]struct {
		s       spec.Service
		mode    swarm.ServiceMode
		restart swarm.RestartPolicyCondition
		limits  swarm.Limit
		reserve swarm.Resources
	}{
		"what a task may use, and what must be free for it": {
			s:    spec.Service{Mode: spec.Global, Limits: spec.Limits{CPUs: 1.5, Memory: 2 << 20, PIDs: 3}, Reserve: spec.Limits{CPUs: 0.25, Memory: 1 << 20, PIDs: 4}},
			mode: swarm.ServiceMode{Global: &swarm.GlobalService{}}, limits: swarm.Limit{NanoCPUs: 1.5e9, MemoryBytes: 2 << 20, Pids: 3}, reserve: swarm.Resources{NanoCPUs: 0.25e9, MemoryBytes: 1 << 20},
		},
		"replicas": {s: spec.Service{Replicas: 2, Restart: "any"}, mode: swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &two}}, restart: "any"},
		"a job, which is not started again": {
			s: spec.Service{Mode: spec.ReplicatedJob, Replicas: 2}, mode: swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{MaxConcurrent: &two, TotalCompletions: &two}}, restart: "none",
		},
	} {
		test.s.Image, test.s.Name = "shop:1", "shop"
		n, err := newServiceSpec(t.Context(), sess, test.s)
		if err == nil {
			_, err = e.CreateService(t.Context(), n)
		}
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		task := asked.TaskTemplate
		got := []any{asked.Mode, task.RestartPolicy.Condition, *task.Resources.Limits, *task.Resources.Reservations}
		if diff := cmp.Diff([]any{test.mode, test.restart, test.limits, test.reserve}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
	}
}

// What a spec says of the containers of a service reaches them, and its labels say whose it is.
func TestServiceSpecOfContainers(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("swarm", "1.47")
	fake.Answer("/info", map[string]any{"Swarm": swarm.Info{NodeID: "one", LocalNodeState: "active", ControlAvailable: true}})
	fake.Answer("/nodes", []swarm.Node{{ID: "one"}})
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	sess := &session.Session{Test: t.Name(), Engine: e, Artifacts: &session.Artifacts{Dir: artifact.Use(t.TempDir())}}
	s := spec.Service{
		Image: "shop:1", Name: "shop", Entrypoint: []string{"/bin/shop"}, Command: []string{"serve"}, Env: map[string]string{"A": "1", "B": "2"}, User: "7:8", Dir: "/srv",
		Ports: []int{80, 81}, OtherPorts: []string{"53/udp"}, Mounts: []spec.Mount{{Volume: "data", Target: "/data"}, {Volume: "conf", Target: "/conf", ReadOnly: true}},
		Networks: []spec.Endpoint{{Network: "front", Aliases: []string{"www"}}, {Network: "back"}}, EndpointMode: "dnsrr", Constraints: []string{"node.role==worker"},
		Secrets: []spec.SecretFile{{Name: "key"}, {Name: "cert", Target: "/cert", UID: "7", GID: "8", Mode: 0o400}}, Configs: []spec.SecretFile{{Name: "motd", Target: "/motd"}},
		Healthcheck: &spec.Healthcheck{Shell: "true", Interval: time.Second, Timeout: 2 * time.Second, StartPeriod: time.Minute, Retries: 4}, Labels: map[string]string{"mine": "yes"},
	}
	n, err := newServiceSpec(t.Context(), sess, s)
	if err != nil {
		t.Fatal(err)
	}
	if n.Name == "" || n.Own[owner.LabelKind] != owner.Service || n.Labels[owner.LabelKind] != owner.Container || n.VolumeLabels("data")[owner.LabelKind] != owner.Volume ||
		n.Own["mine"] != "yes" || n.Labels["mine"] != "yes" {
		t.Errorf("%q has labels %v, its containers %v, its volumes %v", n.Name, n.Own, n.Labels, n.VolumeLabels("data"))
	}
	n.Name, n.Own, n.Labels, n.VolumeLabels, n.Warn = "", nil, nil, nil, nil
	want := engine.NewService{
		NewContainer: engine.NewContainer{
			Image: "shop:1", Entrypoint: s.Entrypoint, Command: s.Command, Env: []string{"A=1", "B=2"}, User: "7:8", Dir: "/srv",
			Ports:    []portnumber.Port{portnumber.TCP(80), portnumber.TCP(81), {Number: 53, Protocol: "udp"}},
			Mounts:   []engine.Mount{{Type: "volume", Source: "data", Target: "/data"}, {Type: "volume", Source: "conf", Target: "/conf", ReadOnly: true}},
			Networks: []engine.Endpoint{{Network: "front", Aliases: []string{"www"}}, {Network: "back"}},
			Health:   &engine.Health{Test: []string{"CMD-SHELL", "true"}, Interval: time.Second, Timeout: 2 * time.Second, StartPeriod: time.Minute, Retries: 4},
		},
		Mode: spec.Replicated, Replicas: 1, EndpointMode: "dnsrr", Constraints: s.Constraints,
		Secrets: []engine.File{{Name: "key"}, {Name: "cert", Target: "/cert", UID: "7", GID: "8", Mode: 0o400}}, Configs: []engine.File{{Name: "motd", Target: "/motd"}},
	}
	if diff := cmp.Diff(want, n); diff != "" {
		t.Errorf("what the swarm is asked for (-want +got):\n%s", diff)
	}
}

// What is wrong with a service by itself is told before anything is made.
func TestCheckService(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		s    spec.Service
		want string // in the error; empty is none
	}{
		{spec.Service{}, "Image is not given"},
		{spec.Service{Image: "Shop:1", Replicas: -1}, `Image: "Shop:1": invalid reference format: repository name (library/Shop) must be lowercase`},
		{spec.Service{Image: "x", Mode: "daily"}, `Mode: "daily" is not one of`},
		{spec.Service{Image: "x", Replicas: -1}, "Replicas: -1 does not go with"},
		{spec.Service{Image: "x", Mode: spec.Global, Replicas: 1}, `Replicas: 1 does not go with Mode "global"`},
		{spec.Service{Image: "x", Mode: spec.GlobalJob, Replicas: 1}, `Replicas: 1 does not go with Mode "global-job"`},
		{spec.Service{Image: "x", Mode: spec.ReplicatedJob, Replicas: 2}, ""},
		{spec.Service{Image: "x", Restart: "always"}, `Restart: "always" does not go with`},
		{spec.Service{Image: "x", Restart: "any"}, ""},
		{spec.Service{Image: "x", Mode: spec.GlobalJob, Restart: "any"}, `Restart: "any" does not go with Mode "global-job"`},
		{spec.Service{Image: "x", Mode: spec.ReplicatedJob, Restart: "on-failure"}, ""},
		{spec.Service{Image: "x", ExitCodes: []int{3}}, "ExitCodes are for jobs"},
		{spec.Service{Image: "x", Mode: spec.ReplicatedJob, ExitCodes: []int{3}}, ""},
		{spec.Service{Image: "x", Mode: spec.ReplicatedJob, ExitCodes: []int{3}, Restart: "on-failure"}, "ExitCodes are for jobs that are not started again"},
		{spec.Service{Image: "x", EndpointMode: "vip"}, ""},
		{spec.Service{Image: "x", EndpointMode: "dns"}, `EndpointMode: "dns" is neither vip nor dnsrr`},
		{spec.Service{Image: "x", Secrets: spec.Files("key", "")}, "one has no Name"},
		{spec.Service{Image: "x", Configs: spec.Files("")}, "one has no Name"},
		{spec.Service{Image: "x", Ports: []int{80, 80}}, "Ports: 80 is given twice"},
		{spec.Service{Image: "x", OtherPorts: []string{"53"}, Ports: []int{53}}, "OtherPorts: 53 is among Ports, too"},
		{spec.Service{Image: "x", Env: map[string]string{"A=B": ""}}, "is not a name for a variable"},
		{spec.Service{Image: "x", Labels: map[string]string{owner.LabelRun: "x"}}, "Labels: "},
		{spec.Service{Image: "x", Mounts: []spec.Mount{{Target: "data"}}}, `Target "data" is not an absolute path`},
		{spec.Service{Image: "x", Networks: []spec.Endpoint{{}}}, "Networks: one has no name"},
		{spec.Service{Image: "x", Limits: spec.Limits{CPUs: -1}}, "is negative"},
		{spec.Service{Image: "x", Healthcheck: &spec.Healthcheck{None: true, Shell: "true"}}, "only one of Command, Shell and None"},
		{spec.Service{Image: "x", Ready: wait.HTTP(80, "/")}, "port 80 is asked where it is published"},
		{spec.Service{Image: "x", Ready: wait.HTTP(80, "/"), Flags: []string{"--publish=80"}}, ""},
		{spec.Service{Image: "x", Ready: wait.HTTP(80, "/"), Flags: []string{"-p", "80"}}, ""},
		{spec.Service{Image: "x", Ready: wait.Log("(")}, "missing closing )"},
		{spec.Service{Image: "x", Flags: []string{"--hostname", "h", "--name=web"}}, "Flags: --name is refused"},
		{spec.Service{Image: "x", Flags: []string{"--label=" + owner.LabelRun + "=x"}}, "it is one of seatrial's own"},
		{spec.Service{Image: "x", Flags: []string{"--label", owner.LabelRun + "=x"}}, "it is one of seatrial's own"},
	} {
		err := checkService(test.s)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.s, err, test.want)
		}
	}
}

// A secret is what its file or its text has, byte for byte.
func TestReadSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"key": "a\x00b\n", "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		s       spec.Secret
		want    string
		problem string
	}{
		{spec.Secret{Content: " a\n"}, " a\n", ""},
		{spec.Secret{File: filepath.Join(dir, "key")}, "a\x00b\n", ""},
		{spec.Secret{}, "", "neither File nor Content is given"},
		{spec.Secret{File: filepath.Join(dir, "key"), Content: "a"}, "", "File and Content exclude each other"},
		{spec.Secret{File: filepath.Join(dir, "empty")}, "", "is empty, which a swarm refuses"},
		{spec.Secret{File: filepath.Join(dir, "none")}, "", "no such file"},
		{spec.Secret{Content: "a", Name: "a." + strings.Repeat("b", maxEnding-1)}, "a", ""},
		{spec.Secret{Content: "a", Name: "a." + strings.Repeat("b", maxEnding)}, "", "is longer than 24 characters"},
		{spec.Secret{Content: "a", Labels: map[string]string{owner.LabelRun: "x"}}, "", "Labels: "},
	} {
		got, err := readSecret(test.s)
		if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) || err == nil && string(got) != test.want {
			t.Errorf("%+v: %q, %v, want %q, %q", test.s, got, err, test.want, test.problem)
		}
	}
}
