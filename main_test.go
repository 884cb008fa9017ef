// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

var _ seatrial.T = (*testing.T)(nil)
var _ seatrial.T = (*testing.B)(nil)
var _ seatrial.T = (*testing.F)(nil)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// probe builds the image that most tests run.
func probe(t *testing.T) *seatrial.Image {
	t.Helper()
	enginetest.Need(t)
	return seatrial.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
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
	discard(t, r)
	return r
}

// mustFailIn is mustFail with a deadline: so soon that what f does before it waits
// may not fit in on a slow machine, where f gets more time, up to sixteen fold.
func mustFailIn(t *testing.T, in time.Duration, first string, f func(t seatrial.T)) *enginetest.Recorder {
	t.Helper()
	for range 2 {
		r := enginetest.Record(t.Name(), time.Now().Add(in), func(r *enginetest.Recorder) { f(r) })
		discard(t, r)
		if line, _, _ := strings.Cut(r.Errors(), "\n"); r.Failed() && strings.Contains(line, first) {
			return r
		}
		t.Logf("with %v: %s", in, r.Errors())
		in *= 4
	}
	return mustFailBy(t, time.Now().Add(in), first, f)
}

// discard removes the artifacts of a recorded test that failed.
func discard(t *testing.T, r *enginetest.Recorder) {
	if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
		dir, _, _ = strings.Cut(dir, "\n")
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
}

// list returns one line for every object of this kind on the engine, ours or not.
func list(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).Output()
	if err != nil {
		t.Fatalf("docker %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// everything lists all objects of the engine, not only ours.
func everything(t *testing.T) string {
	t.Helper()
	return list(t, "ps", "--all", "--no-trunc", "--format", "container {{.Names}}") +
		list(t, "network", "ls", "--format", "network {{.Name}}") +
		list(t, "volume", "ls", "--format", "volume {{.Name}}") +
		imagesOfProjects(t)
}

// imagesOfProjects lists images but those that are kept for the next build.
func imagesOfProjects(t *testing.T) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(list(t, "image", "ls", "--format", "image {{.Repository}}:{{.Tag}} {{.ID}}")) {
		if !strings.HasPrefix(line, "image localhost/seatrial") || strings.Contains(line, ":building-") || strings.Contains(line, ":commit-") {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}
