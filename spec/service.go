// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Modes of a service. Their names are those of docker service create.
const (
	Replicated    = "replicated"     // Service.Replicas tasks
	Global        = "global"         // one task on each node
	ReplicatedJob = "replicated-job" // Service.Replicas tasks, which run to their end
	GlobalJob     = "global-job"     // one task on each node, which runs to its end
)

// Service asks for a service of a swarm. Only Image must be given.
type Service struct {
	// Image is a reference: the Ref of an image of the test, or any other, which
	// each node pulls. If the swarm has several nodes, an image of the test is
	// pushed first to a registry that they pull from.
	Image string

	// Name is the role that the service plays in the test: "api". It is used in
	// messages and for the names of the log files; the service's own name in the
	// swarm contains it, and is unique. Empty means a name made from the image's.
	Name string

	// Mode is Replicated, Global, ReplicatedJob or GlobalJob. Empty means Replicated.
	Mode string

	// Replicas is the number of tasks; those of a ReplicatedJob all run at the same
	// time. Zero means 1.
	Replicas int

	// Entrypoint and Command replace those of the image, unless they are empty.
	Entrypoint []string
	Command    []string

	// Env adds to the environment that the image sets.
	Env map[string]string

	// User and Dir replace those of the image, unless empty. As with a Container,
	// a service with a writable directory of this machine and no User runs as the
	// user and group of the test.
	User string
	Dir  string

	// Ports are the TCP ports that the test wants to reach. Each task publishes
	// them on its node alone, in host mode, on a port that the node chooses; ask
	// the task for it. To publish a port on all nodes of the swarm, use the flag
	// "--publish=8080"; the routing mesh behind it needs IPVS in the nodes' kernel.
	Ports []int

	// OtherPorts are ports of protocols other than TCP, as Docker writes them:
	// "53/udp", "3868/sctp".
	OtherPorts []string

	// Mounts are what the containers see. A Volume that a node does not have is
	// made there, and removed at the end of the test. A Host must exist on the
	// node.
	Mounts []Mount

	// Networks are overlay networks, by which the services in them find each other.
	Networks []Endpoint

	// EndpointMode says how others in a network find the tasks: "vip", the default,
	// by one virtual address, which needs IPVS in the nodes' kernel; or "dnsrr", by
	// the addresses of all tasks.
	EndpointMode string

	// Secrets and Configs are secrets and configs of the swarm that the containers see:
	// see Files.
	Secrets, Configs []SecretFile

	// Constraints say which nodes may run tasks: "node.role == worker".
	Constraints []string

	// Restart says when a task that has ended is replaced: "any", the default,
	// "on-failure" or "none", the default for jobs.
	Restart string

	// Limits bounds what a task may use. Reserve is what a node must have free for
	// a task; its PIDs do not count.
	Limits, Reserve Limits

	// Healthcheck replaces that of the image, unless nil.
	Healthcheck *Healthcheck

	// Labels are put on the service and on its containers, beside those by which
	// seatrial finds them.
	Labels map[string]string

	// Flags are passed to docker service create, unchanged: any of its flags that
	// has no field here, {"--cap-add", "NET_ADMIN", "--with-registry-auth"}. They
	// come after the flags for the fields. Flags that would hide the service from
	// seatrial are refused.
	Flags []string

	// Ready is a condition that each task must fulfil, besides running and being
	// healthy if it has a health check. It needs nodes whose engines can be
	// reached.
	Ready wait.Condition

	// ExitCodes are the exit codes that do not make a job fail. Nil means only 0.
	// Others are allowed only with the default Restart of jobs.
	ExitCodes []int

	// TimeLimit bounds the start, including pulling and becoming ready; for a job,
	// its whole run. Zero means 5 minutes. A limit that reaches past the test's own
	// deadline fails the test at once.
	TimeLimit time.Duration
}

// Files lists secrets or configs whose files have their own names:
//
//	spec.Service{Image: img.Ref, Secrets: spec.Files(licence.Name, password.Name)}
func Files(names ...string) []SecretFile {
	var all []SecretFile
	for _, name := range names {
		all = append(all, SecretFile{Name: name})
	}
	return all
}
