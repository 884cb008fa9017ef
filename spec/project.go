// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Project asks for a Compose project, from the files as they are shipped.
//
// Nothing in the files needs to be changed for a test: host ports, container
// names and the like are adapted by package tailor, in an override that is passed
// to docker compose after the files.
type Project struct {
	// Files are the Compose files, in the order in which docker compose takes them
	// with -f. A relative name is relative to the working directory, which in a Go
	// test is the directory of the package. A directory stands for its
	// compose.yaml, with its compose.override.yaml if there is one, or for the
	// files that COMPOSE_FILE in its .env names, as with docker compose.
	Files []string

	// Dir is the project directory, to which the relative paths in the files
	// refer, and where an .env file is looked for. Empty means the directory of the
	// first file, as with docker compose.
	Dir string

	// Answers names a file with defaults for this spec, usually the .seatrial.yaml
	// beside the Compose files, which the command seatrial reads. Its keys are the
	// fields of Project with a small first letter, except those about files, time
	// and readiness; relative names in it are relative to its directory. The fields
	// of this spec override it: maps entry by entry, while items of Allow, Lock and
	// KeepPorts are added to those of the file. Empty means that no such file is
	// read, even if there is one.
	Answers string

	// Env has values for the variables in the files, and overrides the project's
	// .env file. Of the environment of the test, only a short list of harmless
	// variables (HOME, PATH and their like) reaches the files.
	Env map[string]string

	// Profiles are the profiles to enable.
	Profiles []string

	// Images replaces images that the files name, or the Dockerfiles that they build.
	// It maps a reference to another one: {"example/orders:2": img.Ref}. References are
	// compared in their full form, so that app, app:latest and
	// docker.io/library/app:latest are the same. Dockerfiles are treated as by
	// Image.Images, with the build arguments that the files give. A key that is named
	// nowhere is an error.
	Images map[string]string

	// StandIns is like Images, for many projects: a key that is named nowhere is no
	// error. Images is applied first. The variable SEATRIAL_STAND_INS adds to it,
	// with pairs OLD=NEW separated by spaces: a TestMain may set it for its tests,
	// and so may whoever runs them.
	StandIns map[string]string

	// Ports, if not empty, must list all host ports that the files fix, by their
	// numbers there; a difference is an error that names the ports in the files. It
	// does not keep these numbers: see KeepPorts.
	Ports []int

	// KeepPorts are host ports that keep the numbers that the files give them. Then
	// two copies of the project cannot run at once.
	KeepPorts []int

	// StablePorts leases all host ports. Otherwise the engine chooses them, anew
	// each time a container starts.
	StablePorts bool

	// PortReferences says what to do with values in the files that name a host
	// port, as in localhost:8080. Empty rewrites those that cannot mean the inside
	// of the container, or whose name says that they are for clients outside
	// (KAFKA_ADVERTISED_LISTENERS, PUBLIC_URL); "all" rewrites doubtful ones, too;
	// "off" rewrites none. Health checks are never changed.
	PortReferences string

	// Publish publishes ports that the files do not publish, so that the test can
	// reach them. It maps a service to ports of its container, by which the handle
	// finds them: {"db": {5432}}. A port that the files publish is no error.
	Publish map[string][]int

	// PublishOther does the same for ports of protocols other than TCP, as Docker
	// writes them: {"dns": {"53/udp"}}.
	PublishOther map[string][]string

	// Reach lets all services connect to servers of the test, as Container.Reach
	// does, by the name and port that the services use: {"hooks.example.com:80":
	// srv.URL}. The name is added to extra_hosts, and replaces an entry of that
	// name in the files.
	Reach map[string]string

	// Networks replaces networks that are not the project's own, by key or name in
	// the files: external ones, and overlay, macvlan and ipvlan networks. An empty
	// value makes a bridge network for each copy of the project. Any other is the
	// name of the network to use: one of another project of the test, or the
	// network's own name, to share it. {"host": ""} takes services off the host
	// network: they get the project's network, and their ports are published.
	Networks map[string]string

	// Volumes does the same for external volumes, and for volumes of drivers that
	// are not built into the engine. An empty value makes an empty volume for each
	// copy of the project.
	Volumes map[string]string

	// Secrets and Configs give content to external secrets and configs, which Compose
	// does not support. They map a key or name in the files to the file with the
	// content. A relative name is relative to the working directory. The content of all
	// secrets is hidden in the test's artifacts, as for seatrial.CreateSecret.
	Secrets, Configs map[string]string

	// Paths replaces directories and files of the machine that containers mount. A
	// key is the host part as the files write it, or the path that it stands for; a
	// value is the directory or file to mount instead. An empty value means an empty
	// volume for each copy of the project; a value equal to the key shares the path.
	// Relative names are relative to the working directory. The value must exist.
	Paths map[string]string

	// Builds changes how images are built. The key is the build context in the files:
	// ".", "./" and the absolute path are the same.
	Builds map[string]Build

	// Replace replaces text anywhere in the files, in copies of them: longest key
	// first, all in one pass, so that nothing is replaced twice. A key that does
	// not occur is an error. Included and extended files are not changed.
	Replace map[string]string

	// Allow accepts things that copies would share, by their names in the message
	// that refuses them: "docker-socket", "host-network", "device:/dev/ttyS0".
	// "self-collision" accepts files that docker compose cannot start as they are,
	// because they use a host port or the like twice.
	Allow []string

	// Lock accepts the same things, but makes copies that need one wait for each
	// other, on the whole machine.
	Lock []string

	// Isolate settles what can be settled without harm, unless another field does:
	// each copy gets its own network or volume in place of one that is not the
	// project's, and an empty directory in place of one outside of the project that
	// a container writes to; a directory of the operating system is mounted
	// read-only; a variable without a value is empty, as with Compose,
	// except in an image.
	Isolate bool

	// CopyLimit is the maximum size, in bytes, of a directory that is copied for each
	// copy of the project, because containers may write to it. Zero means 256 MiB. A
	// larger directory fails the start.
	CopyLimit int64

	// CopyMounts gives containers copies of the host files and directories that
	// they mount, in volumes of the project, if the engine does not have the files
	// of this machine. What they write does not reach this machine. Without
	// CopyMounts the project is refused on such an engine. Files of secrets and
	// configs are refused there in any case.
	CopyMounts bool

	// Ready has conditions, by service. A service with a health check must be healthy
	// in any case, and one that ends by itself must end with exit code 0. For all
	// others the condition decides. A service without one must have run for half a
	// second, longer on a slow machine, and something must listen on each TCP port that
	// it publishes. Three seconds after its start a warning in the test's log names
	// ports on which nothing listens, and the service counts as ready. Seatrial asks
	// the kernel for listeners and makes no connection; if the engine is on another
	// machine, the log says that ports are not waited for. A service that the engine
	// restarts while others become ready must become ready again. It must run for two
	// seconds after its restart, and its condition must hold in that time: see
	// wait.Steady.
	//
	// A service that the engine restarts again and again may be waiting for others,
	// so it has time until they are up. A service is up when it is healthy; without a
	// health check, when it listens on the ports that its image and the files name,
	// or on any port if none is named; if neither can be known, when it has run for
	// ten seconds. A service that ends twice after all others are up is in a crash
	// loop, and the start fails; so is one that ends four times if there are no
	// others, or ten times in any case.
	Ready map[string]wait.Condition

	// TimeLimit bounds the whole start, including builds and pulls. Zero means 10
	// minutes. A limit that reaches past the test's own deadline fails the test at
	// once.
	TimeLimit time.Duration
}
