// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
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
	code := enginetest.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: goroutines are left:", err)
		code = 1
	}
	os.Exit(code)
}

// probe returns the image that most tests run. The first that asks builds it: it
// stays on the engine after its test.
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
		t.Logf("repeated: %v was too short: %s", in, r.Errors())
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
