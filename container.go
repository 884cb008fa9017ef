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

// A Container is a container that a test made, or one of a project. It is removed
// at the end of the test that made it. Its methods take the test that asks, which
// may be a subtest. They are safe for concurrent use.
type Container struct {
	// Name is the role of the container, as messages and artifacts call it. In a
	// project it is the service's name, with a number from the second replica on:
	// web, web-2.
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

// String returns the Name.
func (c *Container) String() string { return c.Name }

// Run starts a container from an image, waits until it is ready, and fails the test
// if it does not become ready. The container and its anonymous volumes are removed
// at the end of the test.
//
// Without spec.Container.Ready, a container with a health check is ready when it is
// healthy. One without is ready when it has run for half a second, longer on a slow
// machine, or has ended with exit code 0 or one of spec.Container.ExitCodes. Run also
// waits until something listens on each published port, but only for three seconds
// from the start; then it logs a warning that names the other ports, and returns. A
// container that the engine has restarted must stay up for two seconds, with or
// without Ready: see [wait.Steady]. To run a container to its end and get its output,
// see [RunToEnd].
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

// A Result is the outcome of a command that ran to its end.
type Result struct {
	ExitCode int
	Stdout   string
	Stderr   string
}

// RunToEnd runs a container from an image to its end, in the foreground as it were,
// and returns its exit code and output. The test fails if the exit code is not 0,
// or not one of spec.Container.ExitCodes. Flags that make the engine restart the
// container for ever, or drop its output (--restart=always, --log-driver=none), are
// refused.
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

// WrapContainer returns the handle of a container that exists already, by its name
// or id. The container stays after the test, unless spec.Existing.Owned is set. Its
// whole log so far is copied to the test's artifacts. WrapContainer does not wait
// until the container is ready; call [Container.Wait] for that.
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

// Stop stops the container: with its stop signal, and with SIGKILL if it does not
// end within its own stop timeout (10 seconds by default). Its log and its files
// stay, and Start starts it again. Stopping a container that has ended is no error.
func (c *Container) Stop(t T) {
	t.Helper()
	act(t, c.container.Life().Stop)
}

// Start starts the container again, and returns when it runs. It does not wait
// until the container is ready; call [Container.Wait] for that. Published ports may
// have changed, so ask for them anew. Starting a container that runs is no error.
func (c *Container) Start(t T) {
	t.Helper()
	act(t, c.container.Life().Start)
}

// Restart stops and starts the container, and returns when it runs again. It does
// not wait until the container is ready; call [Container.Wait] for that. A restart
// may change published ports, so ask for them anew.
func (c *Container) Restart(t T) {
	t.Helper()
	act(t, c.container.Life().Restart)
}

// Kill sends the container a signal, written as for docker kill: "SIGHUP", "HUP" or
// "1". The empty string stands for SIGKILL. Kill does not wait for any effect. It
// fails the test if the container does not run.
func (c *Container) Kill(t T, signal string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Life().Kill(ctx, signal) })
}

// Pause freezes all processes of the container. Its ports still accept connections,
// but nothing answers on them.
func (c *Container) Pause(t T) {
	t.Helper()
	act(t, c.container.Life().Pause)
}

// Unpause resumes the processes of a paused container.
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

// Exec runs a command in the container, which must be running, and returns its exit
// code and output. The test fails if the exit code is not 0, or not one of
// spec.Exec.ExitCodes. The output is not part of the container's log.
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

// CopyIn copies a file or directory of this machine into the container, running or
// not. The path inside is that of the copy itself, not of the directory to put it
// into; the entries of a directory are added to those of inside. Missing directories
// are made. All files belong to root, as with COPY in a Dockerfile, and keep their
// permissions; symbolic links stay links. Sockets, devices and pipes are left out.
//
// The path host is absolute, or relative to the working directory, which in a Go
// test is the directory of the package; inside is absolute.
func (c *Container) CopyIn(t T, host, inside string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Files().CopyIn(ctx, host, inside) })
}

