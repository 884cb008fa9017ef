// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/moby/moby/client"
)

// clockTrusted is for how long the difference of two clocks is taken to be what it was. An
// engine needs tens of milliseconds to say what time it is, since it says all else with it.
const clockTrusted = 30 * time.Second

// A clock is that of an engine, by ours and the difference between the two.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
	heard time.Time // by our wall clock, which goes on while this machine sleeps; zero is never
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = time.Now().Round(0)
	c.ahead = now.Sub(c.heard)
}

// now returns the time, if it was heard a short while ago.
func (c *clock) now() (now time.Time, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ours := time.Now().Round(0)
	return ours.Add(c.ahead), c.isWithin(ours, clockTrusted)
}

// within reports whether the clock was heard so short a while ago.
func (c *clock) within(most time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isWithin(time.Now().Round(0), most)
}

// isWithin is within. The caller has the lock.
func (c *clock) isWithin(ours time.Time, most time.Duration) bool {
	age := ours.Sub(c.heard) // below 0 if ours was set back
	return age >= 0 && age < most
}

// Now returns the time on the engine's clock.
func (e *connection) Now(ctx context.Context) (time.Time, error) {
	if now, known := e.clock.now(); known {
		return now, nil
	}
	info, err := e.info(ctx)
	if err != nil {
		return time.Time{}, err
	}
	now, err := timeOf(info)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the engine's clock: %w", err)
	}
	return now, nil
}

// info asks the engine what it is, and so hears what time it has. The answer takes it tens of
// milliseconds: [connection.recentInfo] does for what stays as it is while an engine runs.
func (e *connection) info(ctx context.Context) (client.SystemInfoResult, error) {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return info, err
	}
	if now, err := timeOf(info); err == nil {
		e.clock.set(now)
	}
	e.lastInfo.Store(&info)
	return info, nil
}

// recentInfo is info, or its last answer, if that is as young as a clock that is trusted.
func (e *connection) recentInfo(ctx context.Context) (client.SystemInfoResult, error) {
	return e.infoWithin(ctx, clockTrusted)
}

// infoWithin is info, or its last answer, if that is younger than most.
func (e *connection) infoWithin(ctx context.Context, most time.Duration) (client.SystemInfoResult, error) {
	if last := e.lastInfo.Load(); last != nil && e.clock.within(most) {
		return *last, nil
	}
	return e.info(ctx)
}

func timeOf(info client.SystemInfoResult) (time.Time, error) {
	return time.Parse(time.RFC3339Nano, info.Info.SystemTime)
}
