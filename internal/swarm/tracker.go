// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// A tracker is what was seen of one service on its way to what is wanted of it:
// there are no events of tasks, so that it is looked at again and again.
type tracker struct {
	before  map[string]bool      // tasks that had ended when the way began
	pending map[string]time.Time // since when a task has had no node that takes it, or nowhere is one
	ends    map[string]time.Time // when a task was first seen to have ended
	began   time.Time            // when it was first looked at
	up      time.Time            // when the last of the tasks that run was started; zero if that is not known
	checked bool                 // all that run have health checks, which say that they are well
	steady  time.Time            // since when all has been as it should
	alone   time.Time            // since when nothing else has been on its way; zero if there is
	allowed []int                // exit codes of a job that are no failure
	back    bool                 // a roll back is what is wanted
	last    *fault               // of an update that goes on: what became of it counts
}

const (
	// A task that could not be placed for this long will not be: what takes a
	// place for a moment is the task that it replaces.
	hopeless = time.Second
	// One that no node takes may still be, while a node is away: a node that told the
	// swarm of itself through a manager that is lost takes three heartbeats to look
	// for another, of five seconds by themselves.
	hopelessAway = 15 * time.Second
	// A program that runs when it is looked at may be about to end, or have ended
	// without the engine knowing yet: on a slow machine, on which it took long to
	// start it, it is looked at for longer, for a part of that time.
	steadyFor  = 500 * time.Millisecond
	steadyPart = 8
	// One that had ended before must show more.
	steadyAgain = 2 * time.Second
	// Services often end until others that they need are there. One that does so
	// though all others are is in a loop when it did twice; or, whatever the
	// others, so many times.
	loops    = 2
	mostEnds = 10
	// A node rejects a task for what will not change, or for what is over in a moment:
	// its way to the managers is lost, or it still has a network whose addresses were
	// given to another one. The swarm tries again; and that is final.
	rejections = 2
)

// nowhere stands for all tasks of a service that none is made of.
const nowhere = ""

func newTracker(allowed []int) *tracker {
	return &tracker{before: map[string]bool{}, pending: map[string]time.Time{}, ends: map[string]time.Time{}, allowed: allowed}
}

// A fault is a task that ends the wait for its service.
type fault struct {
	task   engine.Task
	ended  int // how often tasks of the service have
	why    string
	update string // what became of an update by it
	stuck  bool   // no node takes it, which the swarm does not call a failure
}

// Look judges the service. It is done, or doing says what is lacking, or a fault
// says why it cannot be done. Of an update it waits for the end, which a task that
// fails may lead to.
func (tr *tracker) Look(s engine.Service, tasks []engine.Task, nodes map[string]*node, now time.Time) (done bool, doing string, f *fault) {
	if tr.began.IsZero() {
		tr.began = now
	}
	done, doing, f = tr.judge(s, tasks, nodes, now)
	switch s.Update {
	case "updating", "rollback_started":
		if tr.steady = (time.Time{}); f != nil {
			tr.last = f
		}
		if f != nil && f.stuck && !leaving(s, tasks) {
			return false, doing, f
		}
		return false, doing + ", its update goes on", nil
	case "paused", "rollback_paused":
		tr.findCause(s, tasks)
		return false, doing, tr.updated("its update is paused", s.UpdateMessage)
	case "rollback_completed":
		if !tr.back && (f != nil || done) {
			tr.findCause(s, tasks)
			return false, doing, tr.updated("its update was rolled back", s.UpdateMessage)
		}
	}
	return done, doing, f
}

// findCause finds the task that an update failed by, if none was a fault by itself: one
// that ends once is enough for the swarm.
func (tr *tracker) findCause(s engine.Service, tasks []engine.Task) {
	if tr.last != nil {
		return
	}
	for _, t := range tasks {
		failed := t.State == "failed" || t.State == "rejected" || t.State == "complete" && s.Restart == "any"
		if t.Service != s.ID || tr.before[t.ID] || !failed {
			continue
		}
		if tr.last == nil || t.Since.After(tr.last.task.Since) {
			tr.last = &fault{task: t, ended: 1}
			if !t.Started || t.State == "rejected" {
				tr.last.why = t.Error
			}
		}
	}
}

// updated returns the fault of an update, and of the task that is to blame.
func (tr *tracker) updated(what, message string) *fault {
	f := &fault{why: what + ": " + message}
	if tr.last != nil {
		f.task, f.ended = tr.last.task, tr.last.ended
		f.update = f.why
		f.why = tr.last.why
	}
	return f
}

