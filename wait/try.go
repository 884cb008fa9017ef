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

// One try may take this long. A server that accepts and never answers is asked
// anew, because what accepted may have been docker-proxy alone.
const tryLimit = 2 * time.Second

// reason tells a failed connection in a few words, without the address, which
// says nothing to the reader: it is a port that nobody chose.
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

// broken reports whether an error is one of the connection, so that it is worth
// looking who listens.
func broken(err error) bool {
	var op *net.OpError
	var number syscall.Errno
	return errors.As(err, &op) || errors.As(err, &number) || hungUp(err)
}

// hungUp reports whether the other side closed the connection. Drivers say so
// in their own way, and net/http by an error that it does not export if that was
// before it had asked.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		strings.HasSuffix(err.Error(), "http: server closed idle connection")
}

// aside calls f in a goroutine of its own, and does not wait for one that
// outlives its context: what others wrote may know no context.
func aside(ctx context.Context, f func(context.Context) error) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("it ended its goroutine") // by t.FailNow, which belongs to the test's
		defer func() { done <- err }()
		err = f(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // it may have noticed, and have better words for it
	case err := <-done:
		return err
	case <-time.After(50 * time.Millisecond):
		return fmt.Errorf("it does not return: %w", context.Cause(ctx))
	}
}

// dialError reports whether there was no connection at all.
func dialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// abridged shortens what somebody printed to what fits into a line.
func abridged(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
