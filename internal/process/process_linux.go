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

// describe reads /proc, if that belongs to our pid namespace. After `unshare --pid`
// without --mount-proc it belongs to another one with other pids: such a process
// can see no others, and cannot be seen.
func describe(pid int) owner.Process {
	if !readable() {
		return owner.Process{PID: pid}
	}
	return owner.Process{PID: pid, Boot: boot(), Space: space(), Start: start(pid)}
}

// readable reports whether /proc belongs to our pid namespace.
func readable() bool {
	self, err := os.Readlink("/proc/self")
	return err == nil && self == strconv.Itoa(os.Getpid())
}

func boot() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it, no process can be identified
	return strings.TrimSpace(string(id))
}

// space returns the inode of the pid namespace, without the label's separator.
func space() string {
	link, _ := os.Readlink("/proc/self/ns/pid")
	return strings.Trim(strings.TrimPrefix(link, "pid:"), "[]")
}

// start returns field 22 of /proc/PID/stat, the start time in ticks since the boot:
// proc_pid_stat(5).
func start(pid int) string {
	fields := stat(pid)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// stat returns the fields of /proc/PID/stat from the third, the state. The
// command's name before it may contain any character.
func stat(pid int) []string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	return strings.Fields(rest)
}

// Session returns the session of this process, or "" if it is not known.
func Session() string { return session(os.Getpid()) }

// session returns field 6 of /proc/PID/stat.
func session(pid int) string {
	if fields := stat(pid); len(fields) > 3 {
		return fields[3]
	}
	return ""
}

func exists(pid int) bool { return start(pid) != "" }

// WithVariable returns the processes of this user, except this one, that were
// started with this variable in their environment and, unless of is empty, belong
// to that session.
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
			continue // of another user, or gone
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
