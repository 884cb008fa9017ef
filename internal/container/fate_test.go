// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// now is how a container of a fake engine is; one that is nil is none that the engine has.
type now map[string]any

func life(second int, more now) now {
	s := now{"Status": "running", "Running": true, "StartedAt": time.Date(2026, 1, 2, 3, 4, second, 0, time.UTC)}
	for key, value := range more {
		s[key] = value
	}
	return s
}

// changing is a session on a fake engine with a container called web, which is as is says; its
// engine has restarted it so often.
func changing(t *testing.T, is *atomic.Value, restarts *atomic.Int32) *session.Session {
	t.Helper()
	fake := enginetest.NewFake("fate", "1.47")
	fake.Handle("/containers/web/json", func(w http.ResponseWriter, _ *http.Request) {
		state := is.Load().(now)
		if state == nil {
			http.Error(w, `{"message":"No such container: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}`, http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"Id": "web", "Name": "/web", "State": state, "RestartCount": restarts.Load(),
			"Config": map[string]any{}, "HostConfig": map[string]any{}, "NetworkSettings": map[string]any{}})
	})
	fake.Handle("/containers/web/logs", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(frame(2, "2026-01-02T03:04:05.000000001Z error: no licence\n"))
		if r.URL.Query().Get("follow") == "1" {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	})
	return fakeSession(t, fake)
}

// What became of a container since it was ready is told in one line, if it is news.
func TestFate(t *testing.T) {
	t.Parallel()
	sick := now{"Health": now{"Status": "unhealthy", "Log": []any{now{"ExitCode": 1, "Output": "error: disk full"}}}}
	for about, test := range map[string]struct {
		then           now
		restarts       int32
		failed, passed string
	}{
		"as it was":         {life(4, nil), 1, "", ""},
		"was started again": {life(9, nil), 3, "web ended and was started again, 2 times: error: no licence", "web ended and was started again, 2 times: error: no licence"},
		"waits for that":    {life(4, now{"Status": "restarting", "ExitCode": 3}), 2, "web ended and was started again, once: error: no licence", "web ended and was started again, once: error: no licence"},
		"is unhealthy":      {life(4, sick), 1, "web is unhealthy: error: disk full", "web is unhealthy: error: disk full"},
		"ended well":        {life(4, now{"Status": "exited", "Running": false}), 1, "web exited with code 0: error: no licence", ""},
		"was removed":       {nil, 1, "web was removed while the test ran, by somebody else or by a command of the test", ""},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			var is atomic.Value
			var restarts atomic.Int32
			is.Store(life(4, nil))
			restarts.Store(1) // before it was ready
			c, err := Wrap(t.Context(), changing(t, &is, &restarts), spec.Existing{Name: "web"})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(session.NoWait)
			if err := wait.Until(t.Context(), c.Target(), wait.Log("no licence")); err != nil {
				t.Fatal(err)
			}
			c.MarkReady(t.Context())
			is.Store(test.then)
			restarts.Store(test.restarts)
			if got := c.Fate(t.Context(), false); got != test.failed {
				t.Errorf("of a failed test: %q, want %q", got, test.failed)
			}
			c.Follower.Touch() // as an event does
			if got := c.Fate(t.Context(), true); got != test.passed {
				t.Errorf("of a test that passed: %q, want %q", got, test.passed)
			}
		})
	}
}

// Whatever is asked of a container that somebody has removed, the answer says so, in one sentence
// and without its id.
func TestTakenAway(t *testing.T) {
	t.Parallel()
	var is atomic.Value
	is.Store(life(4, nil))
	sess := changing(t, &is, new(atomic.Int32))
	c, err := Wrap(t.Context(), sess, spec.Existing{Name: "web", As: "srv"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(session.NoWait)
	inSet, err := Follow(sess, Known{Name: "srv", ID: "web", Engine: sess.Engine})
	if err != nil {
		t.Fatal(err)
	}
	defer inSet.Close(session.NoWait)
	out := filepath.Join(t.TempDir(), "out")
	verbs := map[string]func(context.Context, *Container) error{
		"State": func(ctx context.Context, c *Container) error { _, err := c.State(ctx); return err },
		"Port": func(ctx context.Context, c *Container) error {
			_, err := c.Ports().Host(ctx, portnumber.TCP(80))
			return err
		},
		"IP":   func(ctx context.Context, c *Container) error { _, err := c.IP(ctx, ""); return err },
		"Stop": func(ctx context.Context, c *Container) error { return c.Life().Stop(ctx) },
		"Exec": func(ctx context.Context, c *Container) error {
			_, err := c.Exec(ctx, spec.Exec{Command: []string{"x"}})
			return err
		},
		"CopyIn":  func(ctx context.Context, c *Container) error { return c.Files().CopyIn(ctx, "doc.go", "/x") },
		"CopyOut": func(ctx context.Context, c *Container) error { return c.Files().CopyOut(ctx, "/x", out) },
		"Lines": func(ctx context.Context, c *Container) error {
			return c.Log().Lines(ctx, func(string) bool { return true })
		},
		"Wait": func(ctx context.Context, c *Container) error {
			return c.WaitError(wait.Until(ctx, c.Target(), wait.Healthy()))
		},
		"Run": func(ctx context.Context, c *Container) error {
			return wait.Until(ctx, c.Target(), wait.Log("never said"))
		},
	}
	check := func(t *testing.T, c *Container, want string) {
		t.Helper()
		for name, verb := range verbs {
			c.Follower.Touch() // as the event does
			err := verb(t.Context(), c)
			if err == nil {
				t.Errorf("%s: no error", name)
				continue
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			if !strings.Contains(first, "srv") || !strings.HasSuffix(first, want) || strings.Contains(err.Error(), "0123456789abcdef") {
				t.Errorf("%s: %q, want at its end %q", name, err, want)
			}
		}
	}
	is.Store(now(nil))
	check(t, c, "it was removed while the test ran, by somebody else or by a command of the test")
	inSet.taken.Store(true) // no verb of its project was at work
	check(t, inSet, "it was removed while the test ran, by somebody else or by a command of the test")
	c.removed.Store(true)
	if _, err := c.State(t.Context()); !strings.Contains(err.Error(), ErrRemoved.Error()) {
		t.Errorf("at the end of its test: %v", err)
	}
}
