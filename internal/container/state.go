// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// State asks the engine how the container is now.
func (c *Container) State(ctx context.Context) (s wait.State, err error) {
	err = c.Life().do(ctx, "looking at", func(ctx context.Context) error {
		now, err := c.Follower.Fresh(ctx)
		s = wait.State(now)
		return err
	})
	return s, err
}

// ExitCode returns the exit code of a container that has ended.
func (c *Container) ExitCode(ctx context.Context) (int, error) {
	s, err := c.State(ctx)
	if err == nil && !s.Ended() {
		err = fmt.Errorf("looking at the exit code of %s: it has none, it is %s", c.Name, s)
	}
	return s.ExitCode, err
}

// Health returns what the container's health check says.
func (c *Container) Health(ctx context.Context) (string, error) {
	s, err := c.State(ctx)
	if err == nil && s.Health == "" {
		err = fmt.Errorf("looking at the health of %s: it has no health check, it is %s", c.Name, s)
	}
	return s.Health, err
}

// IP returns the address of the container in a network, by the network's name on the
// engine or in the project's file.
func (c *Container) IP(ctx context.Context, network string) (ip string, err error) {
	err = c.Life().do(ctx, "looking up the IP address of", func(ctx context.Context) error {
		inspected, err := c.Engine.Inspect(ctx, c.ID)
		if err == nil {
			ip, err = address(ctx, c.Engine, engine.Addresses(inspected), inspected.Config.Labels[engine.ComposeProject], network)
		}
		return err
	})
	return ip, err
}

// address finds the address in a network among those of a container.
func address(ctx context.Context, e *engine.Engine, all map[string]string, project, network string) (string, error) {
	names := slices.Sorted(maps.Keys(all))
	name := network
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	if _, ok := all[name]; !ok && project != "" { // files may call it as they like
		networks, err := e.Networks(ctx, engine.ComposeProject, project)
		if err != nil {
			return "", err
		}
		for _, n := range networks {
			if n.Labels[engine.ComposeNetwork] == network {
				name = n.Name
			}
		}
	}
	ip, ok := all[name]
	switch {
	case !ok:
		return "", fmt.Errorf("it is not in network %q; it is in %s", network, report.List(names))
	case ip == "":
		return "", errors.New("it has none in that network; one that does not run has none")
	}
	return ip, nil
}
