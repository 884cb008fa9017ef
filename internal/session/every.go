// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"sync"
	"time"
)

const (
	quick   = 3 * time.Second // what takes no longer is not told of
	between = time.Second     // two lines
)

// Every says how far something is, a line a second at most, where that changes: nothing if
// it is quick, and nothing in a test whose log is not shown at once. Stop returns when
// nothing more is said.
func (say Progress) Every(ctx context.Context, look func(context.Context) string) (stop func()) {
	if !isVerbose() {
		return func() {}
	}
	return say.every(ctx, look)
}

func (say Progress) every(ctx context.Context, look func(context.Context) string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		last := ""
		for pause := quick; ; pause = between {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			if now := look(ctx); now != "" && now != last && ctx.Err() == nil {
				say("%s", now)
				last = now
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}
