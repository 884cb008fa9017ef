// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	machine "github.com/moby/moby/api/types/system"
)

func TestForwards(t *testing.T) {
	for _, test := range []struct {
		info machine.Info
		goos string
		want bool
	}{
		{machine.Info{OperatingSystem: "Debian GNU/Linux 12 (bookworm)"}, "linux", false},
		{machine.Info{OperatingSystem: "Docker Desktop"}, "linux", true},
		{machine.Info{OperatingSystem: "OrbStack"}, "darwin", true},
		{machine.Info{OperatingSystem: "Ubuntu 24.04 LTS"}, "darwin", true}, // Colima
		{machine.Info{OperatingSystem: "Debian", SecurityOptions: []string{"name=seccomp,profile=builtin", "name=rootless"}}, "linux", true},
		{machine.Info{OperatingSystem: "Debian", SecurityOptions: []string{"name=userns"}}, "linux", false},
	} {
		if got := forwards(test.info, test.goos); got != test.want {
			t.Errorf("forwards(%q %q, %s) = %v, want %v", test.info.OperatingSystem, test.info.SecurityOptions, test.goos, got, test.want)
		}
	}
}

func TestIsOurs(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "127.3.4.5": true, "::1": true, "192.0.2.1": false, "docker.example": false, "": false} {
		if got := isOurs(host); got != want {
			t.Errorf("isOurs(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestSameFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "12345")
	when := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
	ours, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	theirs := container.PathStat{Size: 5, Mode: 0o644, Mtime: when.Truncate(time.Second)}
	change := func(f func(*container.PathStat)) container.PathStat {
		s := theirs
		f(&s)
		return s
	}
	for about, test := range map[string]struct {
		theirs container.PathStat
		want   bool
	}{
		"the same, by whole seconds": {theirs, true},
		"another size":               {change(func(s *container.PathStat) { s.Size = 6 }), false},
		"another time":               {change(func(s *container.PathStat) { s.Mtime = when.Add(2 * time.Second) }), false},
		"a directory":                {change(func(s *container.PathStat) { s.Mode = fs.ModeDir | 0o755 }), false},
	} {
		if got := sameFile(ours, test.theirs); got != test.want {
			t.Errorf("%s: sameFile = %v, want %v", about, got, test.want)
		}
	}
}

func TestOlder(t *testing.T) {
	for _, test := range []struct {
		have, want string
		older      bool
	}{
		{"2.24.3", "2.24.4", true},
		{"2.24.4", "2.24.4", false},
		{"2.9.9", "2.24.4", true},
		{"2.40.3-desktop.1", "2.24.4", false},
		{"2.20.0-desktop.1", "2.24.4", true},
		{"5.0.0", "2.30", false},
		{"dev", "2.30", false},
	} {
		if got := older(test.have, test.want); got != test.older {
			t.Errorf("older(%q, %q) = %v, want %v", test.have, test.want, got, test.older)
		}
	}
}
