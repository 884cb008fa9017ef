// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// module is what the names of all our functions begin with.
const module = "github.com/seatrial/seatrial"

// place returns the line of the test, like order_test.go:17, that called a verb of ours;
// or nothing, if that is not known.
func place() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		rest, ours := strings.CutPrefix(frame.Function, module)
		if !ours || !strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "/") || strings.HasSuffix(frame.File, "_test.go") {
			if frame.File == "" || strings.HasPrefix(frame.Function, "runtime.") {
				return ""
			}
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
