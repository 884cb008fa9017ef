// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Stack asks for a swarm stack, from the files as they are shipped.
//
// Nothing in the files needs to be changed for a test: published ports, names
// and the like are made to fit by package tailor. What is deployed is one
// document, which docker stack deploy reads from its standard input.
type Stack struct {
	// Files are the stack files, in the order in which docker stack deploy would
	// take them with -c. A relative name is relative to the working directory,
	// which in a Go test is the directory of the package.
	Files []string

	// Dir is the directory to which the relative paths in the files refer.
	// Empty means that of the first file, as docker stack deploy has it.
	Dir string

	// Env gives the variables that the files mention. Apart from these only a
	// short list of harmless variables (HOME, PATH and their like) reach the
	// files, whatever the tester's shell has. An .env file is not read, as
	// docker stack deploy does not read it either.
	Env map[string]string

	// Images replaces images that the files, and the Dockerfiles that they build,
	// name, reference by reference: {"example/orders:2": img.Ref}. References are
	// compared in their full form, so that app, app:latest and
	// docker.io/library/app:latest are one. A key that is named nowhere is an error.
	Images map[string]string

	// StandIns is Images for many stacks: references that take the place of others
	// wherever these are named, and a key that is named nowhere is no error. Images goes
	// first. What the variable SEATRIAL_STAND_INS has, OLD=NEW and more with spaces
	// between, is added: a TestMain may set it for its tests, and so may whoever runs them.
	StandIns map[string]string

	// Ports, if it is not empty, says which published ports the files fix: all of
	// them, by their numbers in the files. Another set is an error that names
	// those which are there. No port is kept by it: see KeepPorts.
	Ports []int

	// KeepPorts are ports that are published under the very numbers that the
	// files give them. Two copies of the stack cannot run at once then.
	KeepPorts []int

	// StablePorts leases all published ports instead of leaving them to the
	// swarm, which chooses others when a service is made again.
	StablePorts bool

	// PortReferences says what becomes of values in the files that name a
	// published port as localhost:8080. Empty rewrites those that cannot mean the
	// inside of the container, "off" leaves all as they are. Health checks are
	// never touched.
	PortReferences string

	// Publish publishes ports that the files keep inside of the stack, because the
	// test wants to look there: by service, the ports of its containers, by which
	// they are looked up, too: {"db": {5432}}. Each task has its own, on its node, at
	// a number that the node's engine chooses, also with StablePorts. One that is
	// published anyway is no error.
	Publish map[string][]int

	// PublishOther does the same for ports of other protocols than TCP, as Docker writes
	// them: {"dns": {"53/udp"}}.
	PublishOther map[string][]string

	// Networks says what becomes of networks that the files expect to be there,
	// by key or name in the files. An empty value makes an attachable overlay
	// network for each copy. Otherwise it is the name of the network to use: that
	// of another environment of the test, or its own name, to share it. A stack
	// with an external network that is not decided here is refused, and so is a
	// key that no file has as an external network. {"host": ""} takes services
	// off the machine's own network.
	Networks map[string]string

	// Volumes does the same for external volumes. An empty value makes an empty
	// volume for each copy.
	Volumes map[string]string

	// Secrets and Configs give content to external secrets and configs, and to
	// those whose file is not shipped: by key or name in the files, the file to
	// take. A relative name is relative to the working directory. They get names
	// that are unique to the stack. What is in secrets, the shipped ones too, is
	// hidden in the test's artifacts, as CreateSecret does it. An external one without
	// content is refused, and so is content that no file asks for.
	Secrets, Configs map[string]string

	// Paths replaces what services mount from the machine: by the host part as
	// the files have it, or the path that this stands for, the directory or file
	// to mount. An empty value is an empty volume for each copy, and the path
	// itself shares it. Relative names are relative to the working directory. What is
	// given must be there.
	Paths map[string]string

	// Constraints replaces placement constraints by others, as the files write
	// them: {"node.labels.disk == ssd": "node.role == manager"}. An empty value
	// drops the constraint. The key max_replicas_per_node stands for that limit,
	// and its value is a number, or empty. What no service asks for is an error.
	Constraints map[string]string

	// Builds changes how images are built, by build context as the files have
	// it: ".", "./" and the absolute name are one. docker stack deploy builds
	// nothing: what the files say how to build is built before.
	Builds map[string]Build

	// Replace replaces text in the files, wherever it stands, on copies of them:
	// longest key first, all in one pass, so that nothing is replaced twice. A
	// key that is not there is an error.
	Replace map[string]string

	// Allow accepts what copies would share, by the name that the refusal has
	// for it: "docker-socket", "host-network". "self-collision" accepts files that
	// docker stack deploy cannot deploy as they are, since they take a port or the like
	// twice.
	Allow []string

	// Lock accepts the same, and lets copies that need it wait for each other,
	// on the whole machine.
	Lock []string

	// Isolate settles what can be settled without harm, where nothing else is
	// said: an external network or volume becomes one for each copy, a directory
	// elsewhere on the machine that a service writes to an empty volume, one of the
	// operating system is read-only, a variable without value is a blank, but in an image.
	Isolate bool

	// CopyLimit bounds, in bytes, the files of a directory that a service may
	// write to, of which each copy of the stack gets its own. Zero means 256 MiB.
	// A larger one fails the deployment.
	CopyLimit int64

	// Ready holds further conditions, by service. By itself a service is ready
	// when all of its tasks are healthy, or, without a health check, have run for half
	// a second, and listen on the ports that it publishes, as with spec.Project.Ready;
	// a job is ready when it is done. When all conditions hold, tasks that took the
	// place of others meanwhile have to fulfil them, too.
	Ready map[string]wait.Condition

	// TimeLimit bounds the whole deployment, builds and pulls included. Zero
	// means 10 minutes. One that the test's own deadline leaves no room for
	// fails the test at once.
	TimeLimit time.Duration
}
