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

// ownerFile lies in a temporary directory that goes with a process. It names the
// process, and the directory: a copy that somebody made of it has it, too. A
// directory that is left for people has none.
const ownerFile = ".seatrial-owner"

// MarkDir says that a directory goes with this process.
func MarkDir(dir string) error {
	return os.WriteFile(filepath.Join(dir, ownerFile), []byte(mark(process.Self(), dir)), 0o600)
}

func mark(p owner.Process, dir string) string { return filepath.Base(dir) + "\n" + p.String() }

// NewDir returns a function that makes a temporary directory that goes with this
// process. With the run's id at the end of its kind, it goes with the run, too.
func NewDir(kind string) func() (string, error) {
	return func() (string, error) {
		dir, err := os.MkdirTemp("", "seatrial-"+kind+"-")
		if err == nil {
			err = MarkDir(dir)
		}
		return dir, err
	}
}

// UnmarkDir says that a directory stays.
func UnmarkDir(dir string) { _ = os.Remove(filepath.Join(dir, ownerFile)) }

// keptFile lies in a temporary directory that a failed test left for people.
const keptFile = ".seatrial-kept"

// KeepDir says that a directory stays for people, until OldDirs finds it.
func KeepDir(dir string) {
	_ = os.WriteFile(filepath.Join(dir, keptFile), []byte(filepath.Base(dir)+"\n"), 0o600) // else it stays for good
	UnmarkDir(dir)
}

// OldDirs lists the temporary directories below parent that tests of this user left for
// people, to which nothing was added since. One that was copied or moved is somebody's own.
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

// Dirs removes the temporary directories below parent that dead processes of
// this user left, and returns them. It follows no link.
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

// RemoveDir removes a temporary directory, and before it what a private engine in
// it has elsewhere. If that fails, the directory stays: it knows what there is.
// It follows no link, and does not enter what somebody mounted there.
func RemoveDir(dir string) error {
	if at := mountedBelow(dir); at != "" {
		return fmt.Errorf("removing %s: something is mounted at %s", dir, at)
	}
	if err := outside.Remove(dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// lives reports whether the process of a directory may be alive. One that cannot
// be seen from here (before a reboot, in another container) is given a day.
func lives(p, self owner.Process, used time.Time) bool {
	if self.Sees(p) {
		return process.Alive(p)
	}
	return time.Since(used) < 24*time.Hour
}

// named returns what lies in a directory under names of this pattern. The
// directory's own name may look like a pattern.
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
// but those that stay for people.
func DirsOf(parent, run string) {
	for _, dir := range named(parent, ofRun(run)) {
		if p, _, ok := readOwner(dir); ok && p.User == process.Self().User {
			_ = RemoveDir(dir)
		} else {
			_ = os.Remove(dir) // made, and not marked yet: empty
		}
	}
}

// readOwner returns the process that a directory goes with, and when it was used
// last. What the file says counts only if it and the directory belong to the user
// who asks.
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
		return p, used, false // a copy, or another name: somebody's own by now
	}
	p, ok = owner.ParseProcess(text)
	return p, info.ModTime(), ok
}
