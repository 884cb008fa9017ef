// SPDX-License-Identifier: Apache-2.0

package seatrial

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
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Container is a container that a test made, or one of a project. It goes at
// the end of the test that made it. Its methods take the test that asks, which
// may be a subtest. They are safe for concurrent use.
type Container struct {
	// Name is the role of the container, as messages and artifacts call it. In
	// a project it is the service, and for the second replica and those after
	// it a number: web, web-2.
	Name string

	// ID is the container's id on the engine.
	ID string

	on        *Engine
	engine    *engine.Engine // the same, connected
	follower  *engine.Follower
	logs      [2]*os.File                // stdout and stderr
	redactors [2]io.WriteCloser          // before them, if the log may tell what is hidden
	file      func() []published         // ports that the project's file publishes under another number
	ingress   ingress                    // of a task: ports that the whole swarm publishes
	warn      progress                   // in the test's log
	others    func(context.Context) bool // in its project: whether they are all there; nil if there is no project
	closing   sync.Once
	closed    atomic.Bool  // no longer followed
	readied   atomic.Value // the life in which it met the condition that its project has for it
	warned    atomic.Bool  // of ports on which nothing listens
	removed   atomic.Bool
	replaced  atomic.Bool // by the project that it was in
	unsure    bool        // the answer to its creation was lost
	borrowed  bool        // it was there before the test, and stays
}

// published is a port as a Compose file publishes it.
type published struct {
	number   int // in the file
	target   int // in the container
	protocol string
}

func (c *Container) String() string { return c.Name }

// published returns the ports as the file has them now: an update may change its
// numbers, and keep the container.
func (c *Container) published() []published {
	if c.file == nil {
		return nil
	}
	return c.file()
}

const runLimit = 2 * time.Minute

// Run starts a container from an image, waits until it is ready, and fails the
// test if it does not get there. The container and its anonymous volumes go at
// the end of the test.
//
// Without spec.Container.Ready, a container with a health check is ready when it is
// healthy. One without must have run for half a second since its start, and for
// longer where the machine is slow, or have ended with exit code 0, or one of
// spec.Container.ExitCodes. A server must listen on the ports that it publishes: after
// three seconds from its start a warning says on which none does, and Run returns.
// One that the engine has started again by itself must stay up for two seconds, with or
// without Ready: see [wait.Steady].
// To run one to its end, and have what it printed, see [RunToEnd].
func Run(t T, s spec.Container) *Container {
	t.Helper()
	return standard.Run(t, s)
}

func (sc *session) run(ctx context.Context, s spec.Container, say progress) (*Container, error) {
	c, err := sc.start(ctx, s, say)
	if err != nil {
		return nil, err
	}
	ready := s.Ready
	if ready == nil {
		inspected, err := sc.engine.Inspect(ctx, c.ID)
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
		if !engine.HasHealthcheck(inspected) {
			return c, sc.stays(ctx, c, s.ExitCodes)
		}
		ready = wait.Healthy()
	}
	if err := wait.Until(ctx, target{c}, wait.Steady(ready)); err != nil {
		return nil, err
	}
	sc.dir.Note("container %s ready", c.Name)
	return c, nil
}

// stays waits until a container without a health check is ready.
func (sc *session) stays(ctx context.Context, c *Container, codes []int) error {
	err := wait.Until(ctx, target{c}, wait.Ready())
	var exit *wait.ExitError
	if errors.As(err, &exit) && exit.State.Ended() && exit.State.Error == "" && slices.Contains(codes, exit.State.ExitCode) {
		err = nil
	}
	if err == nil {
		err = sc.listening(ctx, c)
	}
	if err == nil {
		sc.dir.Note("container %s ready", c.Name)
	}
	return err
}

// start creates and starts a container.
func (sc *session) start(ctx context.Context, s spec.Container, say progress) (*Container, error) {
	role := s.Name
	if role == "" {
		role = imageRole(s.Image)
	}
	if err := checkContainer(s); err != nil {
		return nil, err
	}
	c, err := sc.create(ctx, role, s, say)
	if err == nil {
		err = sc.engine.Start(ctx, c.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	sc.dir.Note("container %s started", role)
	c.follower.Touch()
	return c, nil
}

// checkCondition finds what is wrong with a condition before anything is made.
func checkCondition(wrong *problems, field string, c wait.Condition, all time.Duration) {
	if err := wait.Check(c); err != nil {
		wrong.add("%s: %w", field, err)
	} else if own := wait.Limit(c); all > 0 && own > all {
		wrong.add("%s: %v: its limit of %v does not fit into the TimeLimit of %v", field, c, own, all)
	}
}

// imageRole is the name of a container that was given none: the last word of
// its image's name.
func imageRole(ref string) string {
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

// redactLogs has the log's files hide what the test's secrets hold: a service prints what
// it was given more often than not.
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
	c.follower, err = c.engine.Follow(ctx, c.ID, to[0], to[1], lacks)
	return err
}

// Wait waits until the container fulfils all the conditions, one after the
// other, and fails the test as soon as it no longer can. It waits for 2 minutes
// at most; [wait.Within] gives a condition a limit of its own instead.
func (c *Container) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	if err := await(t, target{c}, conditions); err != nil {
		if err = c.ended(err); err == errRemoved {
			err = fmt.Errorf("waiting for %s: %w", c.Name, err)
		}
		fail(t, err)
	}
}

// await waits for conditions, one after the other.
func await(t T, on wait.Target, conditions []wait.Condition) error {
	t.Helper()
	for _, condition := range conditions {
		if err := wait.Check(condition); err != nil {
			return fmt.Errorf("waiting for %s: %w", on.Name(), err)
		}
	}
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	for _, condition := range conditions {
		if err := awaitOne(ctx, t, on, condition); err != nil {
			return err
		}
	}
	return nil
}

func awaitOne(ctx context.Context, t T, on wait.Target, condition wait.Condition) error {
	t.Helper()
	if own := ownLimit(t, condition); own > 0 {
		var cancel context.CancelFunc
		ctx, cancel = limit(t, 0, own)
		defer cancel()
	}
	return wait.Until(ctx, on, condition)
}

// ownLimit returns how long conditions may take that have limits of their own,
// and fails the test at once if that does not fit.
func ownLimit(t T, conditions ...wait.Condition) time.Duration {
	t.Helper()
	longest := time.Duration(0)
	for _, c := range conditions {
		longest = max(longest, wait.Limit(c))
	}
	if longest == 0 {
		return 0
	}
	mustFit(t, "limit", longest)
	return longest + time.Second // so that it is the condition's that ends it
}
