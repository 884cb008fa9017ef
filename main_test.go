// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var _ seatrial.T = (*testing.T)(nil)

var _ seatrial.T = (*testing.B)(nil)

var _ seatrial.T = (*testing.F)(nil)

func TestMain(m *testing.M) {
	code := enginetest.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: goroutines are left:", err)
		code = 1
	}
	os.Exit(code)
}

// probe returns the image that most tests run. The first test builds it, and it
// stays on the engine afterwards.
func probe(t *testing.T) *seatrial.Image {
	t.Helper()
	enginetest.Need(t)
	probes.Lock()
	defer probes.Unlock()
	if probes.image == nil {
		probes.image = seatrial.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	}
	return probes.image
}

var probes struct {
	sync.Mutex
	image *seatrial.Image
}

// mustFail calls f with a test of its own, which must fail with this text in
// the first line of its first error.
func mustFail(t *testing.T, first string, f func(t seatrial.T)) *enginetest.Recorder {
	t.Helper()
	return mustFailBy(t, time.Time{}, first, f)
}

func mustFailBy(t *testing.T, deadline time.Time, first string, f func(t seatrial.T)) *enginetest.Recorder {
	t.Helper()
	r := enginetest.Record(t.Name(), deadline, func(r *enginetest.Recorder) { f(r) })
	line, _, _ := strings.Cut(r.Errors(), "\n")
	if !r.Failed() || !strings.Contains(line, first) {
		t.Errorf("failed = %v with %q, want failure with %q in the first line\n%s", r.Failed(), line, first, r.Errors())
	}
	r.Discard(t)
	return r
}

// mustFailIn is mustFail with a deadline. On a slow machine the work of f before
// its wait may not fit in; then f gets more time, up to sixteen-fold.
func mustFailIn(t *testing.T, in time.Duration, first string, f func(t seatrial.T)) *enginetest.Recorder {
	t.Helper()
	for range 2 {
		r := enginetest.Record(t.Name(), time.Now().Add(in), func(r *enginetest.Recorder) { f(r) })
		r.Discard(t)
		if line, _, _ := strings.Cut(r.Errors(), "\n"); r.Failed() && strings.Contains(line, first) {
			return r
		}
		t.Logf("repeated: %v was too short: %s", in, r.Errors())
		in *= 4
	}
	return mustFailBy(t, time.Now().Add(in), first, f)
}

// snapshot lists a directory with everything that a careless build might change.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		fmt.Fprintf(&b, "%s %v %d %v %x\n", path, info.Mode(), info.Size(), info.ModTime(), sha256.Sum256(content))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// content returns the content of a file in an image.
func content(t *testing.T, img *seatrial.Image, path string) string {
	t.Helper()
	r := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Entrypoint: []string{"/probe"}, Command: []string{"-stat", path}})
	fields := strings.SplitN(strings.TrimSpace(r.Stdout), " ", 3)
	return fields[len(fields)-1]
}

// built counts builds in the engine's history.
func built(t *testing.T, name string) int {
	t.Helper()
	out, err := exec.Command("docker", "buildx", "history", "ls", "--format", "json").Output()
	if err != nil {
		t.Fatalf("docker buildx history: %v", err)
	}
	n := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var b struct{ Name, Status string }
		if err := d.Decode(&b); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(b.Name, name) && b.Status == "Completed" {
			n++
		}
	}
}

func idle(t *testing.T, s spec.Container) *seatrial.Container {
	t.Helper()
	s.Image, s.Command = probe(t).Ref, []string{"-after", "5m"}
	if s.Ready == nil { // so that no time is lost: it is known to keep running
		s.Ready = wait.ReadyCondition{AtOnce: true}
	}
	if s.Name == "" {
		s.Name = "box"
	}
	return seatrial.Run(t, s)
}

// sh returns a command for this machine's shell.
func sh(script string) spec.Command {
	return spec.Command{Program: "sh", Args: []string{"-c", script}}
}

func artifacts(t seatrial.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	dir := seatrial.Artifacts(t)
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		content, failed := os.ReadFile(filepath.Join(dir, e.Name()))
		all[e.Name()], err = string(content), errors.Join(err, failed)
	}
	if err != nil {
		t.Errorf("%v", err)
	}
	return all
}

func shop(img *seatrial.Image) spec.Project {
	return spec.Project{Files: []string{"testdata/shop/compose.yaml"}, Images: map[string]string{"example/probe:1": img.Ref}}
}

// project writes a Compose file into a directory, and returns its spec.
func project(t *testing.T, img *seatrial.Image, file string) spec.Project {
	t.Helper()
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), file)
	return spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}}
}

const oneServer = `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
`

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func inline(t *testing.T, dockerfile string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "Dockerfile")
	enginetest.WriteFile(t, name, dockerfile)
	return name
}
