// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"runtime"
	"testing"
)

// A failing test keeps what it would have failed with.
type failing struct {
	*testing.T
	text   string
	failed bool
}

func (f *failing) Errorf(format string, args ...any) {
	f.text += fmt.Sprintf(format, args...)
	f.failed = true
}

func (f *failing) FailNow() { runtime.Goexit() }

func (f *failing) Failed() bool { return f.failed }

// seatrialFails calls do where FailNow may end the goroutine.
func seatrialFails(f *failing, do func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	<-done
	return f.failed
}
