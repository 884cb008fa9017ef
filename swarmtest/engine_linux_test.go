// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/swarmtest"
)

// kinds are the engines that the project's tests run on.
var kinds = []struct {
	name, dockerd string
	classic       bool
	version       string // how it must begin
	store         *regexp.Regexp
}{
	{"containerd store", enginetest.Dockerd, false, "29.", containerdStore},
	{"classic store", enginetest.Dockerd, true, "29.", classicStore},
	{"20.10", enginetest.OldDockerd, false, "20.10.", classicStore},
}

var (
	containerdStore = regexp.MustCompile(`driver-type io\.containerd\.snapshotter\.v1`)
	classicStore    = regexp.MustCompile(`^(overlay2|vfs) `)
)

// All kinds run at the same time, so that the test shows whether they get in each other's
// way.
func TestKindsOfEngines(t *testing.T) {
	t.Parallel()
	var were []footprint
	t.Run("while they live", func(t *testing.T) {
		var engines []*swarmtest.Engine
		for _, kind := range kinds {
			began := time.Now()
			e := swarmtest.StartEngine(t, swarmtest.EngineSpec{
				Dockerd: enginetest.NeedDockerd(t, kind.dockerd), ClassicStore: kind.classic,
			})
			t.Logf("%s: ready after %v", kind.name, time.Since(began).Round(time.Millisecond))
			engines, were = append(engines, e), append(were, footprintOf(t, e))
		}
		t.Run("each", func(t *testing.T) {
			for i, kind := range kinds {
				t.Run(kind.name, func(t *testing.T) {
					t.Parallel()
					e := engines[i]
					if got := docker(t, e.Host(), "version", "--format", "{{.Server.Version}}"); !strings.HasPrefix(got, kind.version) {
						t.Errorf("version = %q, want %q", got, kind.version)
					}
					if got := docker(t, e.Host(), "info", "--format", "{{.Driver}} {{.DriverStatus}}"); !kind.store.MatchString(got) {
						t.Errorf("store = %q, want %s", got, kind.store)
					}
					serveProbe(t, e)
					if len(were[i].cgroups(t)) == 0 {
						t.Errorf("no control group is called %s: that none is left would prove nothing", were[i].name)
					}
					callByName(t, e)
					pushAndPull(t, e)
				})
			}
		})
		t.Run("verbs", func(t *testing.T) {
			verbsOnSeveralEngines(t, engines[0], map[string]*swarmtest.Engine{"classic": engines[1], "old": engines[2]})
		})
		t.Run("need", func(t *testing.T) { needs(t, engines[2]) })
	})
	for _, was := range were {
		gone(t, 0, was.everything)
	}
}

// callByName makes one container call another by name, on a network of their own.
func callByName(t *testing.T, e *swarmtest.Engine) {
	t.Helper()
	docker(t, e.Host(), "network", "create", "shop")
	docker(t, e.Host(), "network", "connect", "shop", "web")
	docker(t, e.Host(), "run", "--rm", "--network", "shop", "probe", "-check", "http://web/health")
}

// pushAndPull takes an image through the engine's registry.
func pushAndPull(t *testing.T, e *swarmtest.Engine) {
	t.Helper()
	ref := e.Registry() + "/some/probe:1"
	docker(t, e.Host(), "tag", "probe", ref)
	docker(t, e.Host(), "push", "--quiet", ref)
	docker(t, e.Host(), "rm", "--force", "web")
	docker(t, e.Host(), "image", "rm", "probe", ref)
	if left := docker(t, e.Host(), "image", "ls", "--all", "--quiet"); left != "" {
		t.Fatalf("images = %q after their removal, want none", left)
	}
	docker(t, e.Host(), "pull", "--quiet", ref)
	if got := docker(t, e.Host(), "run", "--rm", ref, "-print", "back again"); got != "back again" {
		t.Errorf("the image that was pulled prints %q, want %q", got, "back again")
	}
}

