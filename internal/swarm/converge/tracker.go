// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"fmt"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// A tracker is what was seen of one service on its way to what is wanted of it: there are
// no events of tasks, so that it is looked at again and again.
type tracker struct {
	before   map[string]bool // tasks that had ended when the way began
	rollBack bool            // a roll back is what is wanted
	allowed  []int           // exit codes of a job that are no failure

	up      time.Time // when the last of the tasks that run was started; zero if that is not known
	healthy bool      // all that run have health checks, which say that they are well
	alone   time.Time // since when nothing else has been on its way; zero if something is

	began   time.Time            // when it was first looked at
	pending map[string]time.Time // since when a task has had no node that takes it; nowhere is one, too
	ends    map[string]time.Time // when a task was first seen to have ended
	steady  time.Time            // since when all has been as it should
	last    *Fault               // of an update that goes on: what became of the update counts
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

// A Fault is why a service cannot become what it is to be: mostly a task.
type Fault struct {
	Task   engine.Task
	Ended  int    // how often tasks of the service have
	Why    string // empty if the task's exit code tells
	Update string // what became of an update by it
	stuck  bool   // no node takes it, which the swarm does not call a failure
}

// look judges the service. It is done, or doing says what is lacking, or a fault
// says why it cannot be done. Of an update it waits for the end, which a task that
// fails may lead to.
func (tr *tracker) look(s engine.Service, tasks []engine.Task, nodes map[string]engine.Node, now time.Time) (done bool, doing string, f *Fault) {
	if tr.began.IsZero() {
		tr.began, tr.pending, tr.ends = now, map[string]time.Time{}, map[string]time.Time{}
	}
	done, doing, f = tr.judge(s, tasks, nodes, now)
	switch {
	case isUpdating(s):
		if tr.steady = (time.Time{}); f != nil {
			tr.last = f
		}
		if f != nil && f.stuck {
			return false, doing, f
		}
		return false, doing + ", its update goes on", nil
	case s.Update == "paused" || s.Update == "rollback_paused":
		tr.findCause(s, tasks)
		return false, doing, tr.updated("its update is paused", s.UpdateMessage)
	case s.Update == "rollback_completed" && !tr.rollBack && (f != nil || done):
		tr.findCause(s, tasks)
		return false, doing, tr.updated("its update was rolled back", s.UpdateMessage)
	}
	return done, doing, f
}

func isUpdating(s engine.Service) bool {
	return s.Update == "updating" || s.Update == "rollback_started"
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
		if tr.last == nil || t.Since.After(tr.last.Task.Since) {
			tr.last = &Fault{Task: t, Ended: 1}
			if !t.Started || t.State == "rejected" {
				tr.last.Why = t.Error
			}
		}
	}
}

// updated returns the fault of an update, and of the task that is to blame.
func (tr *tracker) updated(what, message string) *Fault {
	f := &Fault{Why: what + ": " + message}
	if tr.last != nil {
		f.Task, f.Ended = tr.last.Task, tr.last.Ended
		f.Update = f.Why
		f.Why = tr.last.Why
	}
	return f
}

// A tally sorts the tasks of a service that count, by what they say of it.
type tally struct {
	good  map[string]bool        // places that have what they shall: a task that runs, or has done its work
	busy  map[string]engine.Task // by place: tasks on their way to it
	ended []engine.Task          // that are not as they shall be
	old   int                    // tasks of the version before that still run
	lost  int                    // tasks that run by what is known, on nodes that are down
}

func (tr *tracker) judge(s engine.Service, tasks []engine.Task, nodes map[string]engine.Node, now time.Time) (done bool, doing string, f *Fault) {
	wanted := s.Wanted
	if IsGlobal(s.Mode) {
		wanted = eligible(s, nodes)
		if wanted == 0 && away(nodes) && tr.pendingFor(nowhere, now) < hopelessAway {
			return false, "no node is there for its tasks", nil
		}
		if wanted == 0 {
			return false, "", &Fault{Why: "no suitable node" + why(s, nodes)}
		}
	}
	delete(tr.pending, nowhere)
	n, f := tr.count(s, tasks, nodes, now)
	if f == nil {
		f = tr.over(s, n.ended, n.good, now)
	}
	if f != nil {
		return false, "", f
	}
	doing = n.text(s, wanted)
	if len(n.good) < wanted || n.old+n.lost > 0 || len(n.busy) > 0 && !IsJob(s.Mode) {
		tr.steady = time.Time{}
		return false, doing, nil
	}
	if tr.steady.IsZero() {
		tr.steady = now
	}
	return now.Sub(tr.steady) >= tr.hold(IsJob(s.Mode), len(n.ended) > 0), doing, nil
}

