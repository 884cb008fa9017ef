// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/process"
)

func TestLinks(t *testing.T) {
	all := netip.MustParsePrefix("198.18.0.0/15")
	for _, pair := range []struct{ l, next Link }{
		{1, 2}, {2, 3}, {Singles - 1, OfSwarm(0)}, {OfSwarm(0), OfSwarm(1)}, {OfSwarm(Swarms - 2), OfSwarm(Swarms - 1)}, {OfSwarm(Swarms - 1), 1},
	} {
		l, addresses := pair.l, []netip.Addr{pair.l.Near(), pair.l.Far()}
		if l.isSwarm() {
			addresses = append(addresses, l.Node(0), l.Node(Nodes-1))
		}
		for _, at := range addresses {
			if !l.Subnet().Contains(at) || !all.Contains(at) {
				t.Errorf("link %d: %v is not in %v, or that not in %v", l, at, l.Subnet(), all)
			}
			if pair.next.Subnet().Contains(at) {
				t.Errorf("link %d: %v is link %d's, too", l, at, pair.next)
			}
		}
		if len(l.Device()) > 15 {
			t.Errorf("device %q: no name may be longer than 15", l.Device())
		}
		if !l.valid() || OfSwarm(0).valid() && (OfSwarm(0)+1).valid() {
			t.Errorf("link %d is valid = %v, and one within a swarm's = %v", l, l.valid(), (OfSwarm(0) + 1).valid())
		}
	}
	if got, want := OfSwarm(1).Node(0).String(), "198.19.0.68"; got != want {
		t.Errorf("first node of swarm 1 = %s, want %s", got, want)
	}
}

// start starts a process that does nothing, and notes it in a directory as if it
// were the first process of an engine.
func start(t *testing.T, dir string) (ended func() bool) {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-gone
	})
	if err := (Note{First: process.Of(cmd.Process.Pid)}).Write(dir); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		select {
		case <-gone:
			return true
		default:
			return false
		}
	}
}

func TestRemoveEndsTheFirstProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "seatrial-engine-abc-1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ended := start(t, dir)
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := await("ending", func() error {
		if !ended() {
			return os.ErrDeadlineExceeded
		}
		return nil
	}); err != nil {
		t.Error("the first process lives on")
	}
}

func TestRemoveTouchesNothingElse(t *testing.T) {
	rename := func(to string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			renamed := filepath.Join(filepath.Dir(dir), to)
			if err := os.Rename(dir, renamed); err != nil {
				t.Fatal(err)
			}
			return renamed
		}
	}
	edit := func(old, new string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			file := filepath.Join(dir, noteFile)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		}
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string) string
	}{
		{"another directory", rename("seatrial-TestX-abc-1")},
		{"a name that is a path", rename("seatrial-engine-abc-1 ..")},
		{"another process with that pid", edit(":"+process.Of(os.Getpid()).Space+":", ":1:")},
		{"no number of a link", edit("\n0\n", "\n32768\n")},
		{"a link to a note", func(t *testing.T, dir string) string {
			file := filepath.Join(dir, noteFile)
			if err := os.Rename(file, file+".real"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(file+".real", file); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{"another user's note", func(t *testing.T, dir string) string {
			if os.Getuid() != 0 {
				t.Skip("needs root, to give a file away")
			}
			if err := os.Chown(filepath.Join(dir, noteFile), 65534, 65534); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "seatrial-engine-abc-1")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			ended := start(t, dir)
			if err := Remove(test.change(t, dir)); err != nil {
				t.Error(err)
			}
			if ended() {
				t.Error("the process was killed")
			}
		})
	}
}
