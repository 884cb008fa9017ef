// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
)

// resource is the container on its way to the end of the test.
func (c *Container) resource() session.Resource {
	return session.Resource{Evidence: c.evidence, Remove: c.remove, Enter: c.enter, Detach: c.detach, Handle: c}
}

// enter returns a command with which people get into the container, or see why
// they can't.
func (c *Container) enter(ctx context.Context) []string {
	inspected, err := c.engine.Inspect(ctx, c.ID)
	if err != nil {
		return nil
	}
	name := strings.TrimPrefix(inspected.Name, "/")
	if inspected.State.Running {
		return []string{"docker exec -it " + name + " sh"}
	}
	return []string{"docker logs " + name}
}

// leave ends what follows the container. A log that goes on is not waited for.
func (c *Container) detach() { c.close(session.NoWait) }

func (p *Project) enter(ctx context.Context) []string {
	var mu sync.Mutex
	enter := []string{"docker compose -p " + p.Name + " ps"}
	_ = parallel.Do(p.all(), func(c *Container) error {
		commands := c.enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	return enter
}

func (p *Project) detach() {
	p.stopListening()
	p.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(p.containers)), p.past)
	p.mu.Unlock()
	for _, c := range all {
		c.detach()
	}
}
