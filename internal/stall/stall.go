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

// A Stall is what is seen of a container's processes at one moment. Package wait has
// the same type.
type Stall struct {
	Seen    bool          // the processes are seen from here
	Unbegun bool          // the engine's runtime has not handed over to the program yet
	OnDisk  bool          // one of the processes waits for the disk just now
	Waited  time.Duration // for a processor, since they were started
}

// Bounds of how much is looked at.
const (
	mostProcesses = 16
	mostThreads   = 64 // of each
)

// Of looks at a process and its descendants, below a directory that is /proc.
//
// For a processor each process has waited for as long as that of its threads which
// waited for the longest: the second number in schedstat, in nanoseconds. A thread in
// state D waits for what nothing interrupts, which is a disk as good as always: of a
// program that is started, its own pages.
// https://docs.kernel.org/scheduler/sched-stats.html
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
		threads, _ := filepath.Glob(filepath.Join(proc, all[i], "task", "*")) // none if it has ended
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

// isRuntime reports whether a process with this name is what the engine's runtime
// leaves behind to become the program: runc calls it "runc:[2:INIT]".
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

// worthSaying is how long processes have waited for a processor if that is why a
// program is not where it should be.
const worthSaying = 500 * time.Millisecond

// String says what keeps the processes from their work, in words that follow how long
// ago they were started; or nothing.
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
