// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/client"
)

// An engine is asked for the time once in a while: anew when much of it has gone by, and when
// this machine's clock was set back.
func TestNow(t *testing.T) {
	const ahead = time.Hour
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/info") {
			asked++
		}
		fmt.Fprintf(w, `{"SystemTime": %q}`, time.Now().Add(ahead).Format(time.RFC3339Nano))
	}))
	defer server.Close()
	api, err := client.New(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithAPIVersion("1.47"))
	if err != nil {
		t.Fatal(err)
	}
	e := &connection{api: api}
	for _, step := range []struct {
		about string
		older time.Duration // by which the last answer is made older
		want  int
	}{
		{"the first time", 0, 1},
		{"at once", 0, 1},
		{"later", clockTrusted, 2},
		{"at once", 0, 2},
		{"after the clock was set back", -time.Hour, 3},
	} {
		if step.about == "at once" { // who looks again and again has it that an engine stays where it is
			if _, err := (&nodes{connection: e}).RecentMembership(t.Context()); err != nil {
				t.Error(err)
			}
		}
		e.clock.heard = e.clock.heard.Add(-step.older)
		now, err := e.Now(t.Context())
		if off := time.Until(now) - ahead; err != nil || off.Abs() > time.Minute || asked != step.want {
			t.Errorf("%s: asked %d times, want %d, the answer is off by %v, %v", step.about, asked, step.want, off, err)
		}
	}
	e.clock.heard = e.clock.heard.Add(-lookingAgain)
	if _, err := (&nodes{connection: e}).RecentMembership(t.Context()); err != nil || asked != 4 {
		t.Errorf("%v later the engine was asked where it is %d times in all, %v, want once more, 4", lookingAgain, asked, err)
	}
}

// An engine whose clock is set back gives later messages earlier times. All of them
// count, and none counts twice, however often the log is read.
func TestLogBufferWhenTheClockGoesBack(t *testing.T) {
	type reading struct {
		life, ended string // as the engine says it when the reading begins
		since       string // what is asked for
		sent        []message
		fresh       int // how many of these are new
	}
	out := func(n int, text string) message { return message{at(n), false, text + "\n"} }
	errs := func(n int, text string) message { return message{at(n), true, text + "\n"} }
	tests := []struct {
		about    string
		readings []reading
		want     map[string][]string
	}{
		{"in one reading", []reading{
			{at(5), "", "", []message{out(6, "a"), out(2, "b"), out(3, "c"), errs(2, "d"), out(7, "e")}, 5},
		}, map[string][]string{at(5): {"a", "b", "c", "d", "e"}}},
		{"read again", []reading{
			{at(5), "", "", []message{out(6, "a"), out(2, "b"), errs(3, "c")}, 3},
			{at(5), "", "", []message{out(6, "a"), out(2, "b"), errs(3, "c"), out(3, "d"), errs(2, "e")}, 2},
		}, map[string][]string{at(5): {"a", "b", "c", "d", "e"}}},
		{"between lives", []reading{
			{at(5), "", "", []message{out(6, "a"), errs(7, "b")}, 2},
			{at(1), "", "", []message{out(6, "a"), errs(7, "b"), out(2, "c"), errs(3, "d")}, 2},
			{at(8), "", "", []message{out(6, "a"), errs(7, "b"), out(2, "c"), errs(3, "d"), out(9, "e")}, 1},
		}, map[string][]string{at(5): {"a", "b"}, at(1): {"c", "d"}, at(8): {"e"}}},
		{"at the end", []reading{
			{"2026-01-02T03:04:05Z", "", "", []message{{"2026-01-02T03:04:06.000000000Z", false, "a\n"}}, 1},
			{"2026-01-02T03:04:05Z", "2026-01-02T02:00:00Z", "", []message{{"2026-01-02T03:04:06.000000000Z", false, "a\n"}, {"2026-01-02T01:59:59.000000000Z", false, "b\n"}}, 1},
		}, map[string][]string{"2026-01-02T03:04:05Z": {"a", "b"}}},
		{"not at all", []reading{
			{at(5), "", "", []message{out(6, "a"), errs(7, "b")}, 2},
			{at(5), "", at(6), []message{out(6, "a"), errs(7, "b"), out(8, "c")}, 1},
			{at(9), "", at(8), []message{out(8, "c"), out(10, "d")}, 1},
		}, map[string][]string{at(5): {"a", "b", "c"}, at(9): {"d"}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			var b logBuffer
			for i, r := range test.readings {
				if got := b.since(r.life, r.ended); got != r.since {
					t.Errorf("reading %d asks for what came since %q, want %q", i, got, r.since)
				}
				b.begin(r.life)
				fresh := 0
				for _, m := range r.sent {
					if b.add(m) {
						fresh++
					}
				}
				if fresh != r.fresh {
					t.Errorf("reading %d has %d new messages, want %d", i, fresh, r.fresh)
				}
			}
			for life, want := range test.want {
				if got, _, _ := b.lines(life, 0); !cmp.Equal(got, want) {
					t.Errorf("lines of the life of %s = %q, want %q", life, got, want)
				}
			}
		})
	}
}
