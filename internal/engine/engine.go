// SPDX-License-Identifier: Apache-2.0

package engine

// An Engine is a Docker daemon that we talk to. It is safe for concurrent use. It is the sum of
// its parts: each has the calls for one thing, and names the others that it builds on.
type Engine struct {
	*connection
	*commands
	*processes
	*publishing
	*networks
	*volumes
	*containers
	*logs
	*images
	*copies
	*nodes
	*services
	*hub
}

func newEngine(c *connection, caller Caller) *Engine {
	e := &Engine{connection: c}
	e.commands = newCommands(c, caller)
	e.processes = newProcesses(c)
	e.networks = &networks{c}
	e.volumes = &volumes{c}
	e.publishing = &publishing{connection: c, processes: e.processes, networks: e.networks}
	e.containers = &containers{c, e.commands, e.publishing, e.networks, e.volumes}
	e.logs = &logs{c, e.containers}
	e.images = &images{c, e.commands}
	e.copies = &copies{c, e.processes, e.containers, e.images}
	e.nodes = &nodes{connection: c}
	e.services = &services{c, e.commands}
	e.hub = &hub{open: c.openEvents}
	return e
}
