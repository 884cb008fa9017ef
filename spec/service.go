// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Modes of a service. Their names are those of docker service create.
const (
	Replicated    = "replicated"     // so many tasks that run
	Global        = "global"         // one on each node
	ReplicatedJob = "replicated-job" // so many tasks that run to their end
	GlobalJob     = "global-job"     // one on each node, that runs to its end
)

// Service asks for a service of a swarm. Only Image must be given.
type Service struct {
	// Image is a reference: that of an image of the test (its Ref), or any other,
	// which each node pulls. An image of the test is pushed first to the registry
	// that the nodes pull from, if there are several.
	Image string

	// Name is the role that the service plays in the test: "api". It is used in
	// messages and for the names of the log files; the service's own name in the
	// swarm contains it, and is unique. Empty means that the name is taken from
	// the image.
	Name string

	// Mode is one of the constants above. Empty is Replicated.
	Mode string

	// Replicas are how many tasks run, or, of a ReplicatedJob, run to their end,
	// all at the same time. Zero means 1.
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
	// the task for it. A port of the whole swarm is published by a flag,
	// "--publish=8080"; the mesh that leads from there to a task needs IPVS in the
	// nodes' kernel.
	Ports []int

	// OtherPorts are those of other protocols than TCP, as Docker writes them: "53/udp",
	// "3868/sctp".
	OtherPorts []string

	// Mounts are what the containers see. A Volume that a node does not have is
	// made there, and goes with the test. A Host must be on the node.
	Mounts []Mount

	// Networks are overlay networks, by which the services in them find each other.
	Networks []Endpoint

	// EndpointMode says how others find the tasks in a network: "vip", which is the
	// standard, by one address for all, which needs IPVS in the nodes' kernel; or
	// "dnsrr", by the addresses of all of them.
	EndpointMode string

	// Secrets and Configs are those of the swarm that the containers see: see Files.
	Secrets, Configs []SecretFile

	// Constraints say which nodes may run tasks: "node.role == worker".
	Constraints []string

	// Restart is when a task that ended is started again: "any", which is the
	// standard, "on-failure" or "none", which is that of jobs.
	Restart string

	// Limits bounds what a task may use, and Reserve is what a node must have free
	// for it, of which PIDs is not counted.
	Limits, Reserve Limits

	// Healthcheck replaces that of the image, unless nil.
	Healthcheck *Healthcheck

	// Labels are put on the service and on its containers, beside those that say
	// whose they are.
	Labels map[string]string

	// Flags are passed to docker service create, unchanged: any of its flags that
	// has no field here, {"--cap-add", "NET_ADMIN", "--with-registry-auth"}. They
	// come after those of the fields. Flags that would take the service from
	// seatrial are refused.
	Flags []string

	// Ready is what each task must fulfil beside running, and being healthy if it
	// has a health check. It takes nodes whose engines can be asked.
	Ready wait.Condition

	// ExitCodes are those that are no failure of a job. Nil means 0 alone. Others
	// go with the Restart that jobs have by themselves only.
	ExitCodes []int

	// TimeLimit bounds the start, pulling and getting ready included; of a job, its
	// whole run. Zero means 5 minutes. One that the test's own deadline leaves no
	// room for fails the test at once.
	TimeLimit time.Duration
}

// Files names secrets or configs that are seen under their own names:
//
//	spec.Service{Image: img.Ref, Secrets: spec.Files(licence.Name, password.Name)}
func Files(names ...string) []SecretFile {
	var all []SecretFile
	for _, name := range names {
		all = append(all, SecretFile{Name: name})
	}
	return all
}
