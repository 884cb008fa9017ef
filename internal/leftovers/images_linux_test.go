// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
)

// collectsImages serializes tests that remove all old images.
func collectsImages(t *testing.T) {
	t.Helper()
	collecting.Lock()
	t.Cleanup(collecting.Unlock)
}

var collecting sync.Mutex

// aged makes an image that looks like a built one that was last used that long ago. It
// uses a commit, which takes a fifth of the time of a build.
func aged(t *testing.T, base string, ago time.Duration) *seatrial.Image {
	t.Helper()
	key := sha256.Sum256([]byte(rand.Text()))
	img := &seatrial.Image{Ref: owner.Built("aged", key[:])}
	container := strings.TrimSpace(enginetest.Docker(t, "create", base, "/none"))
	enginetest.Docker(t, "commit", "--change", "LABEL "+owner.LabelKind+"="+owner.Image, "--change", "LABEL new="+rand.Text(), container, img.Ref)
	enginetest.Docker(t, "rm", container)
	enginetest.Docker(t, "tag", img.Ref, owner.UsedTag(img.Ref, time.Now().Add(-ago)))
	t.Cleanup(func() {
		for _, name := range enginetest.ImageNames(t, img.Ref) {
			_ = exec.Command("docker", "image", "rm", name).Run()
		}
	})
	return img
}

const day = 24 * time.Hour

