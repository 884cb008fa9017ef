// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// Any change of the input gives the image another name, and that image has the
// present files. (Package internal/image tests all kinds of input, without builds.)
func TestBuildKey(t *testing.T) {
	t.Parallel()
	base := probe(t)
	dir := enginetest.NewContext(t, "ARG BASE="+base.Ref+"\nFROM ${BASE}\nARG GREETING\nCOPY a.txt b.txt /\n", map[string]string{
		"a.txt": "one", "b.txt": "two", "ignored/x": "y", ".dockerignore": "ignored\n",
	})
	path := func(name string) string { return filepath.Join(dir, name) }
	s := spec.Image{Context: dir, Args: map[string]string{"GREETING": "hi"}}
	touch := func(name string) error { return os.Chtimes(path(name), time.Time{}, time.Unix(1e9, 0)) }
	last := seatrial.Build(t, s)
	for _, change := range []struct {
		about string
		do    func() error
		same  bool
	}{
		{"nothing", func() error { return nil }, true},
		{"a time", func() error { return touch("a.txt") }, true},
		{"a byte", func() error { return os.WriteFile(path("a.txt"), []byte("onE"), 0o644) }, false},
		{"a byte, at once", func() error { return os.WriteFile(path("a.txt"), []byte("oNe"), 0o644) }, false},
		{"a file that is added", func() error { s.Files = []string{"ignored/x"}; return nil }, false},
	} {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		img := seatrial.Build(t, s)
		if (img.Ref == last.Ref) != change.same {
			t.Errorf("after a change of %s, %s became %s; want the same: %v", change.about, last.Ref, img.Ref, change.same)
		}
		if want, err := os.ReadFile(path("a.txt")); err != nil || content(t, img, "/a.txt") != string(want) {
			t.Errorf("after a change of %s, the image has %q, want %q", change.about, content(t, img, "/a.txt"), want)
		}
		last = img
	}
}

// TestBuildVictim builds, as one of many processes.
func TestBuildVictim(t *testing.T) {
	dir := os.Getenv("SEATRIAL_TEST_BUILDER")
	if dir == "" {
		t.Skip("is started by TestBuildOnce")
	}
	img := seatrial.Build(t, spec.Image{Context: dir})
	fmt.Println("built " + img.Ref)
}

// If many processes want one image, one builds it for all. If that is killed,
// another one does.
func TestBuildOnce(t *testing.T) {
	t.Parallel()
	base := probe(t)
	builders := enginetest.Sample(t, "SEATRIAL_BUILDERS", 3, 8, "processes that want one image")
	for _, kill := range []bool{false, true} {
		t.Run(fmt.Sprintf("kill=%v", kill), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), seatrial.Name(t, "once"))
			lasts := "2s"
			if kill {
				lasts = "15s" // long enough to be killed before its end on a slow machine
			}
			enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+base.Ref+"\nENV ONCE="+filepath.Base(dir)+"\nRUN [\"/probe\", \"-after\", \""+lasts+"\"]\nCOPY Dockerfile /\n")
			start := func() (*exec.Cmd, *strings.Builder) {
				cmd, out := exec.Command(os.Args[0], "-test.run=^TestBuildVictim$", "-test.v"), new(strings.Builder)
				cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), "SEATRIAL_TEST_BUILDER="+dir), out, out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				return cmd, out
			}
			if kill {
				first, out := start()
				for began := time.Now(); !strings.Contains(enginetest.Docker(t, "buildx", "history", "ls", "--format", "{{.Name}}"), filepath.Base(dir)); {
					if time.Since(began) > time.Minute {
						t.Fatalf("after a minute the build has not begun:\n%s", out)
					}
					time.Sleep(300 * time.Millisecond) // each check starts two commands
				}
				if err := first.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				if err := first.Wait(); err == nil {
					t.Fatalf("it ended before it was killed:\n%s", out)
				}
			}
			before := built(t, filepath.Base(dir))
			refs := map[string]int{}
			var mu sync.Mutex
			var all sync.WaitGroup
			for range builders {
				cmd, out := start()
				all.Go(func() {
					err := cmd.Wait()
					mu.Lock()
					defer mu.Unlock()
					_, ref, ok := strings.Cut(out.String(), "built localhost/")
					if err != nil || !ok {
						t.Errorf("a builder failed: %v\n%s", err, out)
						return
					}
					ref, _, _ = strings.Cut(ref, "\n")
					refs[ref]++
				})
			}
			all.Wait()
			if n := built(t, filepath.Base(dir)) - before; n != 1 {
				t.Errorf("the engine did %d builds, want 1", n)
			}
			if len(refs) != 1 {
				t.Errorf("images = %v, want one for all", refs)
			}
		})
	}
}
