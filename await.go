// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/wait"
)

// await waits for conditions, one after the other.
func await(t T, on wait.Target, conditions []wait.Condition) error {
	t.Helper()
	for _, condition := range conditions {
		if err := wait.Check(condition); err != nil {
			return fmt.Errorf("waiting for %s: %w", on.Name(), err)
		}
	}
	ctx, cancel := limit(t, 0, container.RunLimit)
	defer cancel()
	for _, condition := range conditions {
		if err := awaitOne(ctx, t, on, condition); err != nil {
			return err
		}
	}
	return nil
}

// awaitOne waits for a condition, as long as its own limit allows if it has one.
func awaitOne(ctx context.Context, t T, on wait.Target, condition wait.Condition) error {
	t.Helper()
	if own := ownLimit(t, condition); own > 0 {
		var cancel context.CancelFunc
		ctx, cancel = limit(t, 0, own)
		defer cancel()
	}
	waits := fmt.Sprintf("%s: %v", on.Name(), condition)
	session.Note(t, "the test waits for %s", waits)
	began := time.Now()
	err := wait.Until(ctx, on, condition)
	if err == nil { // the message of a failure has it already
		session.Note(t, "%s holds, after %v", waits, time.Since(began).Round(time.Millisecond))
	}
	return err
}

// ownLimit returns the longest limit that conditions have of their own, and fails
// the test at once if it reaches past the test's end.
func ownLimit(t T, conditions ...wait.Condition) time.Duration {
	t.Helper()
	longest := time.Duration(0)
	for _, c := range conditions {
		longest = max(longest, wait.Limit(c))
	}
	if longest == 0 {
		return 0
	}
	mustFit(t, "the limit of wait.Within", longest)
	return longest + time.Second // so that the condition's own limit is the first to expire
}
