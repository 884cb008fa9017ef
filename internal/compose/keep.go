// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
)

func (p *Project) enter(ctx context.Context) []string {
	var mu sync.Mutex
	enter := []string{"docker compose -p " + p.Name + " ps"}
	_ = parallel.Do(p.All(), func(c *container.Container) error {
		commands := c.Enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	return enter
}

// Detach leaves the project to people: its containers are no longer followed.
func (p *Project) Detach() {
	p.stopListening()
	p.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(p.containers)), p.past)
	p.mu.Unlock()
	for _, c := range all {
		c.Detach()
	}
}
