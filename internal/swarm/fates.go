// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/swarm/converge"
)

// noteOver remembers which tasks have ended, now that the services are as is wanted:
// what fails from here on is told at the end of the test.
func (g *serviceGroup) noteOver(tasks []engine.Task) {
	over := map[string]bool{}
	for _, t := range tasks {
		if t.Over() {
			over[t.ID] = true
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = over
}

// fates says which services' tasks have failed since the services were as is wanted, a
// line for each service. The swarm starts others in their place, so that a test may see
// nothing of it. What the test itself has stopped is no news.
func (g *serviceGroup) fates(ctx context.Context, _ bool) (said []string) {
	g.mu.Lock()
	over := g.over
	g.mu.Unlock()
	if over == nil {
		return nil
	}
	services, tasks, err := g.refresh(ctx)
	if err != nil {
		return nil
	}
	for _, s := range services {
		failed := slices.DeleteFunc(slices.Clone(tasks), func(t engine.Task) bool {
			return t.Service != s.ID || over[t.ID] || !g.hasFailed(s, t)
		})
		if len(failed) == 0 {
			continue
		}
		last := slices.MaxFunc(failed, func(a, b engine.Task) int { return a.Since.Compare(b.Since) })
		fault := &converge.Fault{Task: last}
		if last.State == "rejected" {
			fault.Why = last.Error
		}
		line, _, _ := strings.Cut(g.taskError(ctx, s, fault, "").Error(), "\n")
		if len(failed) > 1 {
			line += fmt.Sprintf(" (%d of its tasks have failed)", len(failed))
		}
		said = append(said, line)
	}
	return said
}

// hasFailed reports whether a task has failed, and not by what the test did.
func (g *serviceGroup) hasFailed(s engine.Service, t engine.Task) bool {
	if t.State != "failed" && t.State != "rejected" {
		return false
	}
	if converge.IsJob(s.Mode) && slices.Contains(g.allow, t.ExitCode) {
		return false
	}
	c := g.follower.containers.Get(t.Container)
	return c == nil || !c.IsStopped()
}
