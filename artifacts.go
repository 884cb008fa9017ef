// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"flag"
	"os"
	"path/filepath"
	"sync"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/sweep"
)

// A testArtifacts is what the sessions of a test share, of which it has one for each
// engine that it uses: the artifact directory, and what SEATRIAL_KEEP said.
type testArtifacts struct {
	*artifact.Dir
	users   int
	keeping keeping
}

var allArtifacts = struct {
	sync.Mutex
	of map[T]*testArtifacts
}{of: map[T]*testArtifacts{}}

// artifactsOf returns the artifact directory of a test. If nobody uses it yet, the test does.
func artifactsOf(t T) (*testArtifacts, error) {
	t.Helper()
	t = testOf(t)
	allArtifacts.Lock()
	f := allArtifacts.of[t]
	allArtifacts.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := openTestArtifacts(t)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		t.Helper()
		f.release(t)
	})
	return f, nil
}

// openTestArtifacts returns the artifact directory of a test, and makes it at the first call. It
// has one user more; the last one closes it.
func openTestArtifacts(t T) (*testArtifacts, error) {
	t.Helper()
	t = testOf(t)
	allArtifacts.Lock()
	defer allArtifacts.Unlock()
	f := allArtifacts.of[t]
	if f == nil {
		keep, err := readKeeping(os.Getenv("SEATRIAL_KEEP"))
		if err != nil {
			return nil, err
		}
		if parent, err := filepath.Abs(os.TempDir()); err == nil {
			watchDirectory(t, parent) // before there is something in it
		}
		dir, err := openArtifacts(t)
		if err != nil {
			return nil, err
		}
		if !dir.Kept() {
			if err := sweep.MarkDir(dir.Path()); err != nil {
				return nil, err
			}
		}
		f = &testArtifacts{Dir: dir, keeping: keep}
		allArtifacts.of[t] = f
	}
	f.users++
	return f, nil
}

func openArtifacts(t T) (*artifact.Dir, error) {
	if root := os.Getenv("SEATRIAL_ARTIFACTS"); root != "" {
		return artifact.Open(root, t.Name(), run)
	}
	// go test removes the ArtifactDir of a test, also of a failed one, unless
	// it was told to keep them all.
	if keep := flag.Lookup("test.artifacts"); keep != nil && keep.Value.String() == "true" {
		if t, ok := t.(interface{ ArtifactDir() string }); ok {
			return artifact.Use(t.ArtifactDir()), nil
		}
	}
	return artifact.Open("", t.Name(), run)
}

// release ends one use of the artifact directory. With the last one the files are complete:
// what there is to see stays, and its place is printed.
func (f *testArtifacts) release(t T) {
	t.Helper()
	t = testOf(t)
	allArtifacts.Lock()
	f.users--
	last := f.users == 0
	if last {
		delete(allArtifacts.of, t)
	}
	allArtifacts.Unlock()
	if !last {
		return
	}
	if !t.Failed() && !f.Kept() {
		if err := f.Discard(); err != nil {
			t.Logf("removing the artifact directory: %v", err)
		}
		return
	}
	if err := f.Close(); err != nil {
		t.Logf("closing the time line: %v", err)
	}
	sweep.UnmarkDir(f.Path())
	if empty(f.Path()) { // a directory without a file would not stay
		_ = os.Remove(f.Path())
	} else if t.Failed() {
		t.Logf("artifacts: %s", f.Path())
	}
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}
