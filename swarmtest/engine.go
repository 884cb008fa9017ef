// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"sync"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
)

// An EngineSpec says what engine a test wants.
type EngineSpec struct {
	// Dockerd is the path of the program; if empty, it is found in PATH.
	// containerd, containerd-shim-runc-v2, runc and docker-proxy are looked for
	// beside it first, then in PATH.
	Dockerd string

	// ClassicStore keeps images in the engine's own store, as engines before 29
	// do, and not in containerd's. Without it, the engine's version decides.
	ClassicStore bool

	// Args are more arguments for dockerd. Where its data, its socket and its
	// process ids lie, which file configures it and what its control groups are
	// called is not to be changed.
	Args []string
}

// An Engine is a Docker engine of a test's own. It has the verbs of package
// seatrial: Build, Run, Up, Load, Need.
type Engine struct {
	*seatrial.Engine
	private  *dockerd.Engine
	stopping sync.Mutex
}

// startLimit bounds the start of an engine, if the test's deadline is later.
const startLimit = 60 * time.Second

// StartEngine starts an engine, and returns when its API answers. It takes a
// second or two.
//
// The engine ends with the test: at once, without a grace for its containers.
// If the test's process is killed, the kernel ends it, and the next run or
// seatrial gc removes its files.
//
// From the machine it inherits nothing: no images, no settings, no mounts. It
// reaches the world only if the machine has a default route and forwards
// (net.ipv4.ip_forward); the test's log says so if not. IPv6 stays inside.
func StartEngine(t seatrial.T, s EngineSpec) *Engine {
	t.Helper()
	e := &Engine{private: dockerd.New(dockerd.Options{
		Binary: s.Dockerd, ClassicStore: s.ClassicStore, Args: s.Args, Run: process.Run,
	})}
	t.Cleanup(func() {
		t.Helper()
		e.Stop(t)
	})
	ctx, cancel := limit(t, startLimit)
	defer cancel()
	if err := e.private.Start(ctx); err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	if err := e.private.NoWayOut(); err != nil {
		t.Logf("the private engine has no way to the world: %v", err)
	}
	e.Engine = seatrial.On(spec.Engine{Host: e.Host(), Address: e.Address(), Temporary: true})
	return e
}

// Host returns the engine's address as DOCKER_HOST has it: a unix socket.
func (e *Engine) Host() string { return e.private.Host() }

// Address returns the IP address at which the test reaches published ports. It
// is not 127.0.0.1, and a port that is published there cannot be reached.
func (e *Engine) Address() string { return e.private.Address() }

// Registry returns the address, host:port, of an empty image registry that the
// engine trusts, and that the test's own process serves. It is part of an
// image's name, and means something inside the engine only.
func (e *Engine) Registry() string { return e.private.Registry() }

// Stop ends the engine before the test does, and removes all that it had.
func (e *Engine) Stop(t seatrial.T) {
	t.Helper()
	if e.private == nil {
		return
	}
	e.stopping.Lock()
	defer e.stopping.Unlock()
	if host := e.Host(); host != "" {
		engine.Leave(host)
	}
	if err := e.private.Stop(); err != nil {
		t.Errorf("%v\n    hint: seatrial gc tries it again", err)
	}
}

// limit returns a context that ends with the test, after most, and in time
// before the test's deadline.
func limit(t seatrial.T, most time.Duration) (context.Context, context.CancelFunc) {
	if t, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if end, ok := t.Deadline(); ok {
			left := time.Until(end)
			most = min(most, max(left-min(left/10, 5*time.Second), 0))
		}
	}
	ctx := t.Context()
	if ctx.Err() != nil { // in a cleanup function of the test, where its context has ended
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, most)
}
