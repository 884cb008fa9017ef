// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// lives are those of a container of a fake engine, one after the other.
type lives struct {
	mu     sync.Mutex
	number int
	ended  bool
	paused bool
}

func (l *lives) begin() { l.set(1, false) }
func (l *lives) end()   { l.set(0, true) } // by itself or not, with code 3

func (l *lives) set(more int, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number, l.ended = l.number+more, ended
}

func (l *lives) inspect(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	began := time.Date(2026, 1, 2, 3, 4, l.number, 0, time.UTC)
	state := map[string]any{"Status": "running", "Running": true, "Paused": l.paused, "StartedAt": began}
	if l.ended {
		state = map[string]any{"Status": "exited", "ExitCode": 3, "StartedAt": began, "FinishedAt": began.Add(time.Second)}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Id": "web", "Name": "/web", "State": state, "Config": map[string]any{}, "HostConfig": map[string]any{}, "NetworkSettings": map[string]any{}})
}

// What ends because the test ends it is no news. Once the test has started it again, an end is.
func TestFateAfterStart(t *testing.T) {
	t.Parallel()
	for about, change := range map[string]struct {
		do   func(Life) error
		want string
	}{
		"stopped":                    {func(l Life) error { return l.Stop(t.Context()) }, ""},
		"killed":                     {func(l Life) error { return l.Kill(t.Context(), "") }, ""},
		"stopped, and started again": {func(l Life) error { _ = l.Stop(t.Context()); return l.Start(t.Context()) }, "web exited with code 3"},
		"killed, and started again":  {func(l Life) error { _ = l.Kill(t.Context(), "TERM"); return l.Start(t.Context()) }, "web exited with code 3"},
		"restarted":                  {func(l Life) error { return l.Restart(t.Context()) }, "web exited with code 3"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			fake := enginetest.NewFake("fate", "1.47")
			var lives lives
			lives.begin()
			fake.Handle("/containers/web/json", lives.inspect)
			fake.Handle("/containers/web/logs", func(http.ResponseWriter, *http.Request) {})
			for path, does := range map[string]func(){"start": lives.begin, "stop": lives.end, "kill": lives.end} {
				fake.Handle("/containers/web/"+path, func(w http.ResponseWriter, _ *http.Request) {
					does()
					w.WriteHeader(http.StatusNoContent)
				})
			}
			sess := fakeSession(t, fake)
			c, err := Follow(sess, Known{Name: "web", ID: "web", Engine: sess.Engine})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			c.MarkReady(t.Context())
			if err := change.do(c.Life()); err != nil {
				t.Fatal(err)
			}
			lives.end() // by itself, if it runs
			if got := c.Fate(t.Context(), false); got != change.want {
				t.Errorf("what became of it is %q, want %q", got, change.want)
			}
		})
	}
}
