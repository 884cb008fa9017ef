// SPDX-License-Identifier: Apache-2.0

package timelimit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

type bound struct {
	error
	span time.Duration
}

func (b bound) Span() time.Duration { return b.span }

func TestGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			span, before, want time.Duration
			known              bool
		}{
			{3 * time.Second, 0, 3 * time.Second, true},
			{3 * time.Second, 103 * time.Millisecond, 3 * time.Second, true},
			{3 * time.Second, 180 * time.Millisecond, 3 * time.Second, true},
			{time.Second, 300 * time.Millisecond, 700 * time.Millisecond, true},
			{3 * time.Second, time.Second, 2 * time.Second, true}, // most of the limit was used for something else
			{3 * time.Second, 103 * time.Millisecond, 2900 * time.Millisecond, false},
			{20 * time.Minute, 4 * time.Second, 20 * time.Minute, true},
			{20 * time.Minute, 2*time.Minute + 300*time.Millisecond, 18 * time.Minute, true},
		} {
			var cause error
			if tt.known {
				cause = bound{context.DeadlineExceeded, tt.span}
			}
			ctx, cancel := context.WithTimeoutCause(t.Context(), tt.span, cause)
			time.Sleep(tt.before)
			began := time.Now()
			<-ctx.Done()
			time.Sleep(time.Second / 3) // until the caller cancels
			if got := Given(ctx, began); got != tt.want {
				t.Errorf("of %v, %v after its begin: %v, want %v", tt.span, tt.before, got, tt.want)
			}
			cancel()
		}
	})
}
