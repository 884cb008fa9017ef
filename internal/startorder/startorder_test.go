// SPDX-License-Identifier: Apache-2.0

package startorder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// A fake is a container that goes through states by itself after its start.
type fake struct {
	wait.Target
	name  string
	after []step
	fails error // of the start

	mu      sync.Mutex
	state   wait.State
	changed chan struct{}
}

// A step is a state, some time after the one before.
type step struct {
	pause time.Duration
	state wait.State
	lost  bool // without an event
}

func (f *fake) Name() string { return f.name }

func (f *fake) State(context.Context) (wait.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, nil
}

func (f *fake) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

func (f *fake) become(s step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = s.state
	if !s.lost {
		close(f.changed)
		f.changed = make(chan struct{})
	}
}

var (
	running   = wait.State{Status: "running"}
	starting  = wait.State{Status: "running", Health: "starting"}
	isHealthy = wait.State{Status: "running", Health: "healthy"}
	unhealthy = wait.State{Status: "running", Health: "unhealthy"}
)

func exited(code int) wait.State { return wait.State{Status: "exited", ExitCode: code} }

func crashing(s wait.State) wait.State { s.Status = "restarting"; return s }

// An entry says that a service was started, and when.
type entry struct {
	after time.Duration
	name  string
}

// A world is a project with a log of what was started, and when.
type world struct {
	mu       sync.Mutex
	began    time.Time
	log      []entry
	services []Service
}

func (w *world) note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, entry{time.Since(w.began), text})
}

// add adds a service of one container that takes 100 ms to start, or of one that runs.
func (w *world) add(name string, dependsOn map[string]string, fails error, steps ...step) {
	f := &fake{name: name, after: steps, fails: fails, changed: make(chan struct{}), state: wait.State{Status: "created"}}
	w.services = append(w.services, Service{Name: name, DependsOn: dependsOn, Containers: []Container{{f, func(context.Context) error {
		time.Sleep(100 * time.Millisecond)
		if f.fails != nil {
			return f.fails
		}
		w.note(name)
		first := running
		if len(steps) > 0 {
			first = starting
		}
		f.become(step{state: first})
		go func() {
			for _, s := range f.after {
				time.Sleep(s.pause)
				f.become(s)
			}
		}()
		return nil
	}}}})
}

func (w *world) start(ctx context.Context) (string, error) {
	w.began = time.Now()
	err := Start(ctx, w.services)
	time.Sleep(time.Minute) // nothing starts later
	slices.SortFunc(w.log, func(a, b entry) int { return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(a.name, b.name)) })
	var all []string
	for _, e := range w.log {
		all = append(all, fmt.Sprintf("%v %s", e.after, e.name))
	}
	return strings.Join(all, ", "), err
}

func on(pairs ...string) map[string]string {
	all := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		all[pair[0]] = "service_" + pair[1]
	}
	return all
}

