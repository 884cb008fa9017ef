// SPDX-License-Identifier: Apache-2.0

package session

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/sweep"
)

// newer is a test as package testing has it since Go 1.25 and 1.26.
type newer struct {
	*enginetest.Recorder
	dir   string
	attrs map[string]string
}

func (n *newer) ArtifactDir() string    { return n.dir }
func (n *newer) Attr(key, value string) { n.attrs[key] = value }

// go test -artifacts is honoured, and what reads go test -json learns where the files of a
// test that failed are.
func TestArtifactsOfGo(t *testing.T) {
	t.Setenv("SEATRIAL_ARTIFACTS", "")
	if err := flag.Set("test.artifacts", "true"); err != nil {
		t.Fatal(err)
	}
	defer flag.Set("test.artifacts", "false")
	for _, fails := range []bool{false, true} {
		n := &newer{dir: t.TempDir(), attrs: map[string]string{}}
		n.Recorder = enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			n.Recorder = r
			a, err := ArtifactsOf(n)
			if err != nil {
				t.Fatal(err)
			}
			if a.Path() != n.dir {
				t.Errorf("artifacts are in %s, and not in %s", a.Path(), n.dir)
			}
			a.Note("something happened")
			if fails {
				r.Errorf("failed")
			}
		})
		if text, err := os.ReadFile(filepath.Join(n.dir, "timeline.txt")); err != nil || strings.Count(string(text), "  "+artifact.Over+"\n") != 1 ||
			!strings.HasSuffix(strings.SplitN(string(text), "\n", 2)[0], "s  test "+t.Name()+" of package github.com/seatrial/seatrial/internal/session") {
			t.Errorf("failed %v: the time line does not say first of which test it is, and once that it has ended: %q, %v", fails, text, err)
		}
		want := map[bool]string{true: n.dir}[fails]
		if n.attrs["artifacts"] != want || fails && n.attrs["report"] != filepath.Join(n.dir, "report.html") {
			t.Errorf("failed %v: attributes %q", fails, n.attrs)
		}
	}
}

// What fails a test at its end is why it failed: it stands in failure.txt, and first on
// the page, if nothing else went wrong before.
func TestFailAtEnd(t *testing.T) {
	t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir())
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		a, err := ArtifactsOf(r)
		if err != nil {
			t.Fatal(err)
		}
		s := &Session{Artifacts: a}
		s.failAtEnd(r, "removing what the test made: the engine is gone")
	})
	if !r.Failed() || !strings.Contains(r.Errors(), "the engine is gone") {
		t.Errorf("failed %v, with %q", r.Failed(), r.Errors())
	}
	dir := filepath.Join(os.Getenv("SEATRIAL_ARTIFACTS"), t.Name())
	for name, want := range map[string]string{
		"failure.txt": "removing what the test made: the engine is gone\n", "report.html": "<h2>the engine is gone</h2><p class=\"where\">removing what the test made</p>",
		"timeline.txt": "FAILED: removing what the test made",
	} {
		if content, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s is %.300q, %v, want %q in it", name, content, err, want)
		}
	}
}

// Nobody reads the files of a test that has passed, unless they are to stay.
func TestUnread(t *testing.T) {
	for _, test := range []struct{ stays, failed, unread bool }{{false, false, true}, {false, true, false}, {true, false, false}, {true, true, false}} {
		t.Setenv("SEATRIAL_ARTIFACTS", "")
		if test.stays {
			t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir())
		}
		enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			a, err := ArtifactsOf(r)
			if err != nil {
				t.Fatal(err)
			}
			defer a.release(r)
			if a.Unread() {
				t.Error("while the test runs, nobody will read its files")
			}
			if a.over(test.failed); a.Unread() != test.unread {
				t.Errorf("files that stay: %v, test failed: %v: unread is %v", test.stays, test.failed, a.Unread())
			}
		})
	}
}

// What a failed test leaves in the directory for temporary files stays for people, until it is old.
func TestOfFailedTestsIsKept(t *testing.T) {
	t.Setenv("SEATRIAL_ARTIFACTS", "")
	for _, fails := range []bool{false, true} {
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		var dir string
		enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			a, err := ArtifactsOf(r)
			if err != nil {
				t.Fatal(err)
			}
			a.Note("something happened")
			if dir = a.Path(); fails {
				r.Errorf("failed")
			}
		})
		if old := sweep.OldDirs(tmp, time.Now().Add(time.Hour)); slices.Contains(old, dir) != fails {
			t.Errorf("test failed: %v: of %s, these are there for people: %q", fails, dir, old)
		}
	}
}

// Of which tests there is a page.
func TestReporting(t *testing.T) {
	for _, test := range []struct {
		value         string
		fails, exists bool
	}{{"", true, true}, {"", false, false}, {"failed", false, false}, {"always", false, true}, {"always", true, true}, {"off", true, false}} {
		t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir())
		t.Setenv("SEATRIAL_REPORT", test.value)
		enginetest.Record("TestA", time.Time{}, func(r *enginetest.Recorder) {
			a, err := ArtifactsOf(r)
			if err != nil {
				t.Fatal(err)
			}
			if a.Sampled() != (test.value == "always") {
				t.Errorf("SEATRIAL_REPORT=%s: sampled is %v", test.value, a.Sampled())
			}
			a.Note("something happened")
			if test.fails {
				r.Errorf("failed")
			}
		})
		_, err := os.Stat(filepath.Join(os.Getenv("SEATRIAL_ARTIFACTS"), "TestA", "report.html"))
		if (err == nil) != test.exists {
			t.Errorf("SEATRIAL_REPORT=%s, failed %v: %v", test.value, test.fails, err)
		}
	}
	t.Setenv("SEATRIAL_REPORT", "sometimes")
	enginetest.Record("TestA", time.Time{}, func(r *enginetest.Recorder) {
		if _, err := ArtifactsOf(r); err == nil || !strings.Contains(err.Error(), `SEATRIAL_REPORT="sometimes" is not always, failed or off`) {
			t.Errorf("got %v", err)
		}
	})
}
