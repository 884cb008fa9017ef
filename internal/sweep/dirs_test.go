// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

func TestDirs(t *testing.T) {
	parent, elsewhere := t.TempDir(), t.TempDir()
	dead := process.Self()
	dead.PID, dead.Start = 1<<22+1, "1" // beyond the kernel's largest pid
	change := func(f func(*owner.Process)) string {
		p := dead
		f(&p)
		return p.String()
	}
	write := func(path, content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mkdir := func(name, owner string) string {
		t.Helper()
		dir := filepath.Join(parent, name)
		if err := os.MkdirAll(filepath.Join(dir, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
		if owner != "" {
			write(filepath.Join(dir, ownerFile), name+"\n"+owner)
		}
		return dir
	}
	link := func(to, from string) {
		t.Helper()
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(elsewhere, "precious"), "x")
	write(filepath.Join(elsewhere, ownerFile), "seatrial-linked-owner\n"+dead.String())
	pointed := filepath.Join(elsewhere, "pointed")
	if err := os.Mkdir(pointed, 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(pointed, ownerFile), "seatrial-link\n"+dead.String())

	goes := mkdir("seatrial-TestA-run-1", dead.String())
	link(elsewhere, filepath.Join(goes, "link")) // must not be followed
	unseen := change(func(p *owner.Process) { p.Boot = "before" })
	old, recent := mkdir("seatrial-TestA-run-old", unseen), mkdir("seatrial-before-reboot", unseen)
	for dir, age := range map[string]time.Duration{old: 25 * time.Hour, recent: 23 * time.Hour} { // one that cannot be seen has a day
		if err := os.Chtimes(dir, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	mkdir("seatrial-living", process.Self().String())
	mkdir("seatrial-other-user", change(func(p *owner.Process) { p.User += "1" }))
	mkdir("seatrial-kept", "")
	copied := mkdir("seatrial-copied", "")
	write(filepath.Join(copied, ownerFile), "seatrial-TestA-run-1\n"+dead.String())
	mkdir("seatrial-broken", "1:2:3")
	mkdir("other", dead.String())
	link(pointed, filepath.Join(parent, "seatrial-link"))
	linked := mkdir("seatrial-linked-owner", "")
	link(filepath.Join(elsewhere, ownerFile), filepath.Join(linked, ownerFile))
	if os.Getuid() == 0 { // others write to /tmp, too, and say what they like there
		for _, theirs := range []string{mkdir("seatrial-theirs", dead.String()), filepath.Join(mkdir("seatrial-their-mark", dead.String()), ownerFile)} {
			if err := os.Chown(theirs, 1234, 1234); err != nil {
				t.Fatal(err)
			}
		}
	}

	if got, want := Dirs(parent), []string{goes, old}; !slices.Equal(got, want) {
		t.Errorf("Dirs = %q, want %q", got, want)
	}
	for _, gone := range []string{goes, old} {
		if _, err := os.Lstat(gone); !os.IsNotExist(err) {
			t.Errorf("%s is there: %v", gone, err)
		}
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "precious")); err != nil {
		t.Errorf("what a link led to: %v", err)
	}
}

func TestDirsOf(t *testing.T) {
	parent := t.TempDir()
	for name, file := range map[string]string{
		"seatrial-TestA-run1-1": ownerFile, "seatrial-TestA-run1-2": "", // marked; just made
		"seatrial-TestA-run1-3": "db.out", // left for people
		"seatrial-TestA-run1-4": "copied",
		"seatrial-TestA-run2-1": ownerFile,
	} {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if file != "" {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(mark(process.Self(), dir)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	copied := filepath.Join(parent, "seatrial-TestA-run1-4") // somebody's copy of the first
	if err := os.WriteFile(filepath.Join(copied, ownerFile), []byte(mark(process.Self(), "seatrial-TestA-run1-1")), 0o600); err != nil {
		t.Fatal(err)
	}
	DirsOf(parent, "run1")
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if want := []string{"seatrial-TestA-run1-3", "seatrial-TestA-run1-4", "seatrial-TestA-run2-1"}; !slices.Equal(left, want) {
		t.Errorf("left = %q, want %q", left, want)
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{"/a": "/a", `/a\040b`: "/a b", `/a\134`: `/a\`, `/a\04`: `/a\04`} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

// Directories of failed tests are removed when they are old, but not new ones, copies or
// links.
func TestOldDirs(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	since := time.Now().Add(-time.Hour)
	make := func(name string, age time.Duration) string {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := MarkDir(dir); err != nil {
			t.Fatal(err)
		}
		KeepDir(dir)
		if _, _, ends := readOwner(dir); ends {
			t.Errorf("%s still ends with this process", dir)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(dir, at, at); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	old, older := make("seatrial-TestA-run-1", 2*time.Hour), make("seatrial-TestA-run-2", 3*time.Hour)
	make("seatrial-TestB-run-1", time.Minute)
	if err := os.Rename(make("seatrial-TestC-run-1", 2*time.Hour), filepath.Join(parent, "seatrial-of-mine")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(old, filepath.Join(parent, "seatrial-link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(parent, "seatrial-TestD-run-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(make("seatrial-theirs", 2*time.Hour), 1234, 1234); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := OldDirs(parent, since), []string{old, older}; !slices.Equal(got, want) {
		t.Errorf("OldDirs = %q, want %q", got, want)
	}
}
