// SPDX-License-Identifier: Apache-2.0

package stall

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Stall describes a container's processes at one moment. Package wait has the same
// type.
type Stall struct {
	Seen    bool          // the processes can be seen from this machine
	Unbegun bool          // the engine's runtime has not started the program yet
	OnDisk  bool          // one of the processes is waiting for the disk
	Waited  time.Duration // for a processor, since their start
}

// Limits on what is read.
const (
	mostProcesses = 16
	mostThreads   = 64 // of each
)

// Of looks at a process and its descendants. The directory proc is /proc, or stands for
// it.
//
// The time that a process has waited for a processor is the longest of its threads':
// the second number in schedstat, in nanoseconds. A thread in state D is in an
// uninterruptible wait, which is nearly always for a disk, at a program's start for
// its own pages. https://docs.kernel.org/scheduler/sched-stats.html
func Of(proc string, pid int) Stall {
	first := filepath.Join(proc, strconv.Itoa(pid))
	comm, err := os.ReadFile(filepath.Join(first, "comm"))
	if err != nil {
		return Stall{}
	}
	s := Stall{Seen: true, Unbegun: isRuntime(strings.TrimSpace(string(comm)))}
	all := []string{strconv.Itoa(pid)}
	for i := 0; i < len(all) && i < mostProcesses; i++ {
		longest := int64(0)
		threads, _ := filepath.Glob(filepath.Join(proc, all[i], "task", "*")) // empty if it has ended
		for _, thread := range threads[:min(len(threads), mostThreads)] {
			longest = max(longest, waited(thread))
			s.OnDisk = s.OnDisk || state(thread) == "D"
			children, _ := os.ReadFile(filepath.Join(thread, "children"))
			all = append(all, strings.Fields(string(children))...)
		}
		s.Waited += time.Duration(longest)
	}
	return s
}

// isRuntime reports whether a process with this name is the engine's runtime before
// it executes the program: runc calls it "runc:[2:INIT]".
func isRuntime(comm string) bool { return strings.HasSuffix(comm, ":INIT]") }

func waited(thread string) int64 {
	stat, _ := os.ReadFile(filepath.Join(thread, "schedstat"))
	words := strings.Fields(string(stat))
	if len(words) != 3 {
		return 0
	}
	n, _ := strconv.ParseInt(words[1], 10, 64)
	return n
}

// state returns the letter of a thread's state. It comes after the name, which is in
// brackets and may have brackets in it.
func state(thread string) string {
	stat, _ := os.ReadFile(filepath.Join(thread, "stat"))
	text := string(stat)
	words := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// worthSaying is the least time of waiting for a processor that explains a late
// program.
const worthSaying = 500 * time.Millisecond

// String says what holds up the processes, in words that follow the time since their
// start; it is empty if nothing does.
func (s Stall) String() string {
	switch {
	case s.Unbegun:
		return " (its program has not begun)"
	case s.Waited >= worthSaying:
		return fmt.Sprintf(" (of which its processes waited %v for a processor)", s.Waited.Round(100*time.Millisecond))
	case s.OnDisk:
		return " (it waits for the disk)"
	}
	return ""
}
