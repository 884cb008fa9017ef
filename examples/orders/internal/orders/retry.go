// SPDX-License-Identifier: Apache-2.0

package orders

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/lib/pq"
)

// retry calls op until it succeeds, fails for a reason that does not pass by
// itself, or ctx is done.
func retry(ctx context.Context, op func() error) error {
	pause := 50 * time.Millisecond
	for attempt := 1; ; attempt++ {
		err := op()
		switch {
		case err == nil && attempt > 1:
			slog.Info("the database is back", "attempts", attempt)
			return nil
		case err == nil || ctx.Err() != nil || !passes(err):
			return err
		case attempt == 1:
			slog.Warn("the database does not answer, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no database after %d attempts: %w", attempt, err)
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
}

// passes reports whether err is what a database that is being restarted causes.
func passes(err error) bool {
	if pqErr, ok := errors.AsType[*pq.Error](err); ok {
		switch pqErr.Code.Class() {
		case "08", // the connection broke
			"53", // too many connections, out of memory
			"57": // shutting down, starting up
			return true
		}
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
