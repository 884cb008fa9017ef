// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"iter"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
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

	container *container.Container
}

// containerOf returns the handle of a container: the same one each time.
func containerOf(c *container.Container) *Container {
	return c.Handle(func() any { return &Container{Name: c.Name, ID: c.ID, container: c} }).(*Container)
}

func containersOf(all []*container.Container) []*Container {
	var handles []*Container
	for _, c := range all {
		handles = append(handles, containerOf(c))
	}
	return handles
}

func (c *Container) String() string { return c.Name }

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

// Run is the function [Run], on this engine.
func (e *Engine) Run(t T, s spec.Container) *Container {
	t.Helper()
	return tell(t, e.of(), s.TimeLimit, container.RunLimit+ownLimit(t, s.Ready), func(ctx context.Context, sess *session.Session, say session.Progress) (*Container, error) {
		c, err := container.Run(ctx, sess, s, say)
		if err != nil {
			return nil, err
		}
		return containerOf(c), nil
	})
}

// A Result is what a command that ran to its end left.
type Result struct {
	ExitCode int
	Stdout   string
	Stderr   string
}

// RunToEnd runs a container from an image to its end, in the foreground as it
// were, and returns what it left. The test fails if its exit code is not 0, or
// not one of spec.Container.ExitCodes. One that the engine always starts again, or that is
// to keep nothing of what it prints (--restart=always, --log-driver=none), is refused.
func RunToEnd(t T, s spec.Container) *Result {
	t.Helper()
	return standard.RunToEnd(t, s)
}

// RunToEnd is the function [RunToEnd], on this engine.
func (e *Engine) RunToEnd(t T, s spec.Container) *Result {
	t.Helper()
	return tell(t, e.of(), s.TimeLimit, container.RunLimit, func(ctx context.Context, sess *session.Session, say session.Progress) (*Result, error) {
		r, err := container.RunToEnd(ctx, sess, s, say)
		return (*Result)(r), err
	})
}

// WrapContainer returns the handle of a container that is there already, by its
// name or id. It stays after the test, unless spec.Existing.Owned says that it
// goes. Its whole log so far is read into the test's files. It is not waited for
// until it is ready: say Wait for that.
func WrapContainer(t T, s spec.Existing) *Container {
	t.Helper()
	return standard.WrapContainer(t, s)
}

// WrapContainer is the function [WrapContainer], on this engine.
func (e *Engine) WrapContainer(t T, s spec.Existing) *Container {
	t.Helper()
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Container, error) {
		c, err := container.Wrap(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		return containerOf(c), nil
	})
}

// Stop stops the container: its stop signal, then, if it does not end within its
// own stop timeout (10 seconds, unless it has another), SIGKILL. Its log and its
// files stay, and Start starts it again. One that has ended is no error.
func (c *Container) Stop(t T) {
	t.Helper()
	act(t, c.container.Life().Stop)
}

// Start starts the container again, and returns when it runs. It is not waited
// for until it is ready: say Wait for that. Published ports have moved, so ask
// for them anew. One that runs is no error.
func (c *Container) Start(t T) {
	t.Helper()
	act(t, c.container.Life().Start)
}

// Restart stops and starts the container, and returns when it runs again. It is
// not waited for until it is ready: say Wait for that. Published ports move
// with a restart, so ask for them anew.
func (c *Container) Restart(t T) {
	t.Helper()
	act(t, c.container.Life().Restart)
}

// Kill sends a signal, as docker kill has it: "SIGHUP", "HUP" or "1". An empty
// one is SIGKILL. It does not wait for what the container makes of it. One that
// does not run is an error.
func (c *Container) Kill(t T, signal string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Life().Kill(ctx, signal) })
}

// Pause freezes all processes of the container. Its ports still accept
// connections, and nobody answers.
func (c *Container) Pause(t T) {
	t.Helper()
	act(t, c.container.Life().Pause)
}

// Unpause lets the processes of a paused container go on.
func (c *Container) Unpause(t T) {
	t.Helper()
	act(t, c.container.Life().Unpause)
}

// Wait waits until the container fulfils all the conditions, one after the
// other, and fails the test as soon as it no longer can. It waits for 2 minutes
// at most; [wait.Within] gives a condition a limit of its own instead.
func (c *Container) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	if err := session.Await(t, c.container.Target(), container.RunLimit, conditions); err != nil {
		fail(t, c.container.WaitError(err))
	}
}

// Exec runs a command in the container, which must be running, and returns what
// it left. The test fails if its exit code is not 0, or not one of
// spec.Exec.ExitCodes. What it prints is not part of the container's log.
func (c *Container) Exec(t T, x spec.Exec) *Result {
	t.Helper()
	ctx, cancel := limit(t, x.TimeLimit, container.ExecLimit)
	defer cancel()
	r, err := c.container.Exec(ctx, x)
	if err != nil {
		fail(t, err)
	}
	return (*Result)(r)
}

// CopyIn copies a file or directory of this machine into the container, running
// or not. The path inside is the one that the file will have; what lies in a
// directory goes into the directory inside, beside what is there. Directories
// that are missing are made. All belongs to root, as with COPY in a Dockerfile,
// and has the permissions that it has here; links stay links. What is neither a
// file nor a directory nor a link is left out.
//
// Host is absolute, or relative to the working directory, which in a Go test is
// the directory of the package; inside is absolute.
func (c *Container) CopyIn(t T, host, inside string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Files().CopyIn(ctx, host, inside) })
}

