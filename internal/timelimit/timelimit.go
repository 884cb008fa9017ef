// SPDX-License-Identifier: Apache-2.0

package timelimit

import (
	"context"
	"errors"
	"time"
)

// near is the fraction of a limit that may have passed before the work begins. Of a short one
// it is soon, or a quarter: a look at the engine takes as long for a short limit as for a long.
const (
	near = 0.05
	soon = 500 * time.Millisecond
)

// Given returns how long something that began then was allowed to take, rounded for
// people: the limit that ended ctx, if next to nothing came before the work. The cause of
// ctx may have a method Span that returns that limit.
func Given(ctx context.Context, began time.Time) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now()
	}
	given := end.Sub(began)
	var bound interface{ Span() time.Duration }
	if errors.As(context.Cause(ctx), &bound) {
		if span := bound.Span(); given <= span && span-given < max(time.Duration(near*float64(span)), min(soon, span/4)) {
			return span
		}
	}
	if given > 10*time.Second {
		return given.Round(time.Second)
	}
	return given.Round(10 * time.Millisecond)
}
