// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
)

// What the engine may have lost of a log is told once, when so much was read that it
// can have.
func TestLacksOfALog(t *testing.T) {
	line := message{text: strings.Repeat("x", 899) + "\n", time: at(1)} // 1000 bytes, with what is kept beside it
	tests := []struct {
		about, driver string
		options       map[string]string
		line          message
		none, some    int // after so many lines nothing is told yet, and after so many it is
	}{
		{"as most engines have it", "json-file", nil, line, 1000, 0},
		{"one file", "json-file", map[string]string{"max-size": "10k"}, line, 0, 1},
		{"three files", "json-file", map[string]string{"max-size": "10k", "max-file": "3"}, line, 20, 21},
		{"a limit that nobody reaches", "local", map[string]string{"max-size": allOfIt}, line, 1000, 0},
		{"one file that holds all", "json-file", map[string]string{"max-size": allOfIt, "max-file": "1"}, line, 1000, 0},
		{"written without waiting", "json-file", map[string]string{"mode": "non-blocking"}, line, 0, 1},
		{"local by itself", "local", map[string]string{"max-size": "50k"}, line, 200, 210},
		{"a driver without limits", "journald", map[string]string{"max-size": "10k"}, line, 1000, 0},
		{"no text", "json-file", nil, message{text: "a\uFFFDb\n", time: at(1)}, 0, 1},
		{"no text, kept", "local", nil, message{text: "a\uFFFDb\n", time: at(1)}, 100, 0},
	}
	for _, test := range tests {
		told := 0
		f := &Follower{out: &bytes.Buffer{}, lacks: func(string) { told++ }, changed: make(chan struct{})}
		f.kept.limits(container.LogConfig{Type: test.driver, Config: test.options})
		f.log.begin("1")
		for n := range max(test.none, test.some, 1) + 1 {
			if n <= test.none && told > 0 {
				t.Errorf("%s: told after %d lines, want after more than %d", test.about, n, test.none)
				break
			}
			f.out = &bytes.Buffer{}
			f.add(test.line)
		}
		if want := min(test.some, 1); told != want {
			t.Errorf("%s: told %d times, want %d", test.about, told, want)
		}
	}
}

// A log that cannot be read is over when its container has ended, and it is said why
// there is none.
func TestLogThatCannotBeRead(t *testing.T) {
	for driver, want := range map[string]string{
		"none": "what it prints is not to be had: its logging driver none keeps nothing",
		"gelf": "what it prints is not to be had: its logging driver gelf cannot be read",
	} {
		socket := filepath.Join(bare(t), "d.sock")
		d := fake("mute")
		d.Handle("/containers/c/json", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"Id":"c","Config":{},"HostConfig":{"LogConfig":{"Type":%q}},"State":{"Status":"exited","StartedAt":%q}}`, driver, at(1))
		})
		d.Handle("/containers/c/logs", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"message":"configured logging driver does not support reading"}`, http.StatusNotImplemented)
		})
		d.ServeAt(t, socket)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		e, err := At(ctx, Named{Host: "unix://" + socket}, Caller{})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var told []string
		f, err := e.Follow(ctx, "c", &bytes.Buffer{}, &bytes.Buffer{}, Told{Lacks: func(what string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, what)
		}})
		if err != nil {
			t.Fatal(err)
		}
		for complete := false; !complete; {
			changed := f.Changed()
			if _, _, complete = f.Lines(at(1), 0); complete {
				break
			}
			select {
			case <-changed:
			case <-ctx.Done():
				t.Fatalf("driver %s: the log is never over", driver)
			}
		}
		f.Close(ctx)
		cancel()
		if got := f.Unread(); got != want || !slices.Equal(told, []string{want}) {
			t.Errorf("driver %s: Unread = %q, told %q, want %q", driver, got, told, want)
		}
	}
}

// A log of which the engine says, within it, that it cannot read on, is over when its
// container has ended: with what could be read, and no word of the engine's among it.
func TestLogThatBreaksOff(t *testing.T) {
	socket := filepath.Join(bare(t), "d.sock")
	d := fake("torn")
	d.Handle("/containers/c/json", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"Id":"c","Config":{},"State":{"Status":"exited","StartedAt":%q}}`, at(1))
	})
	d.Handle("/containers/c/logs", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(frame(1, at(2)+" before\n"), frame(3, "Error grabbing logs: invalid character\n")...))
	})
	d.ServeAt(t, socket)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := At(ctx, Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 10)
	var out bytes.Buffer
	f, err := e.Follow(ctx, "c", &out, &out, Told{Lacks: func(what string) { told <- what }})
	if err != nil {
		t.Fatal(err)
	}
	for {
		changed := f.Changed()
		lines, _, complete := f.Lines(at(1), 0)
		if complete {
			if !slices.Equal(lines, []string{"before"}) {
				t.Errorf("lines = %q, want what could be read alone", lines)
			}
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatal("the log is never over")
		}
	}
	f.Close(ctx)
	close(told)
	const want = "the engine cannot read all of its log: error from daemon in stream: Error grabbing logs: invalid character"
	if got := <-told; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if out.String() != "before\n" {
		t.Errorf("printed %q, want what the container printed alone", out.String())
	}
}
