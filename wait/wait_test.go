// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/internal/errorline"
)

// fake is a target with a state and a log that the test sets.
type fake struct {
	mu       sync.Mutex
	state    State
	err      error
	lines    map[string][]string
	complete bool
	addr     string
	changed  chan struct{}
	listen   []Listener // nil means unknown
	exec     func(context.Context) (int, string, error)
	files    map[string]string
	asked    int   // how often the state was asked for
	alone    *bool // nil means unknown
	unread   string
	stranded string
	begun    []string
	stalled  func() Stall // nil means that processes cannot be seen
}

func newFake(state State) *fake {
	return &fake{state: state, lines: map[string][]string{}, changed: make(chan struct{})}
}

func (f *fake) Name() string { return "db" }

func (f *fake) State(context.Context) (State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return f.state, f.err
}

func (f *fake) Fresh(ctx context.Context) (State, error) { return f.State(ctx) }

func (f *fake) Stalled(context.Context) Stall {
	if f.stalled == nil {
		return Stall{}
	}
	return f.stalled()
}

func (f *fake) Alone(context.Context) (alone, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.alone != nil && *f.alone, f.alone != nil
}

func (f *fake) Unread() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unread
}

func (f *fake) Stranded(context.Context) string { return f.stranded }

func (f *fake) Lines(life string, from int) ([]string, int, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.lines[life]
	return all[min(from, len(all)):], len(all), f.complete
}

func (f *fake) Begun() []string { return f.begun }

func (f *fake) Tail(n int) ([]string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, lines := range f.lines {
		all = append(all, lines...)
	}
	return all[max(0, len(all)-n):], len(all)
}

func (f *fake) ErrorLine(_ context.Context, life string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for name, lines := range f.lines {
		if life == "" || name == life {
			all = append(all, lines...)
		}
	}
	return errorline.Of(all, nil)
}

func (f *fake) Addr(context.Context, int) (string, error) { return f.addr, nil }

func (f *fake) Listeners(_ context.Context, _ string, port int) (int, []Listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listen == nil {
		return 0, nil, errors.ErrUnsupported
	}
	return port, f.listen, nil
}

func (f *fake) Exec(ctx context.Context, _ []string) (int, string, error) {
	f.mu.Lock()
	exec := f.exec
	f.mu.Unlock()
	return exec(ctx)
}

func (f *fake) Read(_ context.Context, path string, most int) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, ok := f.files[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(content)[:min(most, len(content))], nil
}

func (f *fake) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// set changes the target after a while, as an event does.
func (f *fake) set(after time.Duration, change func(f *fake)) {
	time.AfterFunc(after, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		change(f)
		close(f.changed)
		f.changed = make(chan struct{})
	})
}

func (f *fake) log(lines ...string) {
	f.lines[f.state.StartID] = append(f.lines[f.state.StartID], lines...)
}

var running = State{Status: "running", StartID: "1"}