func (tr *tracker) judge(s engine.Service, tasks []engine.Task, nodes map[string]*node, now time.Time) (done bool, doing string, f *fault) {
	wanted, places := s.Wanted, -1
	if s.Mode == engine.Global || s.Mode == engine.GlobalJob {
		wanted = eligible(s, nodes)
		places = wanted
	}
	if places == 0 {
		if away(nodes) && tr.pendingFor(nowhere, now) < hopelessAway {
			return false, "no node is there for its tasks", nil
		}
		return false, "", &fault{why: "no suitable node" + why(s, nodes)}
	}
	delete(tr.pending, nowhere)
	job := s.Mode == engine.ReplicatedJob || s.Mode == engine.GlobalJob
	var ended []engine.Task
	good, old, lost, busy := map[string]bool{}, 0, 0, map[string]engine.Task{}
	for _, t := range tasks {
		if t.Service != s.ID || tr.before[t.ID] || job && t.Iteration != s.Iteration {
			continue
		}
		place := slotOf(s, t)
		switch {
		case t.State == "running" && t.Desired == "running" && !job:
			if n := nodes[t.Node]; n != nil && n.Status == "down" {
				lost++ // the managers will say so, too
			} else if t.Of(s) {
				good[place] = true
			} else {
				old++
			}
		case t.State == "complete" && (job || s.Restart != "any"):
			good[place] = true
		case job && t.State == "failed" && s.Restart == "none" && slices.Contains(tr.allowed, t.ExitCode):
			good[place] = true
		case t.State == "rejected":
			ended = append(ended, t)
		case t.State == "failed" || t.State == "complete":
			if ended = append(ended, t); !t.Started && t.State == "failed" {
				return false, "", &fault{task: t, why: t.Error}
			}
		case t.Over() || t.Desired == "shutdown" || t.Desired == "remove":
		default:
			busy[place] = t
			if f := tr.waits(t, s, nodes, now); f != nil {
				return false, "", f
			}
		}
	}
	if f := tr.over(s, ended, good, now); f != nil {
		return false, "", f
	}
	doing = inWords(s, wanted, good, old, busy)
	if count(good) < wanted || old+lost > 0 || len(busy) > 0 && !job {
		tr.steady = time.Time{}
		return false, doing, nil
	}
	if tr.steady.IsZero() {
		tr.steady = now
	}
	hold := min(max(steadyFor, tr.steady.Sub(tr.began)/steadyPart), steadyAgain)
	if !tr.up.IsZero() && tr.up.Before(tr.steady) { // most was over when it was seen
		hold -= tr.steady.Sub(tr.up)
	}
	switch {
	case job || tr.checked && len(ended) == 0:
		hold = 0
	case len(ended) > 0:
		hold = steadyAgain
	}
	return now.Sub(tr.steady) >= hold, doing, nil
}

// waits returns a fault if a task has had no place for too long.
func (tr *tracker) waits(t engine.Task, s engine.Service, nodes map[string]*node, now time.Time) *fault {
	if t.State != "pending" || t.Error == "" {
		delete(tr.pending, t.ID)
		return nil
	}
	limit := hopeless
	if away(nodes) {
		limit = hopelessAway
	}
	if tr.pendingFor(t.ID, now) < limit {
		return nil
	}
	return &fault{task: t, why: t.Error + why(s, nodes), stuck: true}
}

// leaving reports whether a task of the service is on its way out, and may make room
// for the next one.
func leaving(s engine.Service, tasks []engine.Task) bool {
	return slices.ContainsFunc(tasks, func(t engine.Task) bool {
		return t.Service == s.ID && !t.Over() && (t.Desired == "shutdown" || t.Desired == "remove")
	})
}

// pendingFor returns for how long a task has had no place.
func (tr *tracker) pendingFor(id string, now time.Time) time.Duration {
	since, seen := tr.pending[id]
	if !seen {
		tr.pending[id] = now
		return 0
	}
	return now.Sub(since)
}

// over returns a fault if a task has ended for good: it will not be started again,
// or has been too often.
func (tr *tracker) over(s engine.Service, ended []engine.Task, good map[string]bool, now time.Time) *fault {
	slices.SortFunc(ended, func(a, b engine.Task) int { return a.Since.Compare(b.Since) })
	times, rejected := map[string]int{}, map[string]int{}
	late := 0
	for _, t := range ended {
		place := slotOf(s, t)
		times[place]++
		if t.State == "rejected" {
			rejected[place]++
		}
		if _, seen := tr.ends[t.ID]; !seen {
			tr.ends[t.ID] = now
		}
		if !tr.alone.IsZero() && !tr.ends[t.ID].Before(tr.alone) {
			late++
		}
		last := s.Restart == "none" || s.Attempts > 0 && times[place] > s.Attempts || rejected[place] == rejections
		if last && !good[place] {
			return endOf(t, len(ended))
		}
	}
	if len(ended) >= mostEnds || late >= loops {
		if last := ended[len(ended)-1]; !good[slotOf(s, last)] || late >= loops {
			return endOf(last, len(ended))
		}
	}
	return nil
}

// endOf is the fault of a task that has ended, of so many.
func endOf(t engine.Task, ended int) *fault {
	f := &fault{task: t, ended: ended}
	if t.State == "rejected" {
		f.why = t.Error
	}
	return f
}

// slotOf is what one task at a time has: a slot, or a node.
func slotOf(s engine.Service, t engine.Task) string {
	if s.Mode == engine.Global || s.Mode == engine.GlobalJob {
		return t.Node
	}
	return strconv.Itoa(t.Number(s.Mode))
}

func count(good map[string]bool) int {
	n := 0
	for _, is := range good {
		if is {
			n++
		}
	}
	return n
}

// inWords says how far a service is.
func inWords(s engine.Service, wanted int, good map[string]bool, old int, busy map[string]engine.Task) string {
	word := "run"
	if s.Mode == engine.ReplicatedJob || s.Mode == engine.GlobalJob {
		word = "are done"
	}
	text := fmt.Sprintf("%d of %d tasks %s", count(good), wanted, word)
	states := map[string]int{}
	for _, t := range busy {
		states[t.State]++
	}
	for _, state := range []string{"new", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"} {
		if n := states[state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, state)
		}
	}
	if old > 0 {
		text += fmt.Sprintf(", %d of the version before", old)
	}
	return text
}
