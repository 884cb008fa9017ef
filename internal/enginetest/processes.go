// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"bytes"
	"os"
	"path/filepath"
	"time"
)

// AwaitProcesses waits until no process has this directory as its TMPDIR: a
// victim's docker commands and its watchdog have it. A test whose engine goes
// before would leave a watchdog that waits for it. It gives up after a minute, and
// knows of none where there is no /proc.
func AwaitProcesses(tmp string) (gone bool) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if !inUse(tmp) {
			return true
		}
	}
	return false
}

func inUse(tmp string) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, _ := os.ReadFile(file) // not that of another user
		if bytes.Contains(env, []byte("TMPDIR="+tmp+"\x00")) {
			return true
		}
	}
	return false
}
