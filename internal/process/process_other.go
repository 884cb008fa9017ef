// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package process

import (
	"os"
	"runtime"
	"syscall"

	"github.com/seatrial/seatrial/internal/owner"
)

// describe knows a process by the machine's name and its pid alone: a pid that
// is used again makes a dead owner look alive, until the object's time is over.
func describe(pid int) owner.Process {
	host, _ := os.Hostname()
	return owner.Process{PID: pid, Boot: host, Start: "-"}
}

func exists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	if runtime.GOOS == "windows" { // finding it is the proof
		_ = p.Release()
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || os.IsPermission(err)
}

// WithVariable knows nothing where there is no /proc.
func WithVariable(_, _ string) []int { return nil }

// Session knows nothing either.
func Session() string { return "" }
