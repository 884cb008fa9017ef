// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"errors"
	"time"
)

// A Bound is the cause of a context whose time is up. It says which limit that was, and
// so who set it. It is [context.DeadlineExceeded].
type Bound struct {
	Name string        // the TimeLimit of 30s
	For  time.Duration // 30s
}

// Error is that of [context.DeadlineExceeded].
func (b *Bound) Error() string        { return context.DeadlineExceeded.Error() }
func (b *Bound) Is(target error) bool { return target == context.DeadlineExceeded }

// Limit is the Name, for packages that do not know this one.
func (b *Bound) Limit() string { return b.Name }

// Span is For, the same way.
func (b *Bound) Span() time.Duration { return b.For }

// By names the limit of a context whose time is up, in words that follow a time: " (the
// TimeLimit of 30s)". It is empty if nobody knows.
func By(ctx context.Context) string {
	var b *Bound
	if errors.As(context.Cause(ctx), &b) {
		return " (" + b.Name + ")"
	}
	return ""
}
