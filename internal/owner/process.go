// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"strconv"
	"strings"
)

// A Process identifies a process for ever. A pid is not enough: pids are reused,
// and two containers of a CI can share a machine, an engine and pid 1.
type Process struct {
	User  string // its user: only objects of the same user may be deleted
	Boot  string // one boot of the machine
	Space string // the pid namespace, in which PID means something
	PID   int
	Start string // when it was started, in the kernel's units
}

// String writes it as one label's value.
func (p Process) String() string {
	return strings.Join([]string{p.User, p.Boot, p.Space, strconv.Itoa(p.PID), p.Start}, ":")
}

// ParseProcess reads what String writes.
func ParseProcess(s string) (Process, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 5 {
		return Process{}, false
	}
	pid, err := strconv.Atoi(parts[3])
	if err != nil || pid <= 0 {
		return Process{}, false
	}
	return Process{User: parts[0], Boot: parts[1], Space: parts[2], PID: pid, Start: parts[4]}, true
}

// Sees reports whether p can tell whether other lives.
func (p Process) Sees(other Process) bool {
	return p.Boot != "" && p.Boot == other.Boot && p.Space == other.Space && other.Start != ""
}
