// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
)

// Seen is what was seen of a swarm at one look.
type Seen struct {
	At       time.Time
	Services []engine.Service
	Tasks    []engine.Task
	Nodes    map[string]engine.Node // by id

	// Container returns the state of a task's container, by its id, if that is known.
	Container func(id string) (state engine.State, known bool)

	// Starting reports whether the engine of a container has not started it yet: it answers
	// no question about it until that is done, which may take seconds.
	Starting func(id string) bool

	// Unpulled finds a task of a service whose node does not get the image.
	Unpulled func(engine.Service) *Fault

	// StillRuns reports whether engines say of a service's tasks, too, that they run.
	StillRuns func(engine.Service) bool
}

// A Convergence is the way of services to what is wanted of them.
type Convergence struct {
	Before   map[string]bool          // tasks that had ended when it began
	RollBack bool                     // a roll back is what is wanted
	Allowed  []int                    // exit codes of jobs that are no failure
	Role     func(full string) string // what messages call a service

	trackers map[string]*tracker // by the id of the service
}

// Look judges all services. It returns what those do that are not done, by their roles, or
// the service that cannot be, and why.
func (c *Convergence) Look(seen Seen) (doing []string, failed engine.Service, why *Fault) {
	var busy []*tracker
	for _, s := range seen.Services {
		tr := c.tracker(s)
		done, what, bad := c.judge(tr, s, seen)
		switch {
		case bad != nil:
			return nil, s, bad
		case done:
			tr.alone = time.Time{}
		default:
			busy = append(busy, tr)
			doing = append(doing, c.Role(s.Name)+": "+what)
		}
	}
	for _, s := range seen.Services { // asked when nothing else is lacking
		if len(busy) == 0 && !seen.StillRuns(s) {
			c.tracker(s).steady = time.Time{}
			doing = append(doing, c.Role(s.Name)+": a task has just ended")
		}
	}
	for _, tr := range busy {
		switch {
		case len(busy) > 1:
			tr.alone = time.Time{}
		case tr.alone.IsZero():
			tr.alone = seen.At
		}
	}
	slices.Sort(doing)
	return doing, engine.Service{}, nil
}

func (c *Convergence) tracker(s engine.Service) *tracker {
	tr := c.trackers[s.ID]
	if tr == nil {
		if c.trackers == nil {
			c.trackers = map[string]*tracker{}
		}
		tr = &tracker{before: c.Before, rollBack: c.RollBack, allowed: c.Allowed}
		c.trackers[s.ID] = tr
	}
	return tr
}

// judge judges one service: first by what the managers say of its tasks, then by what
// engines say of their containers.
func (c *Convergence) judge(tr *tracker, s engine.Service, seen Seen) (done bool, doing string, bad *Fault) {
	tr.up, tr.healthy = upSince(s, seen)
	done, doing, bad = tr.look(s, seen.Tasks, seen.Nodes, seen.At)
	if done {
		return done, doing, bad
	}
	updating := isUpdating(s)
	if !updating && (bad == nil || bad.Why == "") {
		if worse := unstarted(s, seen, c.Before); worse != nil {
			if bad != nil {
				worse.Update = bad.Update
			}
			bad = worse
		}
	}
	if bad == nil && !updating {
		bad = unhealthy(s, seen, c.Before)
	}
	if bad == nil {
		bad = seen.Unpulled(s)
	}
	return false, doing, bad
}

// upSince returns when the last of a service's tasks that run was started, or zero where
// that is not known; and whether all of them are well by their health checks.
func upSince(s engine.Service, seen Seen) (up time.Time, healthy bool) {
	healthy = true
	for _, t := range seen.Tasks {
		if t.Service != s.ID || !isServing(t) {
			continue
		}
		state, known := seen.Container(t.Container)
		if !known || state.Status != "running" {
			return time.Time{}, false
		}
		if healthy = healthy && state.Health == "healthy"; state.Since.After(up) {
			up = state.Since
		}
	}
	return up, healthy && !up.IsZero()
}

// unhealthy finds a task whose container is unhealthy, or was when it ended: the swarm ends
// it, and another one would fare no better.
func unhealthy(s engine.Service, seen Seen, before map[string]bool) *Fault {
	for _, t := range seen.Tasks {
		if !t.Of(s) || before[t.ID] || isShutDown(t) || seen.Starting(t.Container) {
			continue
		}
		if state, known := seen.Container(t.Container); known && state.Health == "unhealthy" {
			said := ""
			if line := errorline.Of(strings.Split(state.HealthOutput, "\n"), nil); line != "" {
				said = ": " + line
			}
			return &Fault{Task: t, Why: "unhealthy" + said}
		}
	}
	return nil
}

// unstarted finds a task whose program could not be started: that its container has an exit
// code says nothing. Another one would fare no better.
func unstarted(s engine.Service, seen Seen, before map[string]bool) *Fault {
	for _, t := range seen.Tasks {
		if !t.Of(s) || before[t.ID] || t.State != "failed" {
			continue
		}
		if state, known := seen.Container(t.Container); known && state.Status == "created" {
			return &Fault{Task: t, Why: t.Error}
		}
	}
	return nil
}
