// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/swarmtest"
)

// TestVictim is run by the tests below in a process of its own.
func TestVictim(t *testing.T) {
	file := os.Getenv("SEATRIAL_TEST_VICTIM")
	if file == "" {
		t.Skip("is started by other tests")
	}
	place := os.Getenv("SEATRIAL_TEST_PLACE")
	if place == "swarm" {
		swarmVictim(t, file)
		return
	}
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)})
	serveProbe(t, e)
	switch place {
	case "alone":
		aloneInTheWorld(t, e)
		return
	case "layers":
		return
	}
	was := footprintOf(t, e)
	if err := os.WriteFile(file, []byte(was.name+"\n"+was.address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

// swarmVictim has a swarm with a container, whose links are in a bad state, and
// which has lost a node.
func swarmVictim(t *testing.T, file string) {
	s := startSwarm(t, swarmtest.Spec{Workers: 2})
	var said string
	for _, n := range s.Nodes() {
		was := footprintOf(t, n)
		said += was.name + "\n" + was.address + "\n"
	}
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	importProbe(t, manager.Host(), "probe")
	docker(t, manager.Host(), "run", "--detach", "probe", "-deaf", "-serve", ":80")
	one.Partition(t)
	manager.Disturb(t, swarmtest.Disturbance{Loss: 0.1})
	two.Kill(t)
	was := switchOf(t, s)
	said += was.name + "\n" + was.address + "\n"
	if err := os.WriteFile(file+".new", []byte(said), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

// victim starts TestVictim.
func victim(t *testing.T, tmp, file string, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.v")
	cmd.Env = append(os.Environ(), "SEATRIAL_NO_WATCHDOG=1", "TMPDIR="+tmp, "SEATRIAL_TEST_VICTIM="+file)
	cmd.Env = append(cmd.Env, env...)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// waitFor reads a file until it has a second line.
func waitFor(t *testing.T, file string, lives func() error) []string {
	t.Helper()
	for stop := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		content, _ := os.ReadFile(file)
		if lines := strings.Split(string(content), "\n"); len(lines) > 2 {
			return lines
		}
		if err := lives(); err != nil || time.Now().After(stop) {
			t.Fatal(fmt.Errorf("waiting for the engine of another process: %v", err))
		}
	}
}

// After its test was killed, an engine is soon gone without a watchdog, except for
// what seatrial gc removes: its directories, and everything named after them.
func TestKill(t *testing.T) {
	t.Parallel()
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	for _, test := range []struct{ name, tmp, place string }{
		{"short path", "tmp", ""},
		{"path too long for a socket", strings.Repeat("long", 25), ""},
		{"swarm", "tmp", "swarm"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmp := filepath.Join(t.TempDir(), test.tmp)
			if err := os.Mkdir(tmp, 0o700); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "said")
			cmd, out := victim(t, tmp, file, "SEATRIAL_TEST_PLACE="+test.place)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			said := waitFor(t, file, func() error {
				select {
				case err := <-ended:
					return errors.Join(err, errors.New(out.String()))
				default:
					return nil
				}
			})
			var was footprints
			for i := 0; i+1 < len(said); i += 2 {
				was = append(was, footprint{said[i], said[i+1], []string{tmp, "/run"}})
			}
			if n := len(was.living(t)); n < 5 { // init and its reader, dockerd, containerd, the link
				t.Errorf("the engine's footprint has %d entries before the kill: too few to prove anything", n)
			}
			if sweep.Dirs(tmp); len(was.living(t)) == 0 {
				t.Error("the engine of a living test was collected")
			}

			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			began := time.Now()
			gone(t, time.Minute, was.living)
			t.Logf("all processes, mounts and links were gone %v after the kill", time.Since(began).Round(time.Millisecond))
			if len(was.remains(t)) == 0 {
				t.Error("nothing remained to be collected: that it is gone below proves nothing")
			}
			sweep.Dirs(tmp)
			gone(t, 0, was.everything)
		})
	}
}

// seatrial gc may run at once, while processes are still ending.
func TestKillAndCollect(t *testing.T) {
	t.Parallel()
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	tmp, file := t.TempDir(), filepath.Join(t.TempDir(), "said")
	cmd, _ := victim(t, tmp, file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	said := waitFor(t, file, func() error { return nil })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	sweep.Dirs(tmp)
	was := footprint{said[0], said[1], []string{tmp, "/run"}}
	gone(t, 0, was.remains)
	gone(t, time.Minute, was.living)
}

// Nothing is left, no matter when a test is killed during the start of its engine or
// swarm.
func TestKillAnytime(t *testing.T) {
	t.Parallel()
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	t.Run("engine", func(t *testing.T) { killAnytime(t, "", 3, time.Second) })
	t.Run("swarm", func(t *testing.T) { killAnytime(t, "swarm", 2, 4*time.Second) })
}

func killAnytime(t *testing.T, place string, sample int, most time.Duration) {
	for n := range enginetest.Sample(t, "SEATRIAL_KILLS", sample, 50, "kills") {
		tmp := t.TempDir()
		cmd, _ := victim(t, tmp, filepath.Join(t.TempDir(), "said"), "SEATRIAL_TEST_PLACE="+place)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := 50*time.Millisecond + rand.N(most)
		time.Sleep(after)
		names, err := filepath.Glob(filepath.Join(tmp, "seatrial-engine-*"))
		if err != nil {
			t.Fatal(err)
		}
		var were []footprint
		for _, dir := range names {
			was := footprint{name: filepath.Base(dir), dirs: []string{tmp, "/run"}}
			if note, ok := outside.Read(dir); ok && note.Link != 0 {
				was.address = note.Link.Far().String()
			}
			were = append(were, was)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		t.Logf("kill %d after %v: %d directories", n, after, len(names))
		for _, was := range were {
			gone(t, time.Minute, was.living)
		}
		for _, was := range were {
			gone(t, time.Minute, func(t *testing.T) []string {
				sweep.Dirs(tmp) // the watchdog may do the same
				return was.everything(t)
			})
		}
	}
}
