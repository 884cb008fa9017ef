// SPDX-License-Identifier: Apache-2.0

package timelimit

import (
	"context"
	"errors"
	"time"
)

// near is the fraction of a limit that may have passed before the work begins.
const near = 0.05

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
		if span := bound.Span(); given <= span && float64(span-given) < near*float64(span) {
			return span
		}
	}
	if given > 10*time.Second {
		return given.Round(time.Second)
	}
	return given.Round(10 * time.Millisecond)
}