func TestUntil(t *testing.T) {
	exited := func(code int) func(*fake) {
		return func(f *fake) { f.state.Status, f.state.ExitCode, f.complete = "exited", code, true }
	}
	health := func(h string) func(*fake) { return func(f *fake) { f.state.Health = h } }
	tests := []struct {
		about string
		c     Condition
		do    func(f *fake) // before the wait
		later func(f *fake) // a minute into it
		after time.Duration // when it must end
		want  string        // the first line of the error
	}{
		{"log is there already", Log("ready"), func(f *fake) { f.log("not yet", "now ready") }, nil, 0, ""},
		{"log comes", Log("ready"), nil, func(f *fake) { f.log("ready") }, time.Minute, ""},
		{"log comes twice", Log("ready").Times(2), func(f *fake) { f.log("ready") }, func(f *fake) { f.log("x", "ready") }, time.Minute, ""},
		{"log once before a restart and once after it", Log("ready").Times(2), func(f *fake) { f.log("ready") },
			func(f *fake) { f.state.StartID = "2"; f.log("ready") }, time.Hour,
			`db did not log "ready" twice within 1h0m0s; last saw 1 of 2 matches in 1 line`},
		{"log that nobody keeps", Log("ready"), nil, func(f *fake) { f.unread = "the driver keeps nothing" }, time.Minute,
			`db did not log "ready": the driver keeps nothing`},
		{"log of an earlier life", Log("ready"), func(f *fake) { f.lines["0"] = []string{"ready"} }, func(f *fake) { f.log("ready") }, time.Minute, ""},
		{"log before the end", Log("ready"), func(f *fake) { f.log("ready"); exited(1)(f) }, nil, 0, ""},
		{"log does not come", Log("ready"), func(f *fake) { f.log("a") }, nil, time.Hour,
			`db did not log "ready" within 1h0m0s; last saw no match in 1 line`},
		{"log ends", Log("ready"), nil, exited(3), time.Minute, `db exited with code 3 before logging "ready"`},
		{"killed for memory", Log("ready"), nil, func(f *fake) { exited(137)(f); f.state.OOMKilled = true }, time.Minute,
			`db was killed for using too much memory (exit code 137) before logging "ready"`},
		{"healthy", Healthy(), health("starting"), health("healthy"), time.Minute, ""},
		{"unhealthy", Healthy(), health("starting"), func(f *fake) { health("unhealthy")(f); f.state.HealthOutput = "no route\n" }, time.Minute,
			`db is unhealthy; its health check printed: no route`},
		{"its health check has not run yet", Healthy(), func(f *fake) { health("starting")(f); f.state.FirstProbe = 2 * time.Hour }, nil, time.Hour,
			"db did not become healthy within 1h0m0s; last saw running, starting; its health check runs 2h0m0s after the start for the first time"},
		{"no health check", Healthy(), nil, nil, 0, "db did not become healthy: it has no health check"},
		{"health check missing while restarting", Healthy(), func(f *fake) { f.state.Status = "restarting" },
			func(f *fake) { f.state.Status = "running"; health("healthy")(f) }, time.Minute, ""},
		{"ends instead of healthy", Healthy(), health("starting"), exited(0), time.Minute, "db exited with code 0 before becoming healthy"},
		{"exit", Exit(0), nil, exited(0), time.Minute, ""},
		{"exit with 3", Exit(3), nil, exited(3), time.Minute, ""},
		{"another exit", Exit(0), nil, exited(2), time.Minute, "db exited with code 2, not 0"},
		{"no exit", Exit(0), health("healthy"), nil, time.Hour, "db did not exit with code 0 within 1h0m0s; last saw running, healthy"},
		{"did not start", Exit(127), nil, func(f *fake) { exited(127)(f); f.state.Error = "no such file" }, time.Minute,
			"db did not start: no such file"},
		{"ready without a health check", Ready(), nil, nil, lasting, ""},
		{"ready at once", ReadyCondition{AtOnce: true}, nil, nil, 0, ""},
		{"ready, and started before", Ready(), func(f *fake) { f.state.Since = time.Now().Add(-lasting / 2) }, nil, lasting / 2, ""},
		{"ready, and started long before", Ready(), func(f *fake) { f.state.Since = time.Now().Add(-time.Minute) }, nil, 0, ""},
		{"ready when healthy", Ready(), health("starting"), health("healthy"), time.Minute, ""},
		{"ready when done", Ready(), func(f *fake) { f.state.Status = "created" }, exited(0), time.Minute, ""},
		{"not ready", Ready(), func(f *fake) { f.state.Status = "created" }, exited(1), time.Minute, "db exited with code 1 before becoming ready"},
		{"ready after a restart", Ready(), func(f *fake) { f.state.Restarts, f.state.Status, f.state.ExitCode = 1, "restarting", 1 },
			func(f *fake) { f.state.Status = "running" }, time.Minute + steady, ""},
		{"restarting", Ready(), func(f *fake) { f.state.Status, f.state.ExitCode = "restarting", 4; f.log("FATAL no database") }, nil, time.Hour,
			"db did not become ready within 1h0m0s; last saw restarting, after exit code 4: FATAL no database"},
		{"a crash loop", Ready(), func(f *fake) { f.state.Restarts, f.state.Status = 3, "restarting" },
			func(f *fake) { f.state.Restarts, f.state.ExitCode = 13, 3 }, time.Minute, "db keeps crashing (exit code 3, 13 restarts)"},
		{"http of what has ended", HTTP(80, "/"), exited(1), nil, 0, "db exited with code 1 before answering http :80/"},
		{"http of what turns unhealthy", HTTP(80, "/"), nil, health("unhealthy"), time.Minute, "db is unhealthy; its health check printed nothing"},
		{"the log ends after the container", Exit(0), func(f *fake) { exited(0)(f); f.complete = false }, exited(0), time.Minute, ""},
		{"engine fails", Exit(0), nil, func(f *fake) { f.err = errors.New("engine gone") }, time.Minute, "db did not exit with code 0: engine gone"},
		{"broken pattern", Log("("), nil, nil, 0, "waiting for log \"(\": error parsing regexp: missing closing ): `(`"},
		{"broken path", HTTP(80, "health"), nil, nil, 0, `waiting for http :80health: path "health" does not begin with /`},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(running)
				if test.do != nil {
					test.do(f)
				}
				if test.later != nil {
					f.set(time.Minute, test.later)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				err := Until(ctx, f, test.c)
				got := ""
				if err != nil {
					got, _, _ = strings.Cut(err.Error(), "\n")
				}
				if got != test.want {
					t.Errorf("Until(%v) = %q, want %q", test.c, got, test.want)
				}
				if took := time.Since(began); took < test.after || took > test.after+latest {
					t.Errorf("Until(%v) took %v, want %v", test.c, took, test.after)
				}
			})
		})
	}
}

