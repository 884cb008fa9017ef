// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// ownerFile is a file in a temporary directory that ends with a process. It names
// the process, and the directory, so that a copy of the directory can be
// recognized. A directory that is left for people has no such file.
const ownerFile = ".seatrial-owner"

// MarkDir marks a directory to be removed after this process.
func MarkDir(dir string) error {
	return os.WriteFile(filepath.Join(dir, ownerFile), []byte(mark(process.Self(), dir)), 0o600)
}

func mark(p owner.Process, dir string) string { return filepath.Base(dir) + "\n" + p.String() }

// NewDir returns a function that makes a temporary directory which is removed after
// this process. If kind ends with the run's id, it is also removed with the run.
func NewDir(kind string) func() (string, error) {
	return func() (string, error) {
		dir, err := os.MkdirTemp("", "seatrial-"+kind+"-")
		if err == nil {
			err = MarkDir(dir)
		}
		return dir, err
	}
}

// UnmarkDir undoes MarkDir: the directory stays.
func UnmarkDir(dir string) { _ = os.Remove(filepath.Join(dir, ownerFile)) }

// keptFile is a file in a temporary directory that a failed test left for people.
const keptFile = ".seatrial-kept"

// KeepDir marks a directory to stay for people, until OldDirs lists it.
func KeepDir(dir string) {
	_ = os.WriteFile(filepath.Join(dir, keptFile), []byte(filepath.Base(dir)+"\n"), 0o600) // if that fails, the directory stays for good
	UnmarkDir(dir)
}

// OldDirs lists the temporary directories below parent that tests of this user left for
// people, and to which nothing was added since a time. Copies and renamed directories are
// left out.
func OldDirs(parent string, since time.Time) []string {
	var old []string
	for _, dir := range named(parent, ofRun("")) {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || !isMine(info) || info.ModTime().After(since) {
			continue
		}
		mark, err := os.Lstat(filepath.Join(dir, keptFile))
		if err != nil || !mark.Mode().IsRegular() || !isMine(mark) || mark.Size() > 1000 {
			continue
		}
		if name, err := os.ReadFile(filepath.Join(dir, keptFile)); err == nil && string(name) == filepath.Base(dir)+"\n" {
			old = append(old, dir)
		}
	}
	return old
}

// Dirs removes the temporary directories below parent that dead processes of this
// user left, and returns them. It does not follow links.
func Dirs(parent string) []string {
	var gone []string
	for _, dir := range DeadDirs(parent, "") {
		if RemoveDir(dir) == nil {
			gone = append(gone, dir)
		}
	}
	return gone
}

// DeadDirs lists the temporary directories below parent that dead processes of
// this user left: those of a run, or of all runs if it is empty.
func DeadDirs(parent, run string) []string {
	var dead []string
	self := process.Self()
	for _, dir := range named(parent, ofRun(run)) {
		p, used, ok := readOwner(dir)
		if ok && p.User == self.User && !lives(p, self, used) {
			dead = append(dead, dir)
		}
	}
	return dead
}

func ofRun(run string) string {
	if run == "" {
		return "seatrial-*"
	}
	return "seatrial-*-" + run + "-*"
}

// RemoveDir removes a temporary directory, and before that everything that a
// private engine in it has outside. If that fails, the directory stays, because it
// says what is left. RemoveDir does not follow links or enter mounts.
func RemoveDir(dir string) error {
	if at := mountedBelow(dir); at != "" {
		return fmt.Errorf("removing %s: something is mounted at %s", dir, at)
	}
	if err := outside.Remove(dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// lives reports whether the process of a directory may be alive. A process that
// cannot be seen (in another container, before a reboot) has a day.
func lives(p, self owner.Process, used time.Time) bool {
	if self.Sees(p) {
		return process.Alive(p)
	}
	return time.Since(used) < 24*time.Hour
}

// named returns the entries of a directory that match a pattern. (The directory's
// own name may look like a pattern, so filepath.Glob cannot be used.)
func named(parent, pattern string) []string {
	entries, _ := os.ReadDir(parent)
	var all []string
	for _, entry := range entries {
		if ok, _ := filepath.Match(pattern, entry.Name()); ok {
			all = append(all, filepath.Join(parent, entry.Name()))
		}
	}
	return all
}

// DirsOf removes the temporary directories below parent of a run that is over,
// except those that stay for people.
func DirsOf(parent, run string) {
	for _, dir := range named(parent, ofRun(run)) {
		if p, _, ok := readOwner(dir); ok && p.User == process.Self().User {
			_ = RemoveDir(dir)
		} else {
			_ = os.Remove(dir) // fails unless it is empty: just made, and not marked yet
		}
	}
}

// readOwner returns the process of a directory, and the time of its last use. The
// file counts only if it and the directory belong to this user.
func readOwner(dir string) (p owner.Process, used time.Time, ok bool) {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !isMine(info) {
		return p, used, false
	}
	file := filepath.Join(dir, ownerFile)
	marked, err := os.Lstat(file)
	if err != nil || !marked.Mode().IsRegular() || marked.Size() > 1000 || !isMine(marked) {
		return p, used, false
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return p, used, false
	}
	name, text, _ := strings.Cut(string(content), "\n")
	if name != filepath.Base(dir) {
		return p, used, false // copied or renamed by somebody
	}
	p, ok = owner.ParseProcess(text)
	return p, info.ModTime(), ok
}
