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

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

// letGo closes the pipes that some ancestor let everybody inherit: who reads from
// one would wait for us. Descriptors 0 and 3 are ours; the others, up to now, are
// the Go runtime's and no pipes.
func letGo() {
	names, _ := filepath.Glob("/proc/self/fd/*") // none where there is no /proc
	for _, name := range names {
		fd, err := strconv.Atoi(filepath.Base(name))
		to, failed := os.Readlink(name)
		if err == nil && failed == nil && fd > 3 && strings.HasPrefix(to, "pipe:") {
			_ = syscall.Close(fd)
		}
	}
}
