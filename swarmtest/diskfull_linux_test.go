// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// If the engine's disk is full, the error says so, and the project is removed.
func TestProjectOnFullDisk(t *testing.T) {
	enginetest.Need(t)
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	project := t.TempDir()
	small := t.TempDir()
	if err := syscall.Mount("small", small, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
	t.Setenv("TMPDIR", small)
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)})
	img := e.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(project, "compose.yaml"), `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], volumes: ["./data:/data"]}
`)
	s := spec.Project{Files: []string{project}, Images: map[string]string{"example/probe:1": img.Ref}}
	write(filepath.Join(project, "data", "small"), "fits")
	t.Run("fits", func(t *testing.T) { e.Up(t, s) })
	write(filepath.Join(project, "data", "large"), strings.Repeat("x", 100<<20))
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { e.Up(r, s) })
	first, _, _ := strings.Cut(r.Errors(), "\n")
	if !r.Failed() || !strings.Contains(first, "copying "+filepath.Join(project, "data")) || !strings.Contains(first, "no space left on device") {
		t.Errorf("it says\n%s", r.Errors())
	}
	if strings.Contains(r.Errors(), "removing what the test made") {
		t.Errorf("left behind:\n%s", r.Errors())
	}
	if out := e.Docker(t, spec.Command{Args: []string{"volume", "ls", "--quiet"}}).Stdout; out != "" {
		t.Errorf("volumes are left: %s", out)
	}
}
