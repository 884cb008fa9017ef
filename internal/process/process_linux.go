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
	if !readable() {
		return owner.Process{PID: pid}
	}
	return owner.Process{PID: pid, Boot: boot(), Space: space(), Start: start(pid)}
}

// readable reports whether /proc shows the pids that we use.
func readable() bool {
	self, err := os.Readlink("/proc/self")
	return err == nil && self == strconv.Itoa(os.Getpid())
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
// proc_pid_stat(5).
func start(pid int) string {
	fields := stat(pid)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// stat returns the fields of /proc/PID/stat from the third, the state. The
// command's name before it may hold anything.
func stat(pid int) []string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	return strings.Fields(rest)
}

// Session returns the session of this process, or nothing if that is not known.
func Session() string { return session(os.Getpid()) }

// session is field 6 of /proc/PID/stat.
func session(pid int) string {
	if fields := stat(pid); len(fields) > 3 {
		return fields[3]
	}
	return ""
}

func exists(pid int) bool { return start(pid) != "" }

// WithVariable returns the processes of this user, apart from this one, that
// were started with this variable in their environment and belong to a session,
// if that is not empty.
func WithVariable(variable, of string) []int {
	if !readable() {
		return nil
	}
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
			if string(one) == variable && (of == "" || session(pid) == of) {
				found = append(found, pid)
				break
			}
		}
	}
	return found
}