func TestStart(t *testing.T) {
	const second = time.Second
	broken := errors.New("web did not start: its port is taken")
	for _, c := range []struct {
		name  string
		build func(*world)
		want  string // started, by when
		err   string
	}{
		{"at once", func(w *world) { w.add("a", nil, nil); w.add("b", nil, nil) }, "100ms a, 100ms b", ""},
		{"one after another", func(w *world) { w.add("web", on("db", "started"), nil); w.add("db", nil, nil) }, "100ms db, 200ms web", ""},
		{"healthy", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: 70 * time.Millisecond, state: isHealthy})
		}, "100ms db, 270ms web", ""},
		{"healthy, and no event tells", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: 70 * time.Millisecond, state: isHealthy, lost: true})
		}, "100ms db, 1.2s web", ""},
		{"healthy after it was not, as far as anybody saw", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: second, state: crashing(exited(1))}, step{pause: second, state: starting}, step{pause: second, state: isHealthy})
		}, "100ms db, 3.2s web", ""},
		{"healthy after a moment without a health check, and one in which it had ended", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: 100 * time.Millisecond, state: running}, step{pause: 100 * time.Millisecond, state: exited(1)},
				step{pause: 100 * time.Millisecond, state: starting}, step{pause: 300 * time.Millisecond, state: isHealthy})
		}, "100ms db, 800ms web", ""},
		{"done", func(w *world) {
			w.add("web", on("migrate", "completed_successfully"), nil)
			w.add("migrate", nil, nil, step{pause: second, state: exited(0)})
		}, "100ms migrate, 1.2s web", ""},
		{"done at the second attempt", func(w *world) {
			w.add("web", on("migrate", "completed_successfully"), nil)
			w.add("migrate", nil, nil, step{pause: second, state: crashing(exited(1))}, step{pause: second, state: exited(0)})
		}, "100ms migrate, 2.2s web", ""},
		{"all conditions", func(w *world) {
			w.add("web", on("db", "healthy", "migrate", "completed_successfully"), nil)
			w.add("db", nil, nil, step{pause: 2 * second, state: isHealthy})
			w.add("migrate", on("db", "started"), nil, step{pause: second, state: exited(0)})
		}, "100ms db, 200ms migrate, 2.2s web", ""},
		{"nobody's", func(w *world) { w.add("web", on("off", "healthy"), nil) }, "100ms web", ""},
		{"scaled to nothing", func(w *world) {
			w.add("web", on("none", "healthy"), nil)
			w.services = append(w.services, Service{Name: "none"})
		}, "100ms web", ""},
		{"unhealthy", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: second, state: unhealthy})
			w.add("other", nil, nil)
		}, "100ms db, 100ms other", "web was not started, as db did not become healthy: running, unhealthy"},
		{"ended", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: second, state: exited(0)})
		}, "100ms db", "web was not started, as db did not become healthy: exited with code 0"},
		{"no health check", func(w *world) { w.add("web", on("db", "healthy"), nil); w.add("db", nil, nil) },
			"100ms db", "web was not started: it waits for db to be healthy, which has no health check\n    hint: add a healthcheck to db, or write condition: service_started"},
		{"failed", func(w *world) {
			w.add("web", on("migrate", "completed_successfully"), nil)
			w.add("migrate", nil, nil, step{pause: second, state: exited(3)})
		}, "100ms migrate", "web was not started, as migrate did not end with code 0: exited with code 3"},
		{"not started", func(w *world) {
			w.add("web", nil, broken)
			w.add("proxy", on("web", "started"), nil)
			w.add("slow", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: second, state: isHealthy})
		}, "100ms db", broken.Error()},
		{"time is up", func(w *world) {
			w.add("web", on("db", "healthy"), nil)
			w.add("db", nil, nil, step{pause: time.Hour, state: isHealthy})
		}, "100ms db", context.DeadlineExceeded.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				w := &world{}
				c.build(w)
				got, err := w.start(ctx)
				said := ""
				if err != nil {
					said = err.Error()
				}
				if got != c.want || said != c.err {
					t.Errorf("started %q, error %q\nwant    %q, error %q", got, said, c.want, c.err)
				}
				time.Sleep(2 * time.Hour) // past the last step
			})
		})
	}
}

// Running containers are left alone, and services that depend on them are started.
func TestStartRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		w.add("db", nil, errors.New("it was started twice"))
		w.add("web", on("db", "healthy"), nil)
		w.services[0].Containers[0].Target.(*fake).state = isHealthy
		if got, err := w.start(t.Context()); got != "100ms web" || err != nil {
			t.Errorf("started %q, %v", got, err)
		}
	})
}

// All replicas must be healthy, but only one must be done, as with docker compose.
func TestStartReplicas(t *testing.T) {
	replica := func(s wait.State) Container {
		return Container{Target: &fake{name: "x", state: s, changed: make(chan struct{})}, Start: func(context.Context) error { return nil }}
	}
	for _, c := range []struct {
		condition string
		states    []wait.State
		want      bool
	}{
		{healthy, []wait.State{isHealthy, isHealthy}, true},
		{healthy, []wait.State{isHealthy, unhealthy}, false},
		{completed, []wait.State{exited(0), exited(3)}, true},
		{completed, []wait.State{exited(3), exited(0)}, false},
	} {
		dependency := Service{Name: "x"}
		for _, s := range c.states {
			dependency.Containers = append(dependency.Containers, replica(s))
		}
		err := meets(t.Context(), Service{Name: "web", DependsOn: map[string]string{"x": c.condition}}, dependency)
		if got := err == nil; got != c.want {
			t.Errorf("%s of %v: %v", c.condition, c.states, err)
		}
		var unmet *UnmetError
		if !c.want && !errors.As(err, &unmet) {
			t.Errorf("%s of %v: %v is no UnmetError", c.condition, c.states, err)
		}
	}
}
