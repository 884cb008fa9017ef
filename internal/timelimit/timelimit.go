// SPDX-License-Identifier: Apache-2.0

package timelimit

import (
	"context"
	"errors"
	"time"
)

// near is how much of a limit may be gone before what it is the limit of begins.
const near = 0.05

// Given returns how long something that began then was allowed to take, rounded as people
// write it: the limit that ended ctx, if next to nothing came before. The cause of ctx may
// know that limit: it has a function Span then.
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
