// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// allPackages is large enough that a project for each package would take much longer than
// one for all.
const allPackages = 10

// packages are packages whose tests share a project.
type packages struct {
	dir   string // with a directory for each
	count int
	file  string // of the project
	image string
	tmp   string
}

func newPackages(t *testing.T, image string) *packages {
	t.Helper()
	p := &packages{dir: t.TempDir(), count: enginetest.Sample(t, "SEATRIAL_PACKAGES", 3, allPackages, "packages that share a project, not compared with a project for each"), image: image}
	p.file, p.tmp = filepath.Join(p.dir, "compose.yaml"), filepath.Join(p.dir, "tmp")
	content, err := os.ReadFile("../../testdata/shop/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, p.file, string(content))
	for n := range p.count {
		if err := os.Mkdir(filepath.Join(p.dir, fmt.Sprintf("package%d", n)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(p.tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-ldflags=-s -w", "-o", p.program(), "./testdata/ten").CombinedOutput(); err != nil {
		t.Fatalf("compiling the packages' tests: %v\n%s", err, out)
	}
	return p
}

// program is the test program of all packages; each runs it in its own directory.
func (p *packages) program() string { return filepath.Join(p.dir, "package.test") }

// running is a package whose tests run.
type running struct {
	*exec.Cmd
	out    bytes.Buffer
	err    error
	killed bool
}

// start starts the tests of all packages at once.
func (p *packages) start(t *testing.T, env ...string) []*running {
	t.Helper()
	var all []*running
	for n := range p.count {
		r := &running{Cmd: exec.Command(p.program(), "-test.timeout=5m")}
		r.Dir = filepath.Join(p.dir, fmt.Sprintf("package%d", n))
		r.Env = append(os.Environ(), append([]string{"TMPDIR=" + p.tmp, "SEATRIAL_TEST_FILE=" + p.file, "SEATRIAL_TEST_IMAGE=" + p.image, "SEATRIAL_TEST_WARM=3m"}, env...)...)
		r.Stdout, r.Stderr = &r.out, &r.out
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// run runs all packages, and returns the projects that they used, and how long it
// took. All packages that were not killed must pass.
func (p *packages) run(t *testing.T, env ...string) (projects []string, took time.Duration) {
	t.Helper()
	began := time.Now()
	all := p.start(t, env...)
	return await(t, all), time.Since(began)
}

func await(t *testing.T, all []*running) (projects []string) {
	t.Helper()
	var wg sync.WaitGroup
	for _, r := range all {
		wg.Go(func() { r.err = r.Wait() })
	}
	wg.Wait()
	for n, r := range all {
		if r.err != nil && !r.killed {
			t.Errorf("package %d: %v\n%s", n, r.err, r.out.String())
		}
		for line := range strings.Lines(r.out.String()) {
			if name, ok := strings.CutPrefix(line, "uses "); ok && !slices.Contains(projects, name) {
				projects = append(projects, name)
			}
		}
	}
	return projects
}

// starts counts the starts of a store since a time of the engine's clock, by the engine's
// events.
func starts(t *testing.T, since string) int {
	t.Helper()
	out := enginetest.Docker(t, "events", "--since", since, "--until", engineTime(t), "--filter", "type=container", "--filter", "event=start",
		"--filter", "label=com.docker.compose.service=store", "--format", "{{.Actor.ID}}")
	return len(strings.Fields(out))
}

func engineTime(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(enginetest.Docker(t, "info", "--format", "{{.SystemTime}}"))
}

func TestSharedByPackages(t *testing.T) {
	enginetest.Alone(t, "it removes all that is shared on the engine")
	img := probe(t)
	before := enginetest.Objects(t)
	p := newPackages(t, img.Ref)
	t.Cleanup(func() {
		if out, err := exec.Command(enginetest.SeatrialCommand(t), "gc", "--all", "--yes").CombinedOutput(); err != nil {
			t.Errorf("seatrial gc --all --yes: %v\n%s", err, out)
		}
	})
	since := engineTime(t)
	count := func(what string, want int) {
		t.Helper()
		if got := starts(t, since); got != want {
			t.Errorf("%s: %d starts, want %d", what, got, want)
		}
		since = engineTime(t)
	}

	first, cold := p.run(t)
	count("all packages at once", 1)
	if len(first) != 1 {
		t.Errorf("they used the projects %q, want one", first)
	}
	second, warm := p.run(t)
	count("once more", 0)
	if !slices.Equal(second, first) {
		t.Errorf("once more they used %q, want %q", second, first)
	}
	out, err := exec.Command(enginetest.SeatrialCommand(t), "gc", "--dry-run").CombinedOutput()
	if want := "it stays warm until"; err != nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), strings.TrimSpace(first[0])+"-store-1") {
		t.Errorf("gc --dry-run: %v\n%s\nwant %q of %q", err, out, want, first)
	}

	p.edit(t)
	third, _ := p.run(t)
	count("after an edit of the file", 1)
	if len(third) != 1 || slices.Equal(third, first) {
		t.Errorf("after an edit they used %q, want another than %q", third, first)
	}

	t.Logf("%d packages, sharing a project: %v, and %v when it is warm", p.count, cold.Round(time.Millisecond), warm.Round(time.Millisecond))
	if p.count == allPackages {
		each, private := p.run(t, "SEATRIAL_TEST_PRIVATE=1")
		if len(each) != p.count {
			t.Errorf("with a project for each, they used the projects %q, want %d", each, p.count)
		}
		t.Logf("with one for each: %v (%.1f and %.1f times as long)", private.Round(time.Millisecond),
			private.Seconds()/cold.Seconds(), private.Seconds()/warm.Seconds())
	}

	if out, err := exec.Command(enginetest.SeatrialCommand(t), "gc", "--all", "--yes").CombinedOutput(); err != nil {
		t.Errorf("seatrial gc --all --yes: %v\n%s", err, out)
	}
	p.edit(t)

	// Kill some packages at random moments, perhaps also the one that starts the project.
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	all := p.start(t, "SEATRIAL_TEST_WARM=10s", "SEATRIAL_TEST_WORK=2s")
	for _, n := range random.Perm(p.count)[:p.count/2] {
		time.Sleep(time.Duration(random.Int64N(int64(3 * time.Second))))
		all[n].killed = true
		_ = all[n].Process.Kill()
	}
	used := await(t, all)
	if t.Failed() {
		t.Fatalf("seed %d", seed)
	}
	ended := time.Now()
	leavesNothing(t, p.tmp, before)
	t.Logf("%d of %d were killed; the others used %d projects, of which nothing was left %v after the last test", p.count/2, p.count, len(used), time.Since(ended).Round(time.Millisecond))
}

// leavesNothing waits until the engine has the same objects as before, and no
// process or file is left of the programs that had this temporary directory.
func leavesNothing(t *testing.T, tmp, before string) {
	t.Helper()
	left := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		now := enginetest.Objects(t)
		if left = processes(t, tmp) + temporary(t, tmp); now == before && left == "" {
			return
		}
		left = now + left
	}
	t.Errorf("a minute after its end there is\n%s\nbefore there was\n%s", left, before)
}

// edit changes the file of the project, by a comment.
func (p *packages) edit(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(p.file)
	if err == nil {
		err = os.WriteFile(p.file, append(content, "# edited\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
