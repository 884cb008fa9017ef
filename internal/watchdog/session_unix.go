// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watchdog

import "syscall"

// ownSession keeps away the signals of the test's terminal and process group.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }
