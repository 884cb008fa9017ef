// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/moby/moby/client"
)

// A connection asks the Engine API.
type connection struct {
	at  endpoint
	ssh *sshHost // nil if it is not behind ssh
	api *client.Client

	clock struct {
		sync.Mutex
		ahead time.Duration // of ours
		asked time.Time     // by the wall clock, which goes on while this machine sleeps; zero is never
	}
}

// clockTrusted is for how long the difference of two clocks is taken to be what it was: an
// engine needs tens of milliseconds to say what time it is, since it says all else with it.
const clockTrusted = 30 * time.Second

// Host returns the engine's address as DOCKER_HOST has it.
func (e *connection) Host() string { return e.at.host }

// Now returns the time on the engine's clock.
func (e *connection) Now(ctx context.Context) (time.Time, error) {
	ours := time.Now().Round(0)
	e.clock.Lock()
	age, ahead := ours.Sub(e.clock.asked), e.clock.ahead
	e.clock.Unlock()
	if age >= 0 && age < clockTrusted {
		return ours.Add(ahead), nil
	}
	now, err := e.askForTime(ctx)
	if err == nil {
		e.clock.Lock()
		defer e.clock.Unlock()
		e.clock.asked = time.Now().Round(0)
		e.clock.ahead = now.Sub(e.clock.asked)
	}
	return now, err
}

func (e *connection) askForTime(ctx context.Context) (time.Time, error) {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return time.Time{}, err
	}
	now, err := time.Parse(time.RFC3339Nano, info.Info.SystemTime)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the engine's clock: %w", err)
	}
	return now, nil
}

// CloseIdle closes the connections that nobody uses at the moment.
func (e *connection) CloseIdle() {
	_ = e.api.Close() // it can fail in nothing that matters; the client opens new ones
	if e.ssh != nil {
		e.ssh.rest()
	}
}
