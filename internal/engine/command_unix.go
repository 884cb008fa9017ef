// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engine

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a process group of the command, which is ended as a whole, and
// which a Ctrl-C in the test's terminal does not reach: the test decides.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// endGroup kills what is left of the command's group.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // nobody left is the rule
	}
}
