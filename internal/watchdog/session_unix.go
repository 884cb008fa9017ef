// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watchdog

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ownSession starts a process in its own session, where signals of the test's terminal
// and process group do not reach it.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func killGroup(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

// letGo closes descriptors that an ancestor of the test passed on: a reader of a
// pipe would wait for the watchdog, and a file may be locked. Descriptors up to 3
// belong to the watchdog; those of the Go runtime are neither pipes, sockets nor
// files.
func letGo() {
	names, _ := filepath.Glob("/proc/self/fd/*") // empty without /proc
	for _, name := range names {
		fd, err := strconv.Atoi(filepath.Base(name))
		to, failed := os.Readlink(name)
		if err == nil && failed == nil && fd > 3 && foreign(to) {
			_ = syscall.Close(fd)
		}
	}
}

func foreign(to string) bool {
	if strings.HasPrefix(to, "pipe:") || strings.HasPrefix(to, "socket:") {
		return true
	}
	system := strings.HasPrefix(to, "/proc/") || strings.HasPrefix(to, "/sys/") || to == os.DevNull
	return strings.HasPrefix(to, "/") && !system
}
