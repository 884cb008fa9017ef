// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/binary"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/said"
	"github.com/seatrial/seatrial/internal/session"
)

// fakeSession is a session on a fake engine.
func fakeSession(t *testing.T, fake *enginetest.Fake) *session.Session {
	t.Helper()
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t), Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	return &session.Session{Test: t.Name(), Engine: e, Artifacts: &session.Artifacts{Dir: artifact.Use(t.TempDir())}, Said: &said.Log{}}
}

// frame is a message of a log as an engine sends it.
func frame(stream byte, text string) []byte {
	head := binary.BigEndian.AppendUint32([]byte{stream, 0, 0, 0}, uint32(len(text)))
	return append(head, text...)
}

// What a container printed last is often what tells why it ended, and need not end with a
// line's end: a panic that was cut off, a prompt.
func TestEvidenceHasLastLines(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("evidence", "1.47")
	fake.Answer("/containers/web/json", map[string]any{"Id": "web", "Name": "/web", "Config": map[string]any{}, "HostConfig": map[string]any{}, "NetworkSettings": map[string]any{},
		"State": map[string]any{"Status": "exited", "ExitCode": 2, "StartedAt": "2026-01-02T03:04:04Z", "FinishedAt": "2026-01-02T03:04:06Z"}})
	fake.Handle("/containers/web/logs", func(w http.ResponseWriter, _ *http.Request) {
		for _, m := range [][]byte{
			frame(1, "2026-01-02T03:04:05.000000001Z one\n"), frame(2, "2026-01-02T03:04:05.000000002Z panic: no licence"), frame(1, "2026-01-02T03:04:05.000000003Z Password: "),
		} {
			_, _ = w.Write(m)
		}
	})
	sess := fakeSession(t, fake)
	for last, want := range map[string]string{
		"":                               "2026-01-02T03:04:05.000000001Z web out one\n2026-01-02T03:04:05.000000002Z web err panic: no licence\n2026-01-02T03:04:05.000000003Z web out Password: \n",
		"2026-01-02T03:04:05.000000001Z": "2026-01-02T03:04:05.000000002Z web err panic: no licence\n2026-01-02T03:04:05.000000003Z web out Password: \n",
	} {
		c, err := Follow(sess, Known{Name: "web", ID: "web", Engine: sess.Engine})
		if err != nil {
			t.Fatal(err)
		}
		dir := artifact.Use(t.TempDir())
		if err := c.EvidenceSince(t.Context(), dir, last); err != nil {
			t.Error(err)
		}
		c.Close(t.Context())
		if err := dir.WriteMerged(); err != nil {
			t.Error(err)
		}
		got, err := os.ReadFile(filepath.Join(dir.Path(), artifact.MergedName))
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("since %q: %v (-want +got):\n%s", last, err, diff)
		}
	}
}

// What a container says last is waited for only where somebody may read it; and only of one that
// Compose has put in the place of another the engine is asked whose volumes it has.
func TestRemoveAsksForNoMore(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("removal", "1.47")
	asked := make(chan string, 9)
	fake.Handle("/containers/web/kill", func(w http.ResponseWriter, _ *http.Request) {
		asked <- "kill"
		w.WriteHeader(http.StatusNoContent)
	})
	fake.Handle("/containers/web", func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method
		w.WriteHeader(http.StatusNoContent)
	})
	fake.Handle("/containers/web/json", func(w http.ResponseWriter, _ *http.Request) {
		asked <- "inspect"
		_, _ = w.Write([]byte(`{"Id": "web", "Config": {"Labels": {"com.docker.compose.replace": "another"}}, "State": {}}`))
	})
	replacing := map[string]string{"com.docker.compose.replace": "another"}
	for about, test := range map[string]struct {
		c    *Container
		want string
	}{
		"of a test that may be looked at":  {&Container{created: true}, "kill DELETE"},
		"of one that has passed":           {&Container{created: true, unread: func() bool { return true }}, "DELETE"},
		"of a project":                     {&Container{Labels: map[string]string{"a": "b"}}, "kill DELETE"},
		"that replaced another":            {&Container{Labels: replacing}, "kill inspect DELETE"},
		"of which nothing is known at all": {&Container{}, "kill inspect DELETE"},
	} {
		test.c.Name, test.c.ID, test.c.Engine = "web", "web", fakeSession(t, fake).Engine
		if err := test.c.Remove(t.Context()); err != nil {
			t.Errorf("%s: %v", about, err)
		}
		var got []string
		for len(asked) > 0 {
			got = append(got, <-asked)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("the engine is asked to %q for a container %s, want %q", got, about, test.want)
		}
	}
}
