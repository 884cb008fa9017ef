// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"errors"
	"time"
)

// A Bound is the cause of a context whose time is up. It says which limit that was.
// [errors.Is] finds it to be [context.DeadlineExceeded].
type Bound struct {
	Name string        // the TimeLimit of 30s
	For  time.Duration // 30s
	Hint string        // how to move it; may be empty
}

// Error returns the text of [context.DeadlineExceeded].
func (b *Bound) Error() string        { return context.DeadlineExceeded.Error() }
func (b *Bound) Is(target error) bool { return target == context.DeadlineExceeded }

// Limit returns Name, for packages that do not import this one.
func (b *Bound) Limit() string { return b.Name }

// Span returns For, for the same reason.
func (b *Bound) Span() time.Duration { return b.For }

// By names the limit of a context whose time is up, in words that follow a time: " (the
// TimeLimit of 30s)". It is empty if the limit is not known.
func By(ctx context.Context) string {
	var b *Bound
	if errors.As(context.Cause(ctx), &b) {
		return " (" + b.Name + ")"
	}
	return ""
}