// Images are removed by the day of their last use. Those used today, those with a
// container, and those of others stay.
func TestImagesAreCollected(t *testing.T) {
	t.Parallel()
	collectsImages(t)
	base := probe(t)
	e := findEngine(t)
	old, older, used, recent := aged(t, base.Ref, 8*day), aged(t, base.Ref, 30*day), aged(t, base.Ref, 8*day), aged(t, base.Ref, 4*day)
	seatrial.Run(t, spec.Container{Image: used.Ref, Command: []string{"-print", "has ended"}})
	foreign := "localhost/seatrial-foreign/" + seatrial.Name(t, "") + ":30313233343536373839"
	enginetest.Docker(t, "tag", base.Ref, foreign)
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", foreign).Run() })

	before := time.Now().Add(-5 * day)
	gone := func(only bool) (all []string) {
		t.Helper()
		if err := sweep.RemoveUnused(t.Context(), e, before, only, func(b sweep.Built, f sweep.Fate) {
			if f.Remove {
				all = append(all, b.Ref)
			}
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, only := range []bool{true, false} {
		removed := gone(only)
		for img, want := range map[*seatrial.Image]bool{old: true, older: true, used: false, recent: false, base: false} {
			if got := slices.Contains(removed, img.Ref); got != want {
				t.Errorf("only said %v: removed %s = %v, want %v", only, img, got, want)
			}
			if left := len(enginetest.ImageNames(t, img.Ref)); (left == 0) != (want && !only) {
				t.Errorf("only said %v: of %s there are %d names left", only, img, left)
			}
		}
	}
	if len(enginetest.ImageNames(t, foreign)) != 1 {
		t.Error("an image that is not ours was removed")
	}
	if again := seatrial.Build(t, spec.Image{Context: enginetest.NewContext(t, "FROM "+recent.Ref+"\n", nil)}); again.Ref == "" {
		t.Error("no image")
	}
}

// Building an existing image counts as use, once a day.
func TestUseIsNoted(t *testing.T) {
	t.Parallel()
	base := probe(t)
	dir := enginetest.NewContext(t, "FROM "+base.Ref+"\nENV NEW="+seatrial.Name(t, "")+"\n", nil)
	img := seatrial.Build(t, spec.Image{Context: dir})
	enginetest.Docker(t, "tag", img.Ref, owner.UsedTag(img.Ref, time.Now().Add(-8*day)))
	enginetest.Docker(t, "image", "rm", owner.UsedTag(img.Ref, time.Now()))
	if again := seatrial.Build(t, spec.Image{Context: dir}); again.Ref != img.Ref {
		t.Fatalf("the image is %s, want %s", again, img)
	}
	want := []string{img.Ref, owner.UsedTag(img.Ref, time.Now())}
	if got := enginetest.ImageNames(t, img.Ref); len(got) != 2 || !slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
		t.Errorf("names = %q, want %q", got, want)
	}
}

// A build that finds an image while it is being removed keeps it.
func TestFoundWhileRemoved(t *testing.T) {
	t.Parallel()
	collectsImages(t)
	base := probe(t)
	e := findEngine(t)
	img := aged(t, base.Ref, 8*day)
	all, err := sweep.BuiltImages(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(b sweep.Built) bool { return b.Ref == img.Ref })
	if i < 0 {
		t.Fatalf("%s is not among the built images", img)
	}
	enginetest.Docker(t, "tag", img.Ref, owner.UsedTag(img.Ref, time.Now())) // after the collection has looked at it
	gone, err := sweep.RemoveBuilt(t.Context(), e, all[i], time.Now().Add(-5*day))
	if gone || err != nil {
		t.Errorf("RemoveBuilt = %v, %v, want that it stays", gone, err)
	}
	if got := enginetest.ImageNames(t, img.Ref); !slices.Contains(got, img.Ref) {
		t.Errorf("names = %q, want its own among them", got)
	}
}

// The first build of a day removes old images, and later ones do not check.
func TestTrim(t *testing.T) {
	t.Parallel()
	collectsImages(t)
	base := probe(t)
	e := findEngine(t)
	dir := t.TempDir()
	now := time.Now()
	img := aged(t, base.Ref, 8*day)
	n, err := sweep.Trim(t.Context(), e, dir, "engine", now)
	if err != nil || n == 0 || len(enginetest.ImageNames(t, img.Ref)) > 0 {
		t.Errorf("Trim = %d, %v, names left = %q, want it gone", n, err, enginetest.ImageNames(t, img.Ref))
	}
	img = aged(t, base.Ref, 8*day)
	if n, err := sweep.Trim(t.Context(), e, dir, "engine", now.Add(23*time.Hour)); n != 0 || err != nil {
		t.Errorf("Trim again = %d, %v, want nothing", n, err)
	}
	if n, err := sweep.Trim(t.Context(), e, dir, "engine", now.Add(25*time.Hour)); n == 0 || err != nil || len(enginetest.ImageNames(t, img.Ref)) > 0 {
		t.Errorf("Trim on the next day = %d, %v, names left = %q, want it gone", n, err, enginetest.ImageNames(t, img.Ref))
	}
}

func TestGCImages(t *testing.T) {
	t.Parallel()
	collectsImages(t)
	base := probe(t)
	old, recent := aged(t, base.Ref, 8*day), aged(t, base.Ref, 4*day)
	program := enginetest.SeatrialCommand(t)
	gc := func(want int, args ...string) string {
		t.Helper()
		cmd := exec.Command(program, append([]string{"gc"}, args...)...)
		cmd.Env = os.Environ()
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Errorf("gc %q ends with %d, want %d:\n%s", args, code, want, out)
		}
		return string(out)
	}
	if out := gc(0, "--images", "--dry-run"); !strings.Contains(out, "would remove image "+old.Ref+": it was used last on ") || !strings.Contains(out, "would leave image "+recent.Ref) {
		t.Errorf("gc --images --dry-run says\n%s", out)
	}
	if len(enginetest.ImageNames(t, old.Ref)) != 2 {
		t.Error("--dry-run removed something")
	}
	var report struct {
		Version int
		Objects []struct {
			Kind, Name      string
			Remove, Removed bool
		}
	}
	if err := json.Unmarshal([]byte(gc(0, "--images", "--format", "json", "--older", "6d")), &report); err != nil {
		t.Fatal(err)
	}
	if report.Version != 1 || len(report.Objects) == 0 {
		t.Errorf("the report is of version %d, and has %d objects", report.Version, len(report.Objects))
	}
	for _, o := range report.Objects {
		if want := o.Name == old.Ref; (o.Name == old.Ref || o.Name == recent.Ref) && (o.Remove != want || o.Removed != want) {
			t.Errorf("%+v, want removed = %v", o, want)
		}
	}
	if len(enginetest.ImageNames(t, old.Ref)) > 0 || len(enginetest.ImageNames(t, recent.Ref)) != 2 {
		t.Errorf("names left = %q, %q", enginetest.ImageNames(t, old.Ref), enginetest.ImageNames(t, recent.Ref))
	}
	for _, args := range [][]string{{"--images", "--all", "--yes"}, {"--older", "5d"}, {"--images", "--older", "x"}, {"--images", "--older", "-1h"}, {"--images", "--run", "abcdefgh"}} {
		if out := gc(2, args...); !strings.Contains(out, "hint: seatrial help gc") {
			t.Errorf("gc %q says\n%s", args, out)
		}
	}
}
