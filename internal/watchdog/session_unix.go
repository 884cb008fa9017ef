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

// ownSession keeps away the signals of the test's terminal and process group.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func killGroup(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

// letGo closes what some ancestor let everybody inherit: who reads from a pipe
// would wait for us, and a file may be locked. Descriptors up to 3 are ours; the
// Go runtime's own are neither.
func letGo() {
	names, _ := filepath.Glob("/proc/self/fd/*") // none where there is no /proc
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
