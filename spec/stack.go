// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Stack asks for a swarm stack, from the files as they are shipped.
//
// Nothing in the files needs to be changed for a test: published ports, names
// and the like are adapted by package tailor. The result is one document, which
// docker stack deploy reads from its standard input.
type Stack struct {
	// Files are the stack files, in the order in which docker stack deploy takes
	// them with -c. A relative name is relative to the working directory, which in
	// a Go test is the directory of the package.
	Files []string

	// Dir is the directory to which the relative paths in the files refer.
	// Empty means the directory of the first file, as with docker stack deploy.
	Dir string

	// Env has values for the variables in the files. Of the environment of the
	// test, only a short list of harmless variables (HOME, PATH and their like)
	// reaches the files. An .env file is not read, as docker stack deploy does not
	// read it either.
	Env map[string]string

	// Images replaces images that the files name, or the Dockerfiles that they build.
	// It maps a reference to another one: {"example/orders:2": img.Ref}. References are
	// compared in their full form, so that app, app:latest and
	// docker.io/library/app:latest are the same. A key that is named nowhere is an
	// error.
	Images map[string]string

	// StandIns is like Images, for many stacks: a key that is named nowhere is no
	// error. Images is applied first. The variable SEATRIAL_STAND_INS adds to it,
	// with pairs OLD=NEW separated by spaces: a TestMain may set it for its tests,
	// and so may whoever runs them.
	StandIns map[string]string

	// Ports, if not empty, must list all published ports that the files fix, by
	// their numbers there; a difference is an error that names the ports in the
	// files. It does not keep these numbers: see KeepPorts.
	Ports []int

	// KeepPorts are ports that keep the numbers that the files give them. Then two
	// copies of the stack cannot run at once.
	KeepPorts []int

	// StablePorts leases all published ports. Otherwise the swarm chooses them,
	// anew each time a service is made.
	StablePorts bool

	// PortReferences says what to do with values in the files that name a published
	// port, as in localhost:8080. Empty rewrites those that cannot mean the inside
	// of the container, "off" rewrites none. Health checks are never changed.
	PortReferences string

	// Publish publishes ports that the files do not publish, so that the test can
	// reach them. It maps a service to ports of its containers, by which the handle
	// finds them: {"db": {5432}}. Each task has its own, on its node, at a number that
	// the node's engine chooses, even with StablePorts. A port that the files publish
	// is no error.
	Publish map[string][]int

	// PublishOther does the same for ports of protocols other than TCP, as Docker
	// writes them: {"dns": {"53/udp"}}.
	PublishOther map[string][]string

	// Networks replaces external networks, by key or name in the files. An empty
	// value makes an attachable overlay network for each copy of the stack. Any
	// other is the name of the network to use: one of another project or stack of
	// the test, or the external network's own name, to share it. A stack with an
	// external network that is not listed here is refused, and so is a key that is
	// no external network of the files. {"host": ""} takes services off the host
	// network.
	Networks map[string]string

	// Volumes does the same for external volumes. An empty value makes an empty
	// volume for each copy of the stack.
	Volumes map[string]string

	// Secrets and Configs give content to external secrets and configs, and to those
	// whose file is not shipped. They map a key or name in the files to the file with
	// the content. A relative name is relative to the working directory. Their names
	// are unique to the stack. The content of all secrets is hidden in the test's
	// artifacts, as for seatrial.CreateSecret. An external secret or config without
	// content is refused, and so is a key that no file names.
	Secrets, Configs map[string]string

	// Paths replaces directories and files of the machine that services mount. A key
	// is the host part as the files write it, or the path that it stands for; a value
	// is the directory or file to mount instead. An empty value means an empty volume
	// for each copy of the stack; a value equal to the key shares the path. Relative
	// names are relative to the working directory. The value must exist.
	Paths map[string]string

	// Constraints replaces placement constraints by others, as the files write
	// them: {"node.labels.disk == ssd": "node.role == manager"}. An empty value
	// drops the constraint. The key max_replicas_per_node stands for that limit;
	// its value is a number, or empty. A constraint that no service has is an
	// error.
	Constraints map[string]string

	// Builds changes how images are built. The key is the build context in the files:
	// ".", "./" and the absolute path are the same. As docker stack deploy builds
	// nothing, images with a build section are built before it runs.
	Builds map[string]Build

	// Replace replaces text anywhere in the files, in copies of them: longest key
	// first, all in one pass, so that nothing is replaced twice. A key that does
	// not occur is an error.
	Replace map[string]string

	// Allow accepts things that copies would share, by their names in the message that
	// refuses them: "docker-socket", "host-network". "self-collision" accepts files
	// that docker stack deploy cannot deploy as they are, because they use a port or
	// the like twice.
	Allow []string

	// Lock accepts the same things, but makes copies that need one wait for each
	// other, on the whole machine.
	Lock []string

	// Isolate settles what can be settled without harm, unless another field does:
	// each copy gets its own network or volume in place of an external one, and an
	// empty volume in place of a directory outside of the project that a service
	// writes to; a directory of the operating system is mounted read-only; a
	// variable without a value is empty, except in an image.
	Isolate bool

	// CopyLimit is the maximum size, in bytes, of a directory that is copied for each
	// copy of the stack, because services may write to it. Zero means 256 MiB. A
	// larger directory fails the deployment.
	CopyLimit int64

	// Ready adds conditions, by service. Without one a service is ready when all of
	// its tasks are healthy, or, if it has no health check, have run for half a second
	// and listen on the ports that it publishes, as with Project.Ready; a job is ready
	// when it is done. Tasks that replace others in the meantime must fulfil the
	// conditions, too.
	Ready map[string]wait.Condition

	// TimeLimit bounds the whole deployment, including builds and pulls. Zero means
	// 10 minutes. A limit that reaches past the test's own deadline fails the test
	// at once.
	TimeLimit time.Duration
}