func TestUntilDoesNotPollWhatTheEngineTells(t *testing.T) {
	for _, c := range []Condition{Log("x"), Healthy(), Exit(0)} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(State{Status: "running", StartID: "1", Health: "starting"})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_ = Until(ctx, f, c)
			if f.asked > 11 {
				t.Errorf("Until(%v) asked for the state %d times in 10 seconds without an event, want once a second", c, f.asked)
			}
		})
	}
}

func TestErrorShowsTheLog(t *testing.T) {
	f := newFake(State{Status: "exited", ExitCode: 3, StartID: "1"})
	f.complete = true
	f.log("0041 ok", "0042 column already exists")
	err := Until(t.Context(), f, Exit(0))
	want := "db exited with code 3, not 0: 0042 column already exists\n    last lines of db (2 of 2):\n    | 0041 ok\n    | 0042 column already exists"
	if err == nil || err.Error() != want {
		t.Errorf("error = %q, want %q", err, want)
	}
	var exit *ExitError
	if !errors.As(err, &exit) || exit.State.ExitCode != 3 {
		t.Errorf("errors.As finds %+v, want an ExitError with code 3", exit)
	}
}

func TestErrorWaitsForTheLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(State{Status: "exited", ExitCode: 3, StartID: "1"})
		f.set(100*time.Millisecond, func(f *fake) { f.log("last words"); f.complete = true })
		if err := Until(t.Context(), f, Exit(0)); err == nil || !strings.Contains(err.Error(), "| last words") {
			t.Errorf("error = %q, want the line that came after the end was known", err)
		}
	})
}

func TestHTTP(t *testing.T) {
	var mu sync.Mutex
	status := http.StatusServiceUnavailable
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(status)
		_, _ = w.Write([]byte("warming up"))
	}))
	defer server.Close()
	f := newFake(running)
	f.addr = server.Listener.Addr().String()

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := Until(short, f, HTTP(80, "/health"))
	if err == nil || !strings.Contains(err.Error(), "last saw status 503 Service Unavailable: warming up") {
		t.Errorf("error = %v, want the last status and body in it", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want one that is context.DeadlineExceeded", err)
	}
	f.state.Health = "unhealthy" // as what answers so may well be
	if err := Until(t.Context(), f, HTTP(80, "/health").Returns(503)); err != nil {
		t.Error(err)
	}
	f.state.Health = ""
	time.AfterFunc(50*time.Millisecond, func() { mu.Lock(); status = http.StatusNoContent; mu.Unlock() })
	if err := Until(t.Context(), f, HTTP(80, "/health")); err != nil {
		t.Error(err)
	}
}
