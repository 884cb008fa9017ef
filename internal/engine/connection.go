// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/moby/moby/client"
)

// A connection asks the Engine API.
type connection struct {
	at  endpoint
	ssh *sshHost // nil if it is not behind ssh
	api *client.Client
}

// Host returns the engine's address as DOCKER_HOST has it.
func (e *connection) Host() string { return e.at.host }

// Now returns the time on the engine's clock.
func (e *connection) Now(ctx context.Context) (time.Time, error) {
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
