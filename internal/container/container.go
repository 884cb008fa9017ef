// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Container is a container that a test made, wrapped or found in a project or stack.
type Container struct {
	Name string // its role, as messages and artifacts call it
	ID   string

	On       *session.Handle
	Engine   *engine.Engine // the same, connected
	Follower *engine.Follower

	logs      [2]*os.File        // stdout and stderr
	redactors [2]io.WriteCloser  // before them, if the log may tell what is hidden
	Published func() []Published // ports that the project's file publishes under another number; nil if there is no file
	Ingress   Ingress            // of a task: ports that the whole swarm publishes; nil if there is none

	// ReadyIn is the StartID in which the container met the condition that its project has
	// for it.
	ReadyIn atomic.Value

	warn     session.Progress           // in the test's log
	others   func(context.Context) bool // whether all that it may need is there; nil if that is not known
	naming   sync.Once
	handle   any
	closing  sync.Once
	closed   atomic.Bool // no longer followed
	warned   atomic.Bool // of ports on which nothing listens
	removed  atomic.Bool
	replaced atomic.Bool // see MarkReplaced
	unsure   bool        // the answer to its creation was lost
	borrowed bool        // it was there before the test, and stays
}

// Published is a port as a Compose file publishes it.
type Published struct {
	Number   int // in the file
	Target   int // in the container
	Protocol string
}

// Ports returns the ports as the file has them now: an update may change its
// numbers, and keep the container.
func (c *Container) Ports() []Published {
	if c.Published == nil {
		return nil
	}
	return c.Published()
}

// RunLimit bounds a run, and what takes no longer than one.
const RunLimit = 2 * time.Minute

// Run creates and starts a container, and waits until it is ready. Why the condition of a
// container that was started again must hold in its last life: see [wait.Steady].
func Run(ctx context.Context, sess *session.Session, s spec.Container, say session.Progress) (*Container, error) {
	c, err := start(ctx, sess, s, say)
	if err != nil {
		return nil, err
	}
	ready := s.Ready
	if ready == nil {
		inspected, err := sess.Engine.Inspect(ctx, c.ID)
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
		if !engine.HasHealthcheck(inspected) {
			return c, awaitSteady(ctx, sess, c, s.ExitCodes)
		}
		ready = wait.Healthy()
	}
	if err := wait.Until(ctx, c.Target(), wait.Steady(ready)); err != nil {
		return nil, err
	}
	sess.Artifacts.Note("container %s ready", c.Name)
	return c, nil
}

// awaitSteady waits until a container without a health check is ready.
func awaitSteady(ctx context.Context, sess *session.Session, c *Container, codes []int) error {
	err := wait.Until(ctx, c.Target(), wait.Ready())
	var exit *wait.ExitError
	if errors.As(err, &exit) && exit.State.Ended() && exit.State.Error == "" && slices.Contains(codes, exit.State.ExitCode) {
		err = nil
	}
	if err == nil {
		err = AwaitListening(ctx, sess, c)
	}
	if err == nil {
		sess.Artifacts.Note("container %s ready", c.Name)
	}
	return err
}

// start creates and starts a container.
func start(ctx context.Context, sess *session.Session, s spec.Container, say session.Progress) (*Container, error) {
	role := s.Name
	if role == "" {
		role = ImageRole(s.Image)
	}
	if err := CheckSpec(s); err != nil {
		return nil, err
	}
	c, err := create(ctx, sess, role, s, say)
	if err == nil {
		err = c.startError(ctx, sess.Engine.Start(ctx, c.ID))
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	sess.Artifacts.Note("container %s started", role)
	c.Follower.Touch()
	return c, nil
}

// startError adds to an engine's error why the program could not be run, if it tells that.
func (c *Container) startError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if why := c.unrunnable(ctx, err.Error()); why != "" {
		return fmt.Errorf("%w: %s", err, why)
	}
	return err
}

// ImageRole is the name of a container that was given none: the last word of
// its image's name.
func ImageRole(ref string) string {
	name, _, _ := strings.Cut(path.Base(ref), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// openLogs creates the files of both streams, under the names that are given or,
// where one is empty, under the container's.
func (c *Container) openLogs(dir *artifact.Dir, names [2]string) (err error) {
	for i, ext := range []string{".out", ".err"} {
		if names[i] != "" {
			c.logs[i], err = dir.CreateAs(names[i])
		} else {
			c.logs[i], err = dir.Create(c.Name + ext)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// redactLogs hides the test's secrets in the log's files: services often print what they
// were given.
func (c *Container) redactLogs(dir *artifact.Dir) {
	for i := range c.redactors {
		c.redactors[i] = dir.RedactTo(c.logs[i])
	}
}

// follow begins to follow the container's events and its log.
func (c *Container) follow(ctx context.Context) (err error) {
	var to [2]io.Writer
	for i := range to {
		if to[i] = c.logs[i]; c.redactors[i] != nil {
			to[i] = c.redactors[i]
		}
	}
	lacks := func(what string) {
		if warn := c.warn; warn != nil {
			warn("%s: %s", c.Name, what)
		}
	}
	c.Follower, err = c.Engine.Follow(ctx, c.ID, to[0], to[1], lacks)
	return err
}

// MarkReplaced says that the project which the container was in has another one in its
// place, or none: messages tell why it is gone.
func (c *Container) MarkReplaced() { c.replaced.Store(true) }

// Handle returns what the packages above know the container as, the same each time.
func (c *Container) Handle(make func() any) any {
	c.naming.Do(func() { c.handle = make() })
	return c.handle
}

// Known is what is known of a container that somebody else makes.
type Known struct {
	Name, ID string
	On       *session.Handle
	Engine   *engine.Engine

	Published func() []Published
	Ingress   Ingress
	Others    func(context.Context, *Container) bool // whether all that it may need is there; nil if that is not known
}

// Follow follows the events and the log of a container that somebody else makes. The files
// of its log have secrets hidden. An error is noted in the time line; the caller may try
// again.
func Follow(sess *session.Session, k Known) (*Container, error) {
	c := &Container{Name: k.Name, ID: k.ID, On: k.On, Engine: k.Engine, Published: k.Published, Ingress: k.Ingress, warn: sess.Warn}
	if k.Others != nil {
		c.others = func(ctx context.Context) bool { return k.Others(ctx, c) }
	}
	err := c.openLogs(sess.Artifacts.Dir, [2]string{})
	if err == nil {
		c.redactLogs(sess.Artifacts.Dir)
		err = c.follow(context.Background())
	}
	if err != nil {
		c.Close(context.Background())
		sess.Artifacts.Note("following %s: %v", c.Name, err)
		return nil, err
	}
	return c, nil
}
