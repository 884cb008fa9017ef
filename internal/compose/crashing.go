// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/wait"
)

// loopLimit is how long a container that was started again is looked at, to see whether it
// keeps crashing.
const loopLimit = 20 * time.Second

// looping returns why a container keeps crashing that docker compose had no patience with,
// or nil if none does. Compose calls it unhealthy, though it may run for the moment.
func looping(ctx context.Context, all []*container.Container, states []wait.State) error {
	ctx, cancel := context.WithTimeout(ctx, loopLimit)
	defer cancel()
	for i, s := range states {
		if s.Restarts == 0 || s.Ended() || s.Health == "healthy" {
			continue
		}
		err := wait.Until(ctx, all[i].Target(), wait.Ready())
		var exit *wait.ExitError
		if errors.As(err, &exit) && exit.State.Status == "restarting" {
			return err
		}
	}
	return nil
}
