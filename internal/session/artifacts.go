// SPDX-License-Identifier: Apache-2.0

package session

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/sweep"
)

// Artifacts are what the sessions of a test share, of which it has one for each
// engine that it uses: the artifact directory, and what SEATRIAL_KEEP said.
type Artifacts struct {
	*artifact.Dir
	users     int
	keeping   keeping
	reporting reporting
	unread    atomic.Bool
}

// Unread reports whether nobody will read the files: the test has passed, and they are not
// to stay. What is removed then need not be waited for until it has said its last words.
func (a *Artifacts) Unread() bool { return a.unread.Load() }

// over notes how the test has ended.
func (a *Artifacts) over(failed bool) { a.unread.Store(!failed && !a.Kept()) }

type artifactDirs struct {
	sync.Mutex
	of map[T]*Artifacts
}

// ArtifactsOf returns the artifacts of a test. If nobody uses them yet, the test does.
func ArtifactsOf(t T) (*Artifacts, error) {
	t.Helper()
	t = TestOf(t)
	process.artifacts.Lock()
	a := process.artifacts.of[t]
	process.artifacts.Unlock()
	if a != nil {
		return a, nil
	}
	a, err := openArtifacts(t)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		t.Helper()
		failIfPanicking(t)
		a.release(t)
	})
	return a, nil
}

// openArtifacts returns the artifacts of a test, and makes the directory at the first
// call. It has one user more; the last one closes it.
func openArtifacts(t T) (*Artifacts, error) {
	t.Helper()
	t = TestOf(t)
	all := &process.artifacts
	all.Lock()
	defer all.Unlock()
	a := all.of[t]
	if a == nil {
		keep, err := readKeeping(os.Getenv("SEATRIAL_KEEP"))
		if err != nil {
			return nil, fmt.Errorf("SEATRIAL_KEEP=%w", err)
		}
		reports, err := readReporting(os.Getenv("SEATRIAL_REPORT"))
		if err != nil {
			return nil, err
		}
		if parent, err := filepath.Abs(os.TempDir()); err == nil {
			process.watchdog.directory(t, parent) // before there is something in it
		}
		dir, err := openDir(t)
		if err != nil {
			return nil, err
		}
		if pkg := testedPackage(); pkg != "" {
			dir.Of(t.Name(), pkg)
		}
		if !dir.Kept() {
			if err := sweep.MarkDir(dir.Path()); err != nil {
				return nil, err
			}
		}
		a = &Artifacts{Dir: dir, keeping: keep, reporting: reports}
		all.of[t] = a
	}
	a.users++
	return a, nil
}

func openDir(t T) (*artifact.Dir, error) {
	if root := os.Getenv("SEATRIAL_ARTIFACTS"); root != "" {
		return artifact.Open(root, t.Name(), Run)
	}
	// go test removes the ArtifactDir of a test, also of a failed one, unless
	// it was told to keep them all.
	if keep := flag.Lookup("test.artifacts"); keep != nil && keep.Value.String() == "true" {
		if t, ok := t.(interface{ ArtifactDir() string }); ok {
			return artifact.Use(t.ArtifactDir()), nil
		}
	}
	return artifact.Open("", t.Name(), Run)
}

// testedPackage returns the path of the package whose tests this program runs, or "".
func testedPackage() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	pkg, is := strings.CutSuffix(info.Path, ".test")
	if !is {
		return ""
	}
	return pkg
}

// release ends one use. With the last one the files are complete: what there is to see
// stays, and its place is printed.
func (a *Artifacts) release(t T) {
	t.Helper()
	t = TestOf(t)
	process.artifacts.Lock()
	a.users--
	last := a.users == 0
	if last {
		delete(process.artifacts.of, t)
	}
	process.artifacts.Unlock()
	if !last {
		return
	}
	if !t.Failed() && !a.Kept() {
		if err := a.Discard(); err != nil {
			t.Logf("removing the artifact directory: %v", err)
		}
		return
	}
	a.complete(t)
	if err := a.Close(); err != nil {
		t.Logf("closing the time line: %v", err)
	}
	sweep.UnmarkDir(a.Path())
	if IsEmpty(a.Path()) { // a directory without a file would not stay
		_ = os.Remove(a.Path())
		return
	}
	if !a.Kept() {
		sweep.KeepDir(a.Path())
	}
	if t.Failed() {
		tellPath(t, "artifacts", a.Path())
	}
}

// HideLike hides what another test hides by now, of which this one has evidence, too.
func (a *Artifacts) HideLike(other T) {
	process.artifacts.Lock()
	its := process.artifacts.of[TestOf(other)]
	process.artifacts.Unlock()
	if its != nil {
		a.Dir.HideLike(its.Dir)
	}
}

// IsEmpty reports whether there is nothing in a directory but marks of ours.
func IsEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), ".") })
}

// Redacted hides the secrets of a test in the text of an error. Fields of the error's type
// are for those to hide who fill them.
func Redacted(t T, err error) error {
	process.artifacts.Lock()
	a := process.artifacts.of[TestOf(t)]
	process.artifacts.Unlock()
	if a == nil { // nobody can have hidden anything
		return err
	}
	if text := a.Redact(err.Error()); text != err.Error() {
		return report.Reworded(text, err)
	}
	return err
}
