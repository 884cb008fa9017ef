// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"strconv"

	"github.com/seatrial/seatrial/internal/reach"
)

// listeners returns what listens in the network that a process is in, and the TCP ports that
// are open to IPv6 alone, as far as the kernel says that to us: of UDP it does not.
func listeners(e *processes, id string, pid int, protocol string) (all []netip.AddrPort, sixOnly []int, err error) {
	proc, ok := e.procOf(id, pid)
	if !ok {
		return e.unseen()
	}
	asked := false
	if protocol == "tcp" {
		all, sixOnly, err = reach.Listening(proc + "/ns/net")
		asked = err == nil
	}
	if !asked { // we are not root
		if all, err = readListeners(proc, protocol); err != nil {
			return e.unseen()
		}
	}
	if !e.seesProcess(id, proc) && !isOf(id, proc) {
		return e.unseen() // it ended, and its number may be another's
	}
	e.seen.Store(true)
	return withoutNameServer(all), sixOnly, nil
}

// readListeners reads the tables of the network that a process is in, for IPv4 and IPv6.
func readListeners(proc, protocol string) ([]netip.AddrPort, error) {
	tables, err := os.ReadFile(proc + "/net/" + protocol)
	if err != nil {
		return nil, err
	}
	if six, err := os.ReadFile(proc + "/net/" + protocol + "6"); err == nil { // a kernel may have none
		tables = append(tables, six...)
	}
	return parseListeners(tables, protocol)
}

// unseen is the answer if a process is not there: it ended, and then nothing of
// it listens, or it is where we do not see it.
func (e *processes) unseen() ([]netip.AddrPort, []int, error) {
	if e.seen.Load() {
		return nil, nil, nil
	}
	return nil, nil, errors.ErrUnsupported
}

// procOf returns the directory below a /proc of a process of the container. An engine
// with a PID namespace of its own, as those of swarmtest, numbers processes otherwise: then
// it is the /proc that the engine itself sees.
func (e *processes) procOf(id string, pid int) (dir string, ok bool) {
	dir = "/proc/" + strconv.Itoa(pid)
	if e.seesProcess(id, dir) {
		return dir, true
	}
	if engine, found := e.process(); found {
		dir = engine + "/root" + dir
		return dir, isOf(id, dir)
	}
	return "", false
}

// seesProcess reports whether a process that we see is one of the container. If its
// control group does not tell, the engine's process must at least number processes as
// ours does.
func (e *processes) seesProcess(id, proc string) bool {
	if _, err := os.Stat(proc + "/cgroup"); err != nil {
		return false
	}
	return isOf(id, proc) || e.samePIDs()
}

// isOf reports whether a process is one of the container: its control group has the
// container's id in its name.
func isOf(id, proc string) bool {
	groups, err := os.ReadFile(proc + "/cgroup")
	return err == nil && len(id) == 64 && bytes.Contains(groups, []byte(id))
}
