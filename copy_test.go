// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

func TestCopyThereAndBack(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{})
	from := filepath.Join(t.TempDir(), "from")
	enginetest.WriteFile(t, filepath.Join(from, "a b", "x.txt"), "x")
	enginetest.WriteFile(t, filepath.Join(from, "secret"), "s")
	enginetest.WriteFile(t, filepath.Join(from, "run"), "r")
	for name, mode := range map[string]os.FileMode{"secret": 0o600, "run": 0o755, "a b": 0o555} {
		if err := os.Chmod(filepath.Join(from, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(from, "a b"), 0o755) })
	for name, to := range map[string]string{"inside": "a b/x.txt", "outside": "/etc/passwd", "broken": "../none"} {
		if err := os.Symlink(to, filepath.Join(from, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := tree(t, from)

	c.CopyIn(t, from, "/new/dir")
	c.CopyIn(t, from, "/new/dir/") // into an existing directory
	if got := c.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/new/dir/secret", "-stat", "/new/dir/outside"}}).Stdout; got != "-rw------- 0:0 s\nLrwxrwxrwx 0:0 -> /etc/passwd\n" {
		t.Errorf("inside they are %q", got)
	}
	to := filepath.Join(t.TempDir(), "made", "to")
	c.CopyOut(t, "/new/dir", to)
	t.Cleanup(func() { os.Chmod(filepath.Join(to, "a b"), 0o755) })
	if diff := cmp.Diff(want, tree(t, to)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}

	c.CopyIn(t, filepath.Join(from, "run"), "/one/file")
	c.Stop(t) // it need not run
	one := filepath.Join(t.TempDir(), "one")
	c.CopyOut(t, "/one/file", one)
	if got := tree(t, one); got != "-rwxr-xr-x . r\n" {
		t.Errorf("a file came back as %q", got)
	}
}

func TestCopyFails(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{})
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	enginetest.WriteFile(t, file, "")
	for want, do := range map[string]func(t seatrial.T){
		"copying none to /x in box: stat none: no such file": func(t seatrial.T) { c.CopyIn(t, "none", "/x") },
		`"x" is not an absolute path`:                        func(t seatrial.T) { c.CopyIn(t, file, "x") },
		"add the name of the file":                           func(t seatrial.T) { c.CopyIn(t, file, "/x/") },
		"/probe is not a directory there":                    func(t seatrial.T) { c.CopyIn(t, file, "/probe/x/y") },
		"in box: /probe is not a directory there":            func(t seatrial.T) { c.CopyIn(t, file, "/probe/x") },
		"there is no /none in it":                            func(t seatrial.T) { c.CopyOut(t, "/none", filepath.Join(dir, "x")) },
		`"etc" is not an absolute path`:                      func(t seatrial.T) { c.CopyOut(t, "etc", dir) },
		"one of the two is a directory":                      func(t seatrial.T) { c.CopyOut(t, "/probe", dir) },
	} {
		mustFail(t, want, do)
	}
}
