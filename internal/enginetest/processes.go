// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// AwaitProcesses waits until no process has this in its environment (TMPDIR=/tmp/x): a
// victim's docker commands and its watchdog have it. A test whose engine goes before would
// leave a watchdog that waits for it. It gives up after a minute, and knows of none where there
// is no /proc.
func AwaitProcesses(variable string) (gone bool) { return within(time.Minute, variable) }

// EndProcesses gives such processes a moment to end, and kills them then: watchdogs look once a
// minute whether an environment is still there, and would make their directories again where
// the test has removed them.
func EndProcesses(variable string, moment time.Duration) {
	if within(moment, variable) {
		return
	}
	for _, pid := range processesOf(variable) {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
}

func within(limit time.Duration, variable string) (gone bool) {
	for end := time.Now().Add(limit); len(processesOf(variable)) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

func processesOf(variable string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, _ := os.ReadFile(file) // not that of another user
		if !bytes.Contains(append([]byte{0}, env...), []byte("\x00"+variable+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
