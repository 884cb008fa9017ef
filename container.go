// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
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

	engine    *engine.Engine
	follower  *engine.Follower
	logs      [2]*os.File // stdout and stderr
	published []published // ports that the project's file publishes under another number
	closing   sync.Once
	removed   atomic.Bool
	unsure    bool // the answer to its creation was lost
}

// published is a port as a Compose file publishes it.
type published struct {
	number   int // in the file
	target   int // in the container
	protocol string
}

func (c *Container) String() string { return c.Name }

const runLimit = 2 * time.Minute

// Run starts a container from an image, waits until it is ready, and fails the
// test if it does not get there. The container and its anonymous volumes go at
// the end of the test.
//
// Without spec.Container.Ready, a container is ready when it has been started,
// or, if it has a health check, when it is healthy.
func Run(t T, s spec.Container) *Container {
	t.Helper()
	return standard.Run(t, s)
}

func (sc *scope) run(ctx context.Context, s spec.Container) (*Container, error) {
	if err := checkContainer(s); err != nil {
		return nil, err
	}
	role := s.Name
	if role == "" {
		role = imageRole(s.Image)
	}
	if err := sc.provide(ctx, s.Image); err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	c, err := sc.create(ctx, role, s)
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	if err := sc.engine.Start(ctx, c.ID); err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	sc.dir.Note("container %s started", role)
	c.follower.Touch()

	ready := s.Ready
	if ready == nil {
		healthy, err := sc.engine.ImageHealthcheck(ctx, s.Image)
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", role, err)
		}
		if !healthy {
			return c, nil
		}
		ready = wait.Healthy()
	}
	if err := wait.Until(ctx, target{c}, ready); err != nil {
		return nil, err
	}
	sc.dir.Note("container %s ready", role)
	return c, nil
}

func checkContainer(s spec.Container) error {
	var wrong problems
	if s.Image == "" {
		wrong.add("Image is not given")
	}
	for i, port := range s.Ports {
		if port < 1 || port > 65535 {
			wrong.add("Ports: %d is not from 1 to 65535", port)
		}
		if slices.Contains(s.Ports[:i], port) {
			wrong.add("Ports: %d is given twice", port)
		}
	}
	if s.Ready != nil {
		checkCondition(&wrong, "Ready", s.Ready, s.TimeLimit)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Env)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.add("Env: %q is no name of a variable", key)
		}
	}
	return wrong.err("running a container")
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

// provide makes sure that the engine has an image.
func (sc *scope) provide(ctx context.Context, ref string) error {
	has, err := sc.engine.HasImage(ctx, ref)
	if err != nil || has {
		return err
	}
	if strings.HasPrefix(ref, owner.ImageRoot) {
		return sc.elsewhere(ref)
	}
	began := time.Now()
	if err := sc.engine.Pull(ctx, ref, engine.Command{}); err != nil {
		return err
	}
	sc.dir.Note("image %s pulled, in %v", ref, time.Since(began).Round(time.Millisecond))
	return nil
}

// create creates a container, and begins to follow it.
func (sc *scope) create(ctx context.Context, role string, s spec.Container) (*Container, error) {
	name := owner.Name(sc.test, role, owner.NewID())
	c := &Container{Name: role, ID: name, engine: sc.engine}
	sc.own(c) // by its name, until there is an id
	// The engine finishes a create whose client is gone, so its answer is waited
	// for also when time is up.
	creating, cancel := context.WithTimeout(context.WithoutCancel(ctx), createLimit)
	defer cancel()
	id, err := sc.engine.Create(creating, engine.NewContainer{
		Name: name, Image: s.Image, Entrypoint: s.Entrypoint, Command: s.Command, Env: environ(s.Env),
		User: s.User, Dir: s.Dir, Ports: s.Ports,
		Labels: sc.owner.On(owner.Container, name).Labels(),
	})
	if err != nil {
		c.unsure = creating.Err() != nil
		return nil, err
	}
	c.ID = id
	return c, c.follow(ctx, sc.dir.Dir)
}

// createLimit bounds the wait for the answer to a create.
const createLimit = 20 * time.Second

