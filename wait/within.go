// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"time"
)

// WithinCondition is the condition that [Within] makes.
type WithinCondition struct {
	Limit     time.Duration
	Condition Condition
}

// Within is the condition that c holds within d of the beginning of the wait. The
// limit d replaces that of the verb, and may be shorter or longer. A limit that
// reaches past the test's deadline ends the wait at once.
func Within(d time.Duration, c Condition) WithinCondition { return WithinCondition{d, c} }

func (c WithinCondition) String() string { return fmt.Sprint(c.Condition) }

func (c WithinCondition) check() error {
	if c.Limit <= 0 {
		return fmt.Errorf("a limit of %v leaves no time", c.Limit)
	}
	return checkInner(c.Condition)
}

func (c WithinCondition) goal() goal { return c.Condition.goal() }

func (c WithinCondition) until(ctx context.Context, t Target) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < c.Limit {
		return &finalError{sight{
			what: fmt.Sprintf("its limit of %v exceeds the %v left", c.Limit, max(time.Until(end), 0).Round(time.Millisecond)),
			hint: "go test -timeout gives the test more time, TimeLimit a start",
		}}
	}
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	return c.Condition.until(ctx, t)
}

// Limit returns the longest limit that [Within] sets in a condition, or 0.
func Limit(c Condition) time.Duration {
	longest := time.Duration(0)
	switch c := c.(type) {
	case WithinCondition:
		longest = c.Limit
	case SteadyCondition:
		longest = Limit(c.Condition)
	case AllCondition:
		for _, part := range c.Conditions {
			longest = max(longest, Limit(part))
		}
	case AnyCondition:
		for _, part := range c.Conditions {
			longest = max(longest, Limit(part))
		}
	}
	return longest
}
