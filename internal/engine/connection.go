// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"sync/atomic"

	"github.com/moby/moby/client"
)

// A connection asks the Engine API.
type connection struct {
	at  endpoint
	ssh *sshHost // nil if it is not behind ssh
	api *client.Client

	clock    clock
	lastInfo atomic.Pointer[client.SystemInfoResult]
}

// Host returns the engine's address as DOCKER_HOST has it.
func (e *connection) Host() string { return e.at.host }

// CloseIdle closes the connections that nobody uses at the moment.
func (e *connection) CloseIdle() {
	_ = e.api.Close() // it can fail in nothing that matters; the client opens new ones
	if e.ssh != nil {
		e.ssh.rest()
	}
}
