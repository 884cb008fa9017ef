// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"strconv"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// Known is what is known of a container that somebody else makes.
type Known struct {
	Name, ID string
	Labels   map[string]string
	On       *session.Handle
	Engine   *engine.Engine

	Published  func() []Published
	Ingress    Ingress
	Others     func(context.Context, *Container) bool // whether all that it may need is there; nil if that is not known
	OthersStop bool                                   // what others ask the engine for, to stop it, say, is the user's doing: of an environment, whose verbs are other processes
	Happened   func(e engine.Event, asked bool)       // hears of its events, and whether it was asked to end; nil if nobody does
}

// Follow follows the events and the log of a container that somebody else makes. The files
// of its log have secrets hidden. An error is noted in the time line; the caller may try
// again.
func Follow(sess *session.Session, k Known) (*Container, error) {
	c := &Container{Name: k.Name, ID: k.ID, Labels: k.Labels, On: k.On, Engine: k.Engine, Published: k.Published, Ingress: k.Ingress, tell: k.Happened, othersStop: k.OthersStop, ofSet: true}
	c.reportTo(sess)
	if k.Others != nil {
		c.others = func(ctx context.Context) bool { return k.Others(ctx, c) }
	}
	err := c.files.open(sess.Artifacts.Dir, c.Name, [2]string{})
	if err == nil {
		c.files.redact(sess.Artifacts.Dir)
		err = c.follow(context.Background())
	}
	if err != nil {
		c.Close(context.Background())
		sess.Artifacts.Note("following %s: %v", c.Name, err)
		return nil, err
	}
	return c, nil
}

// reportTo says which test hears of the container, before it is followed.
func (c *Container) reportTo(sess *session.Session) {
	c.warn, c.note, c.sampled = sess.Warn, sess.Artifacts.Note, sess.Artifacts.Sampled()
	c.merge, c.over, c.unread = sess.Artifacts.AddMessages, sess.Artifacts.Ended, sess.Artifacts.Unread
}

// A listener hears what happens to a container.
type listener struct{ c *Container }

// isOver reports whether the test has ended, so that it is the clean-up that kills.
func (l listener) isOver() bool { return l.c.over != nil && l.c.over() }

// happened notes in the time line what happens to the container.
func (l listener) happened(e engine.Event) {
	what := map[string]string{"start": "has started", "die": "has ended", "oom": "is out of memory", "pause": "is paused", "unpause": "goes on", "health_status": "is " + e.Health}[e.Action]
	switch code := e.Labels["exitCode"]; {
	case e.Action == "kill" && isEnd(e.Labels["signal"]):
		l.c.asked.Store(!l.c.unhealthy.Load() || l.isOver()) // the swarm ends what is unhealthy
	case e.Action == "start":
		l.c.asked.Store(false)
	case e.Action == "die" && l.c.asked.Load() && l.isOver() && code == strconv.Itoa(killed):
		what = "was killed at the end of the test"
	case e.Action == "die" && l.c.asked.Load() && l.isOver():
		what = "was stopped at the end of the test, code " + code
	case e.Action == "die" && l.c.asked.Load():
		what = "was stopped, code " + code
	case e.Action == "die" && code != "":
		what += " with code " + code
	}
	switch {
	case e.Action == "oom":
		l.c.outOfMemory.Store(true)
	case e.Action == "health_status":
		l.c.unhealthy.Store(e.Health == "unhealthy")
	case l.c.othersStop:
		l.noteOthersStop(e)
	}
	if what != "" && l.c.note != nil {
		l.c.note("container %s %s", l.c.Name, what)
	}
	if l.c.tell != nil {
		l.c.tell(e, l.c.asked.Load())
	}
}

// noteOthersStop takes what somebody asked the engine for as the doing of the test. The engine tells of
// it before the end that comes of it, and of a stop once more, by whatever signal, after that.
func (l listener) noteOthersStop(e engine.Event) {
	switch {
	case l.c.unhealthy.Load(): // the swarm asks for it
	case e.Action == "kill" && isEnd(e.Labels["signal"]), e.Action == "stop":
		l.c.MarkStopped(true)
	}
	if e.Action == "start" {
		l.c.unhealthy.Store(false)
		if l.c.stopped.Load() {
			l.c.MarkStopped(false)
		}
	}
}

// follow begins to follow the container's events and its log.
func (c *Container) follow(ctx context.Context) (err error) {
	lacks := func(what string) {
		if warn := c.warn; warn != nil {
			warn("%s: %s", c.Name, what)
		}
	}
	to := c.files.writers()
	c.Follower, err = c.Engine.Follow(ctx, c.ID, to[0], to[1], engine.Told{Unstarted: c.created, Lacks: lacks, Event: listener{c}.happened})
	if err == nil && c.sampled {
		c.samples = takeSamples(func(ctx context.Context) (engine.Stats, error) { return c.Engine.Stats(ctx, c.ID) })
	}
	return err
}
