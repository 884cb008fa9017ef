// SPDX-License-Identifier: Apache-2.0

package isolate

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Panicking returns where the goroutine panics that runs what was deferred, or "". The
// testing package needs this: it calls the Cleanup functions of a test that panics before
// it marks that as failed.
func Panicking() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for panics := false; ; {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panics = true
		case panics && !strings.HasPrefix(frame.Function, "runtime."):
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
