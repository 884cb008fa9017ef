// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/enginetest/private"
	"github.com/seatrial/seatrial/spec"
)

func TestMain(m *testing.M) { os.Exit(private.Main(unmounted{m})) }

// probe builds the image that the tests run.
func probe(t *testing.T) *seatrial.Image {
	t.Helper()
	enginetest.Need(t)
	return seatrial.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
}

// shop is a project of three services with a network and a volume.
func shop(img *seatrial.Image) spec.Project {
	return spec.Project{Files: []string{"../../testdata/shop/compose.yaml"}, Images: map[string]string{"example/probe:1": img.Ref}}
}

// project writes a Compose file into a directory, and returns its spec.
func project(t *testing.T, img *seatrial.Image, file string) spec.Project {
	t.Helper()
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), file)
	return spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}}
}

// mustFail calls f with a test of its own, which must fail with this text in the
// first line of its first error.
func mustFail(t *testing.T, first string, f func(t seatrial.T)) *enginetest.Recorder {
	t.Helper()
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { f(r) })
	r.Discard(t)
	if line, _, _ := strings.Cut(r.Errors(), "\n"); !r.Failed() || !strings.Contains(line, first) {
		t.Errorf("failed = %v, want failure with %q in the first line\n%s", r.Failed(), first, r.Errors())
	}
	return r
}