// CopyOut copies a file or directory of the container, running or not, to this
// machine. The path host is that of the copy itself, not of the directory to put it
// into; the entries of a directory are added to those of host. Missing directories
// are made. Files keep the permissions that they have in the container, but for
// set-user-id bits, and belong to the user who runs the test. Sockets, devices and
// pipes are left out, and so are tmpfs mounts, which the engine does not show.
//
// Symbolic links stay links, and may point anywhere, but CopyOut never follows one
// to write outside of host.
func (c *Container) CopyOut(t T, inside, host string) {
	t.Helper()
	act(t, func(ctx context.Context) error { return c.container.Files().CopyOut(ctx, inside, host) })
}

// Commit makes an image of the container's file system as it is now, without its
// mounts. The container is paused meanwhile. The image has the container's
// configuration. Unlike a built image it is removed at the end of the test, unless a
// container that is not the test's still uses it then.
func (c *Container) Commit(t T) *Image {
	t.Helper()
	return do(t, c.container.On, 0, container.CommitLimit, func(ctx context.Context, sess *session.Session) (*Image, error) {
		return imageHandle(container.Commit(ctx, sess, c.container))
	})
}

// Port returns the port of the host at which a TCP port of the container is
// published. In a project the number may also be the one under which the file
// publishes it. A restart may change it.
func (c *Container) Port(t T, port int) int {
	t.Helper()
	return ask(t, func(ctx context.Context) (int, error) { return c.container.Ports().Host(ctx, portnumber.TCP(port)) })
}

// Addr returns the host:port at which a TCP port of the container is reached
// from the test: 127.0.0.1:49153, say. It is of no use inside another container, where
// 127.0.0.1 is that container itself; containers reach each other by an alias in a
// network of both (see [CreateNetwork]), or by service name in a project, and the port
// that is listened on: db:5432. See [Container.Port].
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

// AddrOf is Addr for a port with its protocol, as [Container.PortOf] takes it. Like
// Addr it is for the test, not for another container.
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

// URL returns "http://" and the [Container.Addr] of a port. Like that, it is for the
// test, not for another container.
func (c *Container) URL(t T, port int) string {
	t.Helper()
	return "http://" + c.Addr(t, port)
}

// IP returns the address of the container in a network. The network is named by its
// Name if the test made it, by its key in the file if it is one of a Compose
// project; "" stands for the container's only network. Only other containers can
// rely on reaching that address; the test uses [Container.Addr].
func (c *Container) IP(t T, network string) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return c.container.IP(ctx, network) })
}

// State asks the engine for the state of the container.
func (c *Container) State(t T) wait.State {
	t.Helper()
	return ask(t, c.container.State)
}

// ExitCode returns the exit code of a container that has ended. The test fails if it
// still runs; to wait for its end, see wait.Exit and [RunToEnd].
func (c *Container) ExitCode(t T) int {
	t.Helper()
	return ask(t, c.container.ExitCode)
}

// Health returns the result of the container's health check: starting, healthy or
// unhealthy. The test fails if it has no health check.
func (c *Container) Health(t T) string {
	t.Helper()
	return ask(t, c.container.Health)
}

// Logs returns what the container has printed so far, on both streams in the
// order of arrival, across restarts. If the container has ended, that is everything;
// while it runs, its output arrives a moment late, so Wait for a line to be sure of
// it. Logs returns the last 100,000 lines or so, without carriage returns at their
// ends; the files of the artifact directory have all lines, and the streams apart.
func (c *Container) Logs(t T) string {
	return c.container.Log().Text()
}

// Stdout returns what the container has printed to its standard output so far,
// byte for byte, across restarts. Output arrives as late as for [Container.Logs]. A
// service of a project or stack keeps its own logging driver; if that drops
// something, as json-file drops bytes that are not UTF-8, the test's log says so.
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

// Lines follows the log: it yields all lines since the container's last start, from
// stdout and stderr in the order of arrival, then new lines as they come. The
// sequence ends when the container has ended and all of its log was seen; the loop
// may break at any time. Lines waits for a container that has not been started yet. What
// there is now, without waiting for more, is returned by [Container.Logs].
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
