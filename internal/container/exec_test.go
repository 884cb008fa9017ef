// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// What never ends, or leaves nothing, is not run to its end.
func TestCheckEnds(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"--restart=always": "it never ends", "--restart unless-stopped": "it never ends", "--restart on-failure:3": "", "--restart no": "",
		"--log-driver none": "nothing is kept", "--log-driver=json-file": "", "--restart always --restart no": "", "--no-such": "",
	} {
		err := checkEnds(spec.Container{Image: "x", Flags: strings.Fields(flags)})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", flags, err, want)
		}
	}
}

// What a command printed stands in the order in which it came, by lines.
func TestPrinted(t *testing.T) {
	t.Parallel()
	var p printed
	for _, part := range []struct {
		stream int
		text   string
	}{{0, "reading\nsen"}, {1, "no such host\n"}, {0, "ding\n"}} {
		if n, err := p.to(part.stream).Write([]byte(part.text)); n != len(part.text) || err != nil {
			t.Fatal(n, err)
		}
	}
	var got []string
	for _, m := range p.messages("scheduler-exec") {
		got = append(got, fmt.Sprint(m.Source, " ", m.Stderr, " ", m.Text, " ", !m.Time.IsZero()))
	}
	want := []string{"scheduler-exec false reading true", "scheduler-exec true no such host true", "scheduler-exec false sending true"}
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

// What a command printed is in the log of all if it failed, by a name of its own.
func TestFailedExecIsMerged(t *testing.T) {
	t.Parallel()
	code := 0
	fake := enginetest.NewFake("exec", "1.48")
	fake.Answer("/containers/web/exec", map[string]any{"Id": "x"})
	fake.Handle("/exec/x/start", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n%s", frame(2, "no such table\n"))
	})
	fake.Handle("/exec/x/json", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"ID":"x","ExitCode":%d}`, code) })
	var got []string
	c := &Container{Name: "db", ID: "web", Engine: fakeSession(t, fake).Engine, merge: func(all []artifact.Message) {
		for _, m := range all {
			got = append(got, m.Source+": "+m.Text)
		}
	}}
	for _, want := range [][]string{nil, {"db-exec: no such table"}} {
		r, err := c.Exec(t.Context(), spec.Exec{Command: []string{"/migrate"}})
		if r == nil || r.ExitCode != code || r.Stderr != "no such table\n" || (err == nil) != (code == 0) || !slices.Equal(got, want) {
			t.Errorf("exit code %d: %+v, %v, and the log of all has %q, want %q", code, r, err, got, want)
		}
		code = 3
	}
}
