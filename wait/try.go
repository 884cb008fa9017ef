// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// tryLimit bounds one attempt. A server that accepts and never answers is tried
// again, because it may have been only docker-proxy that accepted.
const tryLimit = 2 * time.Second

// reason describes a failed connection in a few words, without the address, whose
// port means nothing to the reader: the engine chose it.
func reason(err error) string {
	var number syscall.Errno
	var timeout net.Error
	switch {
	case errors.As(err, &number):
		return number.Error()
	case hungUp(err):
		return "the connection was closed without an answer"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer"
	}
	return err.Error()
}

// broken reports whether an error comes from the connection, so that it is worth a
// look at what listens.
func broken(err error) bool {
	var op *net.OpError
	var number syscall.Errno
	return errors.As(err, &op) || errors.As(err, &number) || hungUp(err)
}

// hungUp reports whether the other side closed the connection. Drivers have their
// own words for that, and net/http an unexported error if it happened before the
// request, or that of its own end, which it closed when it saw it.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		strings.HasSuffix(err.Error(), "http: server closed idle connection")
}

// aside calls f in another goroutine, and abandons it when the context ends: code
// of others may ignore its context.
func aside(ctx context.Context, f func(context.Context) error) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("it ended its goroutine") // by t.FailNow, which is for the test's goroutine
		defer func() { done <- err }()
		err = f(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // f may have noticed, and have better words for it
	case err := <-done:
		return err
	case <-time.After(50 * time.Millisecond):
		return fmt.Errorf("it does not return: %w", context.Cause(ctx))
	}
}

// dialError reports whether no connection was made.
func dialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// abridged shortens output to what fits into a line.
func abridged(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