// Containers of an engine, and of a swarm's node, reach other networks through this
// machine. Another engine's network stands for the world.
func TestWayOut(t *testing.T) {
	t.Parallel()
	spec := swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)}
	here, there := swarmtest.StartEngine(t, spec), swarmtest.StartEngine(t, spec)
	if len(footprintOf(t, here).rules(t)) == 0 {
		t.Skip("this machine has no way out")
	}
	url := serveProbe(t, there)
	importProbe(t, here.Host(), "probe")
	docker(t, here.Host(), "run", "--rm", "probe", "-check", url)

	s := startSwarm(t, swarmtest.Spec{})
	was, node := switchOf(t, s), s.Leader(t)
	if len(was.rules(t)) == 0 {
		t.Error("the swarm has no rules for its way out")
	}
	importProbe(t, node.Host(), "probe")
	docker(t, node.Host(), "run", "--rm", "probe", "-check", url)
	s.Stop(t)
	gone(t, 0, was.everything)
}

// The engine's first process must reap orphans.
func noZombies(t *testing.T, e *swarmtest.Engine) {
	importProbe(t, e.Host(), "probe")
	for range 3 { // each has a shim that becomes an orphan
		docker(t, e.Host(), "run", "--rm", "probe")
	}
	gone(t, time.Minute, func(t *testing.T) []string { return zombies(t, footprintOf(t, e).name) })
}

// directories lists private engines' directories of this process.
func directories(t *testing.T) string {
	t.Helper()
	var all []string
	for _, dir := range []string{os.TempDir(), "/run"} {
		found, err := filepath.Glob(filepath.Join(dir, "seatrial-engine-"+process.Run+"-*"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return strings.Join(all, "\n")
}

func TestNoStart(t *testing.T) {
	dockerd := enginetest.NeedDockerd(t, enginetest.Dockerd)
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", filepath.Dir(dockerd)+":"+os.Getenv("PATH"))
	silent := filepath.Join(t.TempDir(), "dockerd")
	if err := os.WriteFile(silent, []byte("#!/bin/sh\necho thinking\nexec sleep 100\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		spec     swarmtest.EngineSpec
		deadline time.Duration
		want     []string
	}{
		{"wrong option", swarmtest.EngineSpec{Dockerd: dockerd, Args: []string{"--no-such-option"}}, time.Minute,
			[]string{"starting a private engine: ", "dockerd exited with code 1", "last lines of its log:\n", "unknown flag: --no-such-option"}},
		{"no answer", swarmtest.EngineSpec{Dockerd: silent}, 3 * time.Second,
			[]string{"waiting for its API: context deadline exceeded", "| thinking"}},
		{"no program", swarmtest.EngineSpec{Dockerd: "/no/such/dockerd"}, time.Minute,
			[]string{"starting a private engine: looking for dockerd: stat /no/such/dockerd: no such file or directory"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			began := time.Now()
			r := enginetest.Record(t.Name(), began.Add(test.deadline), func(r *enginetest.Recorder) {
				swarmtest.StartEngine(r, test.spec)
			})
			for _, want := range test.want {
				if !r.Failed() || !strings.Contains(r.Errors(), want) {
					t.Errorf("failed = %v with %s\nwant %q", r.Failed(), r.Errors(), want)
				}
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("that took %v", took)
			}
			if left := directories(t); left != "" {
				t.Errorf("left: %s", left)
			}
		})
	}
}

func TestNotRoot(t *testing.T) {
	dockerd := enginetest.NeedDockerd(t, enginetest.Dockerd)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		runtime.LockOSThread() // only this thread changes its user, for a while
		defer runtime.UnlockOSThread()
		become := func(uid uintptr) {
			if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uid, ^uintptr(0)); errno != 0 {
				panic(errno)
			}
		}
		become(65534)
		defer become(0)
		swarmtest.StartEngine(r, swarmtest.EngineSpec{Dockerd: dockerd})
	})
	want := "starting a private engine: it needs root, for namespaces and mounts, and this is uid 65534\n    hint: go test -exec "
	if got := r.Errors(); !strings.HasPrefix(got, want) {
		t.Errorf("error = %q, want %q", got, want)
	}
}
