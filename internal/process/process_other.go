// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package process

import (
	"os"
	"runtime"
	"syscall"

	"github.com/seatrial/seatrial/internal/owner"
)

// describe identifies a process only by the machine's name and its pid: if a pid is
// reused, a dead owner looks alive until the object's time is over.
func describe(pid int) owner.Process {
	host, _ := os.Hostname()
	return owner.Process{PID: pid, Boot: host, Start: "-"}
}

func exists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	if runtime.GOOS == "windows" { // os.FindProcess fails for a dead process
		_ = p.Release()
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || os.IsPermission(err)
}

// WithVariable returns nothing, as there is no /proc.
func WithVariable(_, _ string) []int { return nil }

// Session returns "", as there is no /proc.
func Session() string { return "" }
