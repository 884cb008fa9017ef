// SPDX-License-Identifier: Apache-2.0

package engine

// Labels that Compose puts on what it makes.
// https://github.com/docker/compose/blob/main/pkg/api/labels.go
const (
	ComposeProject   = "com.docker.compose.project"
	ComposeService   = "com.docker.compose.service"
	ComposeDependsOn = "com.docker.compose.depends_on"
	ComposeNumber    = "com.docker.compose.container-number"
	ComposeOneoff    = "com.docker.compose.oneoff"
	ComposeNetwork   = "com.docker.compose.network"
	ComposeVolume    = "com.docker.compose.volume"
)

// Labels that swarm puts on the containers of tasks, and docker stack deploy on
// all that a stack has.
const (
	SwarmService   = "com.docker.swarm.service.name"
	SwarmServiceID = "com.docker.swarm.service.id"
	SwarmTask      = "com.docker.swarm.task.name"
	SwarmTaskID    = "com.docker.swarm.task.id"
	StackNamespace = "com.docker.stack.namespace"
)
