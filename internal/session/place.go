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

// place returns the line, like order_test.go:17, that called a verb of ours; or nothing, if that
// is not known. If a function of the test's own did, it also says which line of the test that was
// called at: package testing keeps to itself which functions are helpers, and prints the latter.
func place() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	inner, last := "", ""
	for {
		frame, more := frames.Next()
		at := fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		switch {
		case frame.Function == "testing.tRunner" && inner != "" && last != inner:
			return inner + calledAt + last
		case frame.File == "" || strings.HasPrefix(frame.Function, "runtime.") || frame.Function == "testing.tRunner":
			return inner
		case inner == "" && !isOurs(frame):
			inner = at
		}
		if last = at; !more {
			return inner
		}
	}
}

// calledAt stands between a line that called a verb, and the line of the test that led there.
const calledAt = ", called at "

// isOurs reports whether a frame is of this module, but not of its tests.
func isOurs(frame runtime.Frame) bool {
	rest, ours := strings.CutPrefix(frame.Function, module)
	return ours && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/")) && !strings.HasSuffix(frame.File, "_test.go")
}
