// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"fmt"
	"time"
)

// A Verdict says whether an object may be deleted.
type Verdict int

// Verdicts.
const (
	NotOurs Verdict = iota // no tuple, or that of another object or user: never touched
	Living                 // its owner lives, it is kept, or its owner cannot be seen and its time is not over
	Dead                   // no longer needed
)

// A Judge decides for a process that cleans up, at one moment.
type Judge struct {
	Self  Process
	Now   time.Time            // on the engine's clock
	Alive func(Process) bool   // whether a process that Self can see is alive
	Kept  map[string]time.Time // until when the objects of a scope are kept
	Used  map[string]string    // who uses the objects of a shared scope
}

// Judge decides about an object, and says why.
//
// A living owner counts more than an end time in the past: the test may be in a
// debugger. If the owner's process cannot be seen (on another machine, in another
// container, before the last reboot), the end time alone decides.
func (j Judge) Judge(kind, name string, labels map[string]string) (Verdict, string) {
	t, ok := Read(kind, name, labels)
	switch {
	case !ok:
		return NotOurs, "it does not carry the labels of an object of seatrial's with this name"
	case t.Process.User != j.Self.User:
		return NotOurs, "it belongs to another user"
	case t.Environment() > EnvironmentVersion:
		return NotOurs, "it belongs to an environment of a newer seatrial"
	case kind == Record: // a record has its own end time
		return j.byTime(t.Until, "it is kept")
	case kind != Use && t.Shared():
		return j.shared(t)
	}
	if until, kept := j.Kept[t.Scope]; kept && kind != Use {
		return j.byTime(until, "it is kept")
	}
	if !j.Self.Sees(t.Process) {
		return j.byTime(t.Until, "its process cannot be seen from here, and it has time")
	}
	if j.Alive(t.Process) {
		return Living, fmt.Sprintf("its process %d lives", t.Process.PID)
	}
	return Dead, fmt.Sprintf("its process %d is gone", t.Process.PID)
}

// shared judges objects that many processes use. The process that made them does not
// count.
func (j Judge) shared(t Tuple) (Verdict, string) {
	whose, stays := "tests shared it, and ", "it stays warm"
	if t.Environment() > 0 {
		whose, stays = "it belongs to environment "+t.Test+", ", "which stays"
	}
	if t.IsData() {
		stays = "of which the data stays"
	}
	if who, used := j.Used[t.Scope]; used && t.Environment() > 0 {
		return Living, whose + "which is in use: " + who
	} else if used {
		return Living, "tests share it: " + who
	}
	until := j.Kept[t.Scope]
	if !j.Self.Sees(t.Process) { // nor can locks of processes that are about to use it be seen
		until = until.Add(abroad)
		if t.Until.After(until) {
			until = t.Until
		}
	}
	if until.IsZero() {
		if t.Environment() > 0 {
			return Dead, whose + "which was not started to its end"
		}
		return Dead, "tests shared it, and none of them is left"
	}
	return j.byTime(until, whose+stays)
}

// abroad is how long past their time shared objects are left alone by processes
// that cannot see the users.
const abroad = time.Hour

func (j Judge) byTime(until time.Time, what string) (Verdict, string) {
	if j.Now.After(until) {
		return Dead, fmt.Sprintf("%s no longer than %s", what, until.UTC().Format(time.RFC3339))
	}
	return Living, fmt.Sprintf("%s until %s", what, until.UTC().Format(time.RFC3339))
}

// Owned reports whether an object was made in a run, and is not kept.
func (j Judge) Owned(run, kind, name string, labels map[string]string) bool {
	t, ok := Read(kind, name, labels)
	if !ok || run == "" || t.Run != run || t.Kind == Record {
		return false
	}
	_, kept := j.Kept[t.Scope]
	return !kept
}