// CopyOut copies a file or directory of the container, running or not, to this
// machine. The path on the host is the one that the file will have; what lies in
// a directory goes into the directory host, beside what is there. Directories
// that are missing are made. Files get the permissions that they have in the
// container, without set-user-id bits, and belong to the tester; what is neither
// a file nor a directory nor a link is left out. What is mounted as tmpfs, the
// engine does not show.
//
// Links stay links, and may lead anywhere. But nothing is ever written through
// one of them to a place outside of host.
func (c *Container) CopyOut(t T, inside, host string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Files().CopyOut(ctx, inside, host) })
}

// Commit makes an image of the container's file system as it is now, without
// what is mounted. The container is paused for that moment. The image runs as
// the container does, and goes at the end of the test, unlike a built one; if
// somebody's container still uses it then, it stays.
func (c *Container) Commit(t T) *Image {
	t.Helper()
	return do(t, c.container.On, 0, container.CommitLimit, func(ctx context.Context, sess *session.Session) (*Image, error) {
		return imageHandle(container.Commit(ctx, sess, c.container))
	})
}

// Port returns the port of the host at which a TCP port of the container is
// published. In a project the number may also be the one under which the file
// publishes it. A restart moves it.
func (c *Container) Port(t T, port int) int {
	t.Helper()
	return ask(t, func(ctx context.Context) (int, error) { return c.container.Ports().Host(ctx, portnumber.TCP(port)) })
}

// Addr returns the host:port at which a TCP port of the container is reached
// from the test. See [Container.Port].
func (c *Container) Addr(t T, port int) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return c.container.Ports().Addr(ctx, portnumber.TCP(port)) })
}

// PortOf is Port for a port with its protocol, as Docker writes it: "53/udp",
// "3868/sctp", or "80" for one of TCP.
func (c *Container) PortOf(t T, port string) int {
	t.Helper()
	return ask(t, func(ctx context.Context) (int, error) {
		p, err := portnumber.Parse(port)
		if err != nil {
			return 0, err
		}
		return c.container.Ports().Host(ctx, p)
	})
}

// AddrOf is Addr for a port with its protocol. See [Container.PortOf].
func (c *Container) AddrOf(t T, port string) string {
	t.Helper()
	return addrOf(t, port, c.container.Ports().Addr)
}

// addrOf looks up where a port with its protocol is reached.
func addrOf(t T, port string, look func(context.Context, portnumber.Port) (string, error)) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) {
		p, err := portnumber.Parse(port)
		if err != nil {
			return "", err
		}
		return look(ctx, p)
	})
}

// URL returns "http://" and the Addr of a port.
func (c *Container) URL(t T, port int) string {
	t.Helper()
	return "http://" + c.Addr(t, port)
}

// IP returns the address of the container in a network: one of the test's by its
// Name, one of a Compose project by its name in the file, or, if the container
// is in one only, "". Only other containers can count on reaching it; the test
// uses [Container.Addr].
func (c *Container) IP(t T, network string) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return c.container.IP(ctx, network) })
}

// State asks the engine how the container is now.
func (c *Container) State(t T) wait.State {
	t.Helper()
	return ask(t, c.container.State)
}

// ExitCode returns the exit code of a container that has ended. To wait for its
// end, see wait.Exit and [RunToEnd].
func (c *Container) ExitCode(t T) int {
	t.Helper()
	return ask(t, c.container.ExitCode)
}

// Health returns what the container's health check says: starting, healthy or
// unhealthy.
func (c *Container) Health(t T) string {
	t.Helper()
	return ask(t, c.container.Health)
}

// Logs returns what the container has printed so far, on both streams in the
// order of arrival, across restarts: all of it, if it has ended. What one that runs
// prints arrives a moment later: to be sure of a line, Wait for it. The files of the
// artifact directory have the streams apart, and everything; this has the last 100,000
// lines or so, each without a carriage return at its end.
func (c *Container) Logs(t T) string {
	return c.container.Log().Text()
}

// Stdout returns what the container has printed to its standard output so far,
// byte for byte, across restarts. See [Container.Logs] about when it arrives. A
// service of a project or stack has its own logging driver: what that does not keep,
// json-file bytes that are not UTF-8, is missing, and the test's log says so.
func (c *Container) Stdout(t T) string {
	t.Helper()
	text, err := c.container.Log().Stdout()
	if err != nil {
		fail(t, err)
	}
	return text
}

// Stderr is Stdout for the standard error. A container with a terminal has none.
func (c *Container) Stderr(t T) string {
	t.Helper()
	text, err := c.container.Log().Stderr()
	if err != nil {
		fail(t, err)
	}
	return text
}

// Lines follows the log: it yields the lines of the container's present life,
// stdout and stderr in the order of arrival, first those that are there and then
// those that come. It ends when the container has ended and all of its log was
// seen; breaking off is fine at any time. A container that was not started yet
// is waited for.
//
//	for line := range db.Lines(t) {
//		…
//	}
func (c *Container) Lines(t T) iter.Seq[string] {
	return func(yield func(string) bool) {
		t.Helper()
		ctx, cancel := limit(t, 0, 24*time.Hour) // the test's deadline, if it has one
		defer cancel()
		if err := c.container.Log().Lines(ctx, yield); err != nil {
			fail(t, err)
		}
	}
}
