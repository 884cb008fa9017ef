// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// A signalError is the cause of the end of a context that a signal ended. That of
// signal.NotifyContext does not say which, but in its text.
type signalError struct{ os.Signal }

func (e *signalError) Error() string { return e.String() + " signal received" }

// codeOfSignal returns the exit code that shells have for the signal that ended a context, if
// one did.
func codeOfSignal(ctx context.Context) (code int, ended bool) {
	var s *signalError
	if !errors.As(context.Cause(ctx), &s) {
		return 0, false
	}
	number, is := s.Signal.(syscall.Signal)
	return 128 + int(number), is
}
