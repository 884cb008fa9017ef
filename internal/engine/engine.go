// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/moby/moby/client"
)

// An Engine is a Docker daemon that we talk to. It is safe for concurrent use.
type Engine struct {
	at     endpoint
	caller Caller
	ssh    *sshHost // nil if it is not behind ssh
	api    *client.Client
	events hub

	address  string // where its published ports are reached, if somebody said so
	locality locality
	seen     atomic.Bool // a process of its containers was seen from here
	samePIDs func() bool // the engine's process surely numbers processes as ours does

	compose func() (string, error) // the version of docker compose
	command func() (int, error)    // the first number of the docker command's
	node    atomic.Value           // its id in a swarm, a string, as it was last

	commands commands
}

// commands are the versions of the docker command and its plugins: asked for once, since docker
// starts each plugin for that.
type commands struct {
	sync.Mutex
	known [][2]string
}

// Mark puts a variable into the environment of every docker command from now
// on, by which the commands of a dead process are found.
func (e *Engine) Mark(variable string) { e.caller.Mark = variable }

// Host returns the engine's address as DOCKER_HOST has it.
func (e *Engine) Host() string { return e.at.host }

// Now returns the time on the engine's clock.
func (e *Engine) Now(ctx context.Context) (time.Time, error) {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return time.Time{}, err
	}
	now, err := time.Parse(time.RFC3339Nano, info.Info.SystemTime)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the engine's clock: %w", err)
	}
	return now, nil
}

// Rest closes the connections that nobody uses at the moment.
func (e *Engine) Rest() {
	_ = e.api.Close() // it can fail in nothing that matters; the client opens new ones
	if e.ssh != nil {
		e.ssh.rest()
	}
}

// A Caller is who uses an engine. What runs on its behalf shows whose it is.
type Caller struct {
	Mark string                 // KEY=value in the environment of every command; may be empty
	Dir  func() (string, error) // makes a directory that goes with the process; nil: any temporary one

	// Began and Ended are told the process group of each docker command; nil is
	// nobody.
	Began, Ended func(group int)
}

// A locality finds out once, when it is first needed.
type locality struct {
	sync.Mutex
	known *seat
}
