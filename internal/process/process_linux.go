// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/owner"
)

// describe reads /proc, if that is the one of our pid namespace. After `unshare
// --pid` without --mount-proc it is another's, whose pids mean nothing to us:
// such a process knows nobody, and nobody can tell whether it lives.
func describe(pid int) owner.Process {
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return owner.Process{PID: pid}
	}
	return owner.Process{PID: pid, Boot: boot(), Space: space(), Start: start(pid)}
}

func boot() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it, nobody's life is known
	return strings.TrimSpace(string(id))
}

// space is the inode of the pid namespace. The label's separator is left out.
func space() string {
	link, _ := os.Readlink("/proc/self/ns/pid")
	return strings.Trim(strings.TrimPrefix(link, "pid:"), "[]")
}

// start is field 22 of /proc/PID/stat, the start time in ticks since the boot:
// proc_pid_stat(5). The command's name before it may hold anything.
func start(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

func exists(pid int) bool { return start(pid) != "" }

// WithVariable returns the processes of this user, apart from this one, that
// were started with this variable in their environment.
func WithVariable(variable string) []int {
	var found []int
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil {
			continue // another user's, or gone
		}
		for one := range bytes.SplitSeq(env, []byte{0}) {
			if string(one) == variable {
				found = append(found, pid)
				break
			}
		}
	}
	return found
}
