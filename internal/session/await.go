// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Await waits for conditions, one after the other: for all of them together as long as a limit
// says, and for one that has a limit of its own as long as that.
func Await(t T, on wait.Target, most time.Duration, conditions []wait.Condition) error {
	t.Helper()
	for _, condition := range conditions {
		if err := wait.Check(condition); err != nil {
			return fmt.Errorf("waiting for %s: %w", on.Name(), err)
		}
	}
	ctx, cancel, err := Limit(t, 0, most)
	if err != nil {
		return err
	}
	defer cancel()
	for _, condition := range conditions {
		if err := awaitOne(ctx, t, on, condition); err != nil {
			return err
		}
	}
	return nil
}

func awaitOne(ctx context.Context, t T, on wait.Target, condition wait.Condition) error {
	t.Helper()
	own, err := OwnLimit(t, condition)
	if err != nil {
		return err
	}
	if own > 0 {
		var cancel context.CancelFunc
		if ctx, cancel, err = Limit(t, 0, own); err != nil {
			return err
		}
		defer cancel()
	}
	waits := fmt.Sprintf("%s: %v", on.Name(), condition)
	Note(t, "the test waits for %s", waits)
	began := time.Now()
	if err = wait.Until(ctx, on, condition); err == nil { // else the failure says it
		Note(t, "%s holds, after %v", waits, time.Since(began).Round(time.Millisecond))
	}
	return err
}

// OwnLimit returns how long conditions may take that have limits of their own, or zero. That
// the test's deadline leaves less is an error.
func OwnLimit(t T, conditions ...wait.Condition) (time.Duration, error) {
	longest := time.Duration(0)
	for _, c := range conditions {
		longest = max(longest, wait.Limit(c))
	}
	if longest == 0 {
		return 0, nil
	}
	if err := Fits(t, "the limit of wait.Within", longest); err != nil {
		return 0, err
	}
	return longest + time.Second, nil // so that it is the condition's that ends it
}
