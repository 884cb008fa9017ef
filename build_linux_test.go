// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// Pipes are refused, as reading one could block for ever.
func TestBuildFromPipes(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.NewContext(t, "FROM scratch\n", map[string]string{"piped": "FROM scratch\n"})
	pipe := filepath.Join(dir, "pipe")
	for _, name := range []string{pipe, filepath.Join(dir, "piped.dockerignore")} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for want, s := range map[string]spec.Image{
		"Dockerfile: " + pipe + " is neither a file nor a directory":                                {Context: dir, Dockerfile: "pipe"},
		"Files: " + pipe + " is neither a file nor a directory":                                     {Context: dir, Files: []string{"pipe"}},
		`Secrets: "key": ` + pipe + " is neither a file nor a directory":                            {Context: dir, Secrets: map[string]spec.BuildSecret{"key": {File: pipe}}},
		"reading the ignore file: " + dir + "/piped.dockerignore is neither a file nor a directory": {Context: dir, Dockerfile: "piped"},
	} {
		mustFail(t, want, func(t seatrial.T) { seatrial.Build(t, s) })
	}
}

// If no lock can be taken, the build works without one.
func TestBuildWithoutLocks(t *testing.T) {
	enginetest.Need(t)
	cache := filepath.Join(t.TempDir(), "cache")
	enginetest.WriteFile(t, cache, "no directory")
	t.Setenv("XDG_CACHE_HOME", cache)
	img := seatrial.Build(t, spec.Image{Context: enginetest.NewContext(t, "FROM scratch\nLABEL x="+seatrial.Name(t, "")+"\n", nil)})
	timeline, err := os.ReadFile(filepath.Join(seatrial.Artifacts(t), "timeline.txt"))
	if err != nil || !strings.Contains(string(timeline), "without a lock: ") {
		t.Errorf("%s was built; the time line is\n%s%v\nwant it to say that there was no lock", img, timeline, err)
	}
}
