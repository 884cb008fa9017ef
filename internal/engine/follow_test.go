// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// An engine with a container that ends while its log begins to be followed, and that
// sends nothing then, and no end. Asked again, it sends the log.
func TestLogThatIsLeftOpen(t *testing.T) {
	home := bare(t)
	socket := filepath.Join(home, "d.sock")
	events := make(chan string)
	var ended atomic.Bool
	var asked atomic.Int32 // how often the log was
	d := fake("late")
	d.Handle("/events", func(w http.ResponseWriter, r *http.Request) { enginetest.Stream(w, r, events) })
	d.Handle("/containers/c/json", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"Id":"c","Config":{},"State":{"Status":"x","Running":%v,"StartedAt":%q}}`, !ended.Load(), at(1))
	})
	d.Handle("/containers/c/logs", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Query().Get("follow") == "1" {
			ended.Store(true)
			events <- `{"Type":"container","Action":"die","Actor":{"ID":"c"}}`
			enginetest.Stream(w, r, nil)
			return
		}
		_, _ = w.Write(frame(1, at(2)+" last words\n"))
	})
	d.ServeAt(t, socket)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := At(ctx, Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	f, err := e.Follow(ctx, "c", &out, &out, Told{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		changed := f.Changed()
		if lines, _, complete := f.Lines(at(1), 0); complete {
			if got := strings.Join(lines, "|"); got != "last words" || asked.Load() != 2 {
				t.Errorf("the log is %q after it was asked for %d times, want its last words after 2", got, asked.Load())
			}
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the log is not complete, after it was asked for %d times", asked.Load())
		}
	}
	f.Close(ctx)
}

// One that was created just now is not looked at before it is started; its start is asked about
// once, for those who wait and for who reads its log; and who heard of the start by an event does
// not ask again when the call returns.
func TestFollowerAsksOnce(t *testing.T) {
	home := bare(t)
	socket := filepath.Join(home, "d.sock")
	events := make(chan string)
	var asked atomic.Int32 // how it is
	reads := make(chan struct{}, 9)
	d := fake("asked once")
	d.Handle("/events", func(w http.ResponseWriter, r *http.Request) { enginetest.Stream(w, r, events) })
	d.Handle("/containers/c/json", func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprintf(w, `{"Id":"c","Config":{},"State":{"Status":"running","Running":true,"StartedAt":%q}}`, at(1))
	})
	d.Handle("/containers/c/logs", func(w http.ResponseWriter, r *http.Request) {
		reads <- struct{}{}
		enginetest.Stream(w, r, nil)
	})
	d.ServeAt(t, socket)
	e, err := At(t.Context(), Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := e.Follow(t.Context(), "c", io.Discard, io.Discard, Told{Unstarted: true})
	if err != nil {
		t.Fatal(err)
	}
	began, started := time.Now(), f.Changed()
	events <- `{"Type":"container","Action":"start","Actor":{"ID":"c"}}`
	<-started
	if s, err := f.State(t.Context()); err != nil || s.Status != "running" {
		t.Fatalf("its state is %+v, %v", s, err)
	}
	<-reads // its log
	f.Started()
	if _, err := f.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n != 1 && time.Since(began) < stateTTL {
		t.Errorf("the engine was asked %d times how it is, want once", n)
	}
	events <- `{"Type":"container","Action":"die","Actor":{"ID":"c"}}`
	for { // what has changed may be something else, as its log
		changed := f.Changed()
		if !f.heardOfStart() {
			break
		}
		<-changed
	}
	f.Started() // again, and no event has told
	if _, err := f.State(t.Context()); err != nil || asked.Load() < 2 {
		t.Errorf("the engine was asked %d times, %v, want a second time after a start that no event told of", asked.Load(), err)
	}
	closing, cancel := context.WithCancel(t.Context())
	cancel() // its log has no end
	f.Close(closing)
}