func environ(env map[string]string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(env)) {
		all = append(all, key+"="+env[key])
	}
	return all
}

// follow begins to follow the container's events and its log.
func (c *Container) follow(ctx context.Context, dir *artifact.Dir) (err error) {
	for i, ext := range []string{".out", ".err"} {
		if c.logs[i], err = dir.Create(c.Name + ext); err != nil {
			return err
		}
	}
	c.follower, err = c.engine.Follow(ctx, c.ID, c.logs[0], c.logs[1])
	return err
}

// Wait waits until the container fulfils all the conditions, one after the
// other, and fails the test as soon as it no longer can. It waits for 2 minutes
// at most; [wait.Within] gives a condition a limit of its own instead.
func (c *Container) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	for _, condition := range conditions {
		if err := wait.Check(condition); err != nil {
			fail(t, fmt.Errorf("waiting for %s: %w", c.Name, err))
		}
	}
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	for _, condition := range conditions {
		if err := c.wait(ctx, t, condition); err != nil {
			fail(t, c.ended(err))
		}
	}
}

func (c *Container) wait(ctx context.Context, t T, condition wait.Condition) error {
	t.Helper()
	if own := ownLimit(t, condition); own > 0 {
		var cancel context.CancelFunc
		ctx, cancel = limit(t, 0, own)
		defer cancel()
	}
	return wait.Until(ctx, target{c}, condition)
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

// Restart stops and starts the container, and returns when it runs again. It is
// not waited for until it is ready: say Wait for that. Published ports move
// with a restart, so ask for them anew.
func (c *Container) Restart(t T) {
	t.Helper()
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	if err := c.restart(ctx); err != nil {
		fail(t, fmt.Errorf("restarting %s: %w", c.Name, c.ended(err)))
	}
}

// restart stops and starts in two calls: between them, nothing is published
// under the old number any more, and the log of the old life is complete.
func (c *Container) restart(ctx context.Context) error {
	if err := c.engine.Stop(ctx, c.ID); err != nil {
		return err
	}
	if err := c.engine.Start(ctx, c.ID); err != nil {
		return err
	}
	c.follower.Touch()
	return nil
}

// Logs returns what the container has printed so far, on both streams in the
// order of arrival, across restarts. What it prints arrives a moment later: to
// be sure of a line, Wait for it. The files of the artifact directory have
// the streams apart, and everything; this has the last 100,000 lines or so.
func (c *Container) Logs(t T) string {
	lines, _ := c.follower.Tail(1 << 30)
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// evidence saves what the engine knows about the container.
func (c *Container) evidence(ctx context.Context, dir *artifact.Dir) error {
	inspected, err := c.engine.Inspect(ctx, c.ID)
	if engine.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(inspected, "", "  ")
	if err != nil {
		return err
	}
	_, err = dir.Write(c.Name+".inspect.json", content)
	return err
}

// remove removes the container, after its last words are in the files.
func (c *Container) remove(ctx context.Context) error {
	err := c.engine.Kill(ctx, c.ID)
	if engine.IsNotFound(err) {
		err = nil
	}
	c.close(ctx)
	if failed := c.engine.Remove(ctx, c.ID); failed != nil {
		err = errors.Join(err, failed)
	} else {
		err = nil // it is gone, however
	}
	if err != nil {
		return fmt.Errorf("container %s (%s): %w", c.Name, shortID(c.ID), err)
	}
	if c.unsure {
		return fmt.Errorf("container %s (%s): the engine did not answer within %v whether it was created", c.Name, c.ID, createLimit)
	}
	c.removed.Store(true)
	return nil
}

// lastWords bounds the wait for the rest of a log.
const lastWords = 2 * time.Second

// close ends following.
func (c *Container) close(ctx context.Context) {
	c.closing.Do(func() {
		if c.follower != nil {
			ctx, cancel := context.WithTimeout(ctx, lastWords)
			defer cancel()
			c.follower.Close(ctx)
		}
		for _, file := range c.logs {
			if file != nil {
				file.Close() // written by the follower alone, which has ended
			}
		}
	})
}