// count sorts the tasks of a service. A fault is one that needs no other task to judge it.
func (tr *tracker) count(s engine.Service, tasks []engine.Task, nodes map[string]engine.Node, now time.Time) (tally, *Fault) {
	n := tally{good: map[string]bool{}, busy: map[string]engine.Task{}}
	job := IsJob(s.Mode)
	for _, t := range tasks {
		if t.Service != s.ID || tr.before[t.ID] || job && t.Iteration != s.Iteration {
			continue
		}
		place := slotOf(s, t)
		switch {
		case t.State == "running" && t.Desired == "running" && !job:
			if on, known := nodes[t.Node]; known && on.Status == "down" {
				n.lost++ // the managers will say so, too
			} else if t.Of(s) {
				n.good[place] = true
			} else {
				n.old++
			}
		case t.State == "complete" && (job || s.Restart != "any"):
			n.good[place] = true
		case job && t.State == "failed" && s.Restart == "none" && slices.Contains(tr.allowed, t.ExitCode):
			n.good[place] = true
		case t.State == "rejected":
			n.ended = append(n.ended, t)
		case t.State == "failed" || t.State == "complete":
			if n.ended = append(n.ended, t); !t.Started && t.State == "failed" {
				return n, &Fault{Task: t, Why: t.Error}
			}
		case t.Over() || t.Desired == "shutdown" || t.Desired == "remove":
		default:
			n.busy[place] = t
			if leaving(s, tasks, nodes) { // which frees its ports: only then is there a place
				delete(tr.pending, t.ID)
			} else if f := tr.waits(t, s, nodes, now); f != nil {
				return n, f
			}
		}
	}
	return n, nil
}

// hold is how long all has to be as it should until the service is done.
func (tr *tracker) hold(job, ended bool) time.Duration {
	switch {
	case job || tr.healthy && !ended:
		return 0
	case ended:
		return steadyAgain
	}
	hold := min(max(steadyFor, tr.steady.Sub(tr.began)/steadyPart), steadyAgain)
	if !tr.up.IsZero() && tr.up.Before(tr.steady) { // most was over when it was seen
		hold -= tr.steady.Sub(tr.up)
	}
	return hold
}

// waits returns a fault if a task has had no place for too long.
func (tr *tracker) waits(t engine.Task, s engine.Service, nodes map[string]engine.Node, now time.Time) *Fault {
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
	return &Fault{Task: t, Why: t.Error + why(s, nodes), stuck: true}
}

// leaving reports whether a task of the service is on its way out, and may make room for
// the next one. One on a node that is down does not, and one without a node has no room to
// make, and may stay for good: a rollback gives the service the version that this task is
// of, and the scheduler then takes it for one that is still to be placed.
func leaving(s engine.Service, tasks []engine.Task, nodes map[string]engine.Node) bool {
	return slices.ContainsFunc(tasks, func(t engine.Task) bool {
		return t.Service == s.ID && t.Node != "" && !t.Over() && (t.Desired == "shutdown" || t.Desired == "remove") && nodes[t.Node].Status != "down"
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
func (tr *tracker) over(s engine.Service, ended []engine.Task, good map[string]bool, now time.Time) *Fault {
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
func endOf(t engine.Task, ended int) *Fault {
	f := &Fault{Task: t, Ended: ended}
	if t.State == "rejected" {
		f.Why = t.Error
	}
	return f
}

// text says how far a service is of which so many tasks are wanted.
func (n tally) text(s engine.Service, wanted int) string {
	word := "run"
	if IsJob(s.Mode) {
		word = "are done"
	}
	text := fmt.Sprintf("%d of %d tasks %s", len(n.good), wanted, word)
	states := map[string]int{}
	for _, t := range n.busy {
		states[t.State]++
	}
	for _, state := range []string{"new", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"} {
		if n := states[state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, state)
		}
	}
	if n.old > 0 {
		text += fmt.Sprintf(", %d of the version before", n.old)
	}
	return text
}
