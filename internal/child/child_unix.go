// SPDX-License-Identifier: Apache-2.0

//go:build unix

package child

import (
	"os"
	"os/exec"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

var caught = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}

// inForeground reports whether this process's group is the foreground group of its
// terminal.
func inForeground() bool {
	if tty, err := os.Open("/dev/tty"); err == nil {
		defer tty.Close()
		return isForeground(tty)
	}
	return slices.ContainsFunc([]*os.File{os.Stdin, os.Stdout, os.Stderr}, isForeground) // where /dev has no tty
}

func isForeground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
}

func setGroup(cmd *exec.Cmd, apart bool) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: apart} }

func fromTerminal(s os.Signal) bool { return s == syscall.SIGQUIT }
func ends(s os.Signal) bool         { return s == syscall.SIGTERM || s == syscall.SIGHUP }

// send sends a signal to the program's group, or to the program alone, which then takes
// care of its children.
func send(cmd *exec.Cmd, group bool, s os.Signal) {
	if number, ok := s.(syscall.Signal); ok && group {
		_ = syscall.Kill(-cmd.Process.Pid, number)
		return
	}
	_ = cmd.Process.Signal(s)
}

func kill(cmd *exec.Cmd, apart bool) {
	if apart {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		return
	}
	_ = cmd.Process.Kill()
}

func codeOf(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
