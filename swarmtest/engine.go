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

// An EngineSpec describes the engine that a test wants.
type EngineSpec struct {
	// Dockerd is the path of the program; empty means that it is searched for in
	// PATH. The programs containerd, containerd-shim-runc-v2, runc and docker-proxy
	// are searched for beside it first, then in PATH.
	Dockerd string

	// ClassicStore keeps images in the engine's own store, as engines before 29 do,
	// instead of containerd's. Otherwise the engine's version decides.
	ClassicStore bool

	// Args are more arguments for dockerd. They must not change where its data,
	// socket and pid file are, its configuration file, or the names of its control
	// groups.
	Args []string
}

// An Engine is a private Docker engine of a test. It has the verbs of package
// seatrial: Build, Run, Up, Load, Need and the others.
type Engine struct {
	*seatrial.Engine
	private  *dockerd.Engine
	stopping sync.Mutex
}

// startLimit bounds the start of an engine, if the test's deadline is later.
const startLimit = 60 * time.Second

// StartEngine starts an engine, and returns when its API answers, which takes a second
// or two. If an engine cannot be started here, or does not answer within a minute, the
// test fails; [Start] would skip it.
//
// The engine ends with the test: at once, without a grace period for its
// containers. If the test's process is killed, the kernel ends the engine, and the
// next run or seatrial gc removes its files.
//
// It inherits nothing from the machine: no images, no settings, no mounts. It
// reaches other networks only if the machine has a default route and forwards
// packets (net.ipv4.ip_forward); otherwise the test's log says that it does not.
// IPv6 works only inside.
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

// Host returns the engine's address, a unix socket, in the notation of DOCKER_HOST.
func (e *Engine) Host() string { return e.private.Host() }

// Address returns the IP address at which the test reaches published ports. It is
// not 127.0.0.1, and a port that is published on 127.0.0.1 cannot be reached.
func (e *Engine) Address() string { return e.private.Address() }

// Registry returns the address, host:port, of an image registry that the engine
// trusts. The registry has no images at first, and is served by the test's process.
// The address is for names of images, and valid only inside the engine.
func (e *Engine) Registry() string { return e.private.Registry() }

// Stop ends the engine before the end of the test, and removes all of its data.
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

// limit returns a context that ends with the test, after the duration most, and
// early enough before the test's deadline.
func limit(t seatrial.T, most time.Duration) (context.Context, context.CancelFunc) {
	if t, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if end, ok := t.Deadline(); ok {
			left := time.Until(end)
			most = min(most, max(left-min(left/10, 5*time.Second), 0))
		}
	}
	ctx := t.Context()
	if ctx.Err() != nil { // the test's context has ended before its cleanup functions are called
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, most)
}
