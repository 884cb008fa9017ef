// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/seatrial/seatrial/wait"
)

// statsOf says how a container is now: what it uses, where it listens, what runs in
// it. What cannot be found out is left out.
func statsOf(ctx context.Context, c *Container) string {
	var text strings.Builder
	to := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	state, err := c.Follower.Fresh(ctx)
	if err == nil {
		fmt.Fprintf(to, "state\t%s\n", wait.State(state))
		if state.Restarts > 0 {
			fmt.Fprintf(to, "restarts\t%d\n", state.Restarts)
		}
	}
	if used, err := c.Engine.Stats(ctx, c.ID); err == nil && used.Memory > 0 {
		for _, line := range used.Lines() {
			fmt.Fprintf(to, "%s\t%s\n", line[0], line[1])
		}
	}
	if ports, err := c.Follower.Listeners(ctx, "tcp"); err == nil && len(ports) > 0 {
		listens := make([]string, 0, len(ports))
		for _, p := range ports {
			listens = append(listens, p.Addr.String())
		}
		slices.Sort(listens)
		fmt.Fprintf(to, "listens on\t%s\n", strings.Join(slices.Compact(listens), ", "))
	}
	_ = to.Flush()
	if processes, err := c.Engine.Processes(ctx, c.ID); err == nil {
		text.WriteString("\n")
		for _, line := range processes {
			fmt.Fprintln(to, line)
		}
		_ = to.Flush()
	}
	return text.String()
}
