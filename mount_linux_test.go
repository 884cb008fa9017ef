// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// With a writable directory of ours, a container runs as we do.
func TestUserWithWritableDirectory(t *testing.T) {
	t.Parallel()
	img := probe(t)
	seatrial.Need(t, spec.Need{HostFiles: true, Root: true})
	context := enginetest.ProbeContext(t)
	writeFile(t, filepath.Join(context, "Dockerfile"), "FROM scratch\nCOPY probe /probe\nUSER 4711:4712\nENTRYPOINT [\"/probe\"]\n")
	other := seatrial.Build(t, spec.Image{Context: context})
	dir, us := t.TempDir(), fmt.Sprintf("%d:%d /\n", os.Getuid(), os.Getgid())
	file := filepath.Join(dir, "f")
	writeFile(t, file, "")
	writable := spec.Mount{Target: "/d", Host: dir}
	tests := []struct {
		about, want string
		spec        spec.Container
	}{
		{"writable directory", us, spec.Container{Mounts: []spec.Mount{writable}}},
		{"by the docker command", us, spec.Container{Mounts: []spec.Mount{writable}, Flags: []string{"--init=false"}}},
		{"read-only", "4711:4712 /\n", spec.Container{Mounts: []spec.Mount{{Target: "/d", Host: dir, ReadOnly: true}}}},
		{"file", "4711:4712 /\n", spec.Container{Mounts: []spec.Mount{{Target: "/d", Host: file}}}},
		{"user given", "8:9 /\n", spec.Container{User: "8:9", Mounts: []spec.Mount{writable}}},
		{"user given by a flag", "8:9 /\n", spec.Container{Flags: []string{"-u", "8:9"}, Mounts: []spec.Mount{writable}}},
		{"nothing", "4711:4712 /\n", spec.Container{}},
	}
	for _, test := range tests {
		s := test.spec
		s.Image, s.Command = other.Ref, []string{"-id"}
		if got := seatrial.RunToEnd(t, s).Stdout; got != test.want {
			t.Errorf("%s: runs as %q, want %q", test.about, got, test.want)
		}
	}
	if os.Chmod(dir, 0o777) != nil {
		t.Fatal("chmod")
	}
	seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Command: []string{"-write", "/d/made=x"}, Mounts: []spec.Mount{writable}})
	info, err := os.Stat(filepath.Join(dir, "made"))
	if err != nil {
		t.Fatal(err)
	}
	if sys := info.Sys().(*syscall.Stat_t); int(sys.Uid) != os.Getuid() {
		t.Errorf("the file belongs to %d, want %d", sys.Uid, os.Getuid())
	}
}
