// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/internal/engine"
)

// IsJob reports whether tasks of services in a mode are to end.
func IsJob(mode string) bool { return mode == engine.ReplicatedJob || mode == engine.GlobalJob }

// IsGlobal reports whether services in a mode have a task on each node.
func IsGlobal(mode string) bool { return mode == engine.Global || mode == engine.GlobalJob }

// slotOf is the place of a task among those of its service, which one task at a time has:
// a slot, or a node.
func slotOf(s engine.Service, t engine.Task) string {
	if IsGlobal(s.Mode) {
		return t.Node
	}
	return strconv.Itoa(t.Number(s.Mode))
}

// Present returns the tasks that a service has now. Of a job, and of a service that is not
// started again, it is the first in each place that ended, if one did: a swarm starts a job
// that failed again whatever it was told.
func Present(s engine.Service, tasks []engine.Task) []engine.Task {
	job := IsJob(s.Mode)
	tasks = slices.SortedStableFunc(slices.Values(tasks), func(a, b engine.Task) int { return a.Since.Compare(b.Since) })
	var all []engine.Task
	ended := map[string]bool{}
	for _, t := range tasks {
		last := job && t.Iteration == s.Iteration && t.Started || t.State == "complete" && s.Restart != "any"
		if t.Service == s.ID && t.Over() && last && !ended[slotOf(s, t)] {
			ended[slotOf(s, t)] = true
			all = append(all, t)
		}
	}
	for _, t := range tasks {
		if t.Service == s.ID && !t.Over() && !ended[slotOf(s, t)] && (t.Desired == "running" || job && t.Iteration == s.Iteration) {
			all = append(all, t)
		}
	}
	return all
}

// EndedBefore says of tasks whether they have ended and say nothing of what comes. Those of
// a job that are complete do say something, and so do those of a service whose tasks are not
// started again, as long as it is the same.
func EndedBefore(services []engine.Service, tasks []engine.Task) map[string]bool {
	before := map[string]bool{}
	for _, t := range tasks {
		last := slices.ContainsFunc(services, func(s engine.Service) bool {
			return t.Of(s) && (s.Restart == "none" || t.State == "complete" && (s.Restart != "any" || IsJob(s.Mode)))
		})
		before[t.ID] = t.Over() && !last
	}
	return before
}

// isServing reports whether a task runs and is to go on.
func isServing(t engine.Task) bool { return t.State == "running" && t.Desired == "running" }

// Serving returns the tasks that run and are to go on, which those of jobs are not.
func Serving(tasks []engine.Task) []engine.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t engine.Task) bool { return !isServing(t) })
}

// isShutDown reports whether the swarm ends a task that did nothing wrong: that its health
// check fails on the way says nothing.
func isShutDown(t engine.Task) bool {
	return t.State == "shutdown" || t.State != "failed" && (t.Desired == "shutdown" || t.Desired == "remove")
}
