// SPDX-License-Identifier: Apache-2.0

package isolate

import (
	"fmt"
	"runtime/debug"
)

// An Exit says how a function ended.
type Exit struct {
	Returned bool
	Panicked string // what it panicked with, and where; empty if it did not
}

// Call calls a function in a goroutine of its own, which FailNow may end, and
// waits for that.
func Call(what string, f func()) Exit {
	var e Exit
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if e.Returned {
				return
			}
			if r := recover(); r != nil {
				e.Panicked = fmt.Sprintf("%v\n\nin %s:\n%s", r, what, debug.Stack())
			}
		}()
		f()
		e.Returned = true
	}()
	<-done
	return e
}
