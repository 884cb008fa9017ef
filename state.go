// SPDX-License-Identifier: Apache-2.0

package seatrial

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
func (c *Container) State(t T) wait.State {
	t.Helper()
	var s wait.State
	c.act(t, "looking at", func(ctx context.Context) error {
		now, err := c.follower.Fresh(ctx)
		s = wait.State(now)
		return err
	})
	return s
}

// ExitCode returns the exit code of a container that has ended. To wait for its
// end, see wait.Exit and [RunToEnd].
func (c *Container) ExitCode(t T) int {
	t.Helper()
	s := c.State(t)
	if !s.Ended() {
		fail(t, fmt.Errorf("looking at the exit code of %s: it has none, it is %s", c.Name, s))
	}
	return s.ExitCode
}

// Health returns what the container's health check says: starting, healthy or
// unhealthy.
func (c *Container) Health(t T) string {
	t.Helper()
	s := c.State(t)
	if s.Health == "" {
		fail(t, fmt.Errorf("looking at the health of %s: it has no health check, it is %s", c.Name, s))
	}
	return s.Health
}

// IP returns the address of the container in a network: one of the test's by its
// Name, one of a Compose project by its name in the file, or, if the container
// is in one only, "". Only other containers can count on reaching it; the test
// uses [Container.Addr].
func (c *Container) IP(t T, network string) string {
	t.Helper()
	var ip string
	c.act(t, "looking up the IP address of", func(ctx context.Context) error {
		inspected, err := c.engine.Inspect(ctx, c.ID)
		if err == nil {
			ip, err = c.address(ctx, engine.Addresses(inspected), inspected.Config.Labels[engine.ComposeProject], network)
		}
		return err
	})
	return ip
}

func (c *Container) address(ctx context.Context, all map[string]string, project, network string) (string, error) {
	names := slices.Sorted(maps.Keys(all))
	name := network
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	if _, ok := all[name]; !ok && project != "" { // files may call it as they like
		networks, err := c.engine.Networks(ctx, engine.ComposeProject, project)
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
