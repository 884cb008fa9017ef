// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/swarmtest"
)

// A footprint has the places where an engine is visible on the machine.
type footprint struct {
	name    string   // of its directory, host, control groups and rules
	address string   // empty before it has a link
	dirs    []string // where directories of that name may be
}

// footprintOf returns the footprint of an engine or a node.
func footprintOf(t *testing.T, e interface {
	Host() string
	Address() string
}) footprint {
	t.Helper()
	return footprint{filepath.Base(filepath.Dir(e.Host())), e.Address(), []string{os.TempDir(), "/run"}}
}

// switchOf returns the footprint of a swarm's switch: a directory, a link, and
// rules for it. When the link is gone, the switch is gone, too.
func switchOf(t *testing.T, s *swarmtest.Swarm) footprint {
	t.Helper()
	node := netip.MustParseAddr(s.Nodes()[0].Address())
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), "seatrial-engine-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if note, ok := outside.Read(dir); ok && note.Link != 0 && note.Link.Subnet().Contains(node) {
			was := footprint{filepath.Base(dir), note.Link.Far().String(), []string{os.TempDir()}}
			if len(was.living(t)) == 0 {
				t.Error("the link of the swarm's switch is not seen: that it is gone would prove nothing")
			}
			return was
		}
	}
	t.Fatalf("no directory has the note of a link to %v", node)
	return footprint{}
}

// living lists what is left of the things that end with the engine's first process.
func (f footprint) living(t *testing.T) []string {
	t.Helper()
	var all []string
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range commands {
		command, _ := os.ReadFile(file)
		environ, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
		groups, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cgroup"))
		if strings.Contains(string(command)+string(environ)+string(groups), f.name) {
			all = append(all, "process "+strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, f.name) {
			all = append(all, "mount "+line)
		}
	}
	// This machine's end of the link is removed with the network at its other end.
	far, err := netip.ParseAddr(f.address)
	if err != nil {
		return all
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range addresses {
		prefix, err := netip.ParsePrefix(one.String())
		if err == nil && prefix.Contains(far) {
			all = append(all, "link "+one.String())
		}
	}
	return all
}

// remains lists what is left of the things that must be removed.
func (f footprint) remains(t *testing.T) []string {
	t.Helper()
	all := f.cgroups(t)
	for _, dir := range f.dirs {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			all = append(all, "directory "+filepath.Join(dir, f.name))
		}
	}
	return append(all, f.rules(t)...)
}

func (f footprint) cgroups(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"/sys/fs/cgroup/" + f.name, "/sys/fs/cgroup/*/" + f.name} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func (f footprint) rules(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("iptables-save").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, f.name) {
			all = append(all, "rule "+line)
		}
	}
	return all
}

// everything returns both lists.
func (f footprint) everything(t *testing.T) []string { return append(f.living(t), f.remains(t)...) }

// footprints are the footprints of a swarm's parts.
type footprints []footprint

func (all footprints) living(t *testing.T) []string     { return all.each(t, footprint.living) }
func (all footprints) remains(t *testing.T) []string    { return all.each(t, footprint.remains) }
func (all footprints) everything(t *testing.T) []string { return all.each(t, footprint.everything) }

func (all footprints) each(t *testing.T, look func(footprint, *testing.T) []string) []string {
	t.Helper()
	var found []string
	for _, f := range all {
		found = append(found, look(f, t)...)
	}
	return found
}

// gone waits until look returns nothing.
func gone(t *testing.T, limit time.Duration, look func(*testing.T) []string) {
	t.Helper()
	for stop := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		left := look(t)
		if len(left) == 0 {
			return
		}
		if time.Now().After(stop) {
			t.Errorf("left after %v:\n%s", limit, strings.Join(left, "\n"))
			return
		}
	}
}

// zombies lists the dead children of an engine's first process.
func zombies(t *testing.T, engine string) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range stats {
		stat, _ := os.ReadFile(file)
		_, rest, _ := strings.Cut(string(stat), ") ") // state, parent, ...
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[0] != "Z" {
			continue
		}
		parent, _ := os.ReadFile("/proc/" + fields[1] + "/cmdline")
		if strings.Contains(string(parent), engine+"/init.sh") {
			all = append(all, "zombie "+string(stat))
		}
	}
	return all
}
