// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// mostProcesses bounds how many of a container are looked at.
const mostProcesses = 16

// stalled adds up what a process and its descendants have waited: of each the thread
// that waited for the longest. The second number of a thread's schedstat has it, in
// nanoseconds.
// https://docs.kernel.org/scheduler/sched-stats.html
func stalled(e *Engine, id string, pid int) time.Duration {
	if !e.seesProcess(id, "/proc/"+strconv.Itoa(pid)) {
		return 0
	}
	total := time.Duration(0)
	all := []string{strconv.Itoa(pid)}
	for i := 0; i < len(all) && i < mostProcesses; i++ {
		longest := int64(0)
		threads, _ := filepath.Glob("/proc/" + all[i] + "/task/*") // none if it has ended
		for _, thread := range threads {
			stat, _ := os.ReadFile(thread + "/schedstat")
			if words := strings.Fields(string(stat)); len(words) == 3 {
				waited, _ := strconv.ParseInt(words[1], 10, 64)
				longest = max(longest, waited)
			}
			children, _ := os.ReadFile(thread + "/children")
			all = append(all, strings.Fields(string(children))...)
		}
		total += time.Duration(longest)
	}
	return total
}
