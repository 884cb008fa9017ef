// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Project asks for a Compose project, from the files as they are shipped.
//
// Nothing in the files needs to be changed for a test: host ports, container
// names and the like are made to fit by package tailor, in an override that
// is passed to docker compose after the files.
type Project struct {
	// Files are the Compose files, in the order in which docker compose would
	// take them with -f. A relative name is relative to the working directory,
	// which in a Go test is the directory of the package. A directory stands
	// for the compose.yaml in it, with its compose.override.yaml if there is one; or
	// for the files that COMPOSE_FILE in its .env names, as docker compose has it.
	Files []string

	// Dir is the project directory, to which the relative paths in the files
	// refer, and where an .env file is looked for. Empty means the directory of
	// the first file, as docker compose has it.
	Dir string

	// Answers names a file, .seatrial.yaml by custom, that says what this spec may say, as
	// the command seatrial reads it beside the Compose files: its keys are the fields of
	// Project with a small first letter, apart from those that are about files, time and
	// readiness, and relative names in it are relative to its directory. What is said
	// here wins: entry by entry in maps; items of Allow, Lock and KeepPorts are added to
	// those of the file. Empty reads none, also where there is one.
	Answers string

	// Env gives the variables that the files mention. Apart from these only
	// the project's own .env file and a short list of harmless variables
	// (HOME, PATH and their like) reach the files, whatever the tester's shell
	// has. A value here wins over one in .env.
	Env map[string]string

	// Profiles are the profiles to switch on.
	Profiles []string

	// Images replaces images that the files, and the Dockerfiles that they build,
	// name, reference by reference: {"example/orders:2": img.Ref}. References are
	// compared in their full form, so that app, app:latest and
	// docker.io/library/app:latest are one. What a Dockerfile builds on is decided
	// as for Image.Images, with the arguments that the files give its build. A key
	// that is named nowhere is an error.
	Images map[string]string

	// StandIns is Images for many projects: references that take the place of others
	// wherever these are named, and a key that is named nowhere is no error. Images goes
	// first. What the variable SEATRIAL_STAND_INS has, OLD=NEW and more with spaces
	// between, is added: a TestMain may set it for its tests, and so may whoever runs them.
	StandIns map[string]string

	// Ports, if it is not empty, says which host ports the files fix: all of
	// them, by their numbers in the files. Another set is an error that names
	// those which are there. No port is kept by it: see KeepPorts.
	Ports []int

	// KeepPorts are host ports that are published under the very numbers that
	// the files give them. Two copies of the project cannot run at once then.
	KeepPorts []int

	// StablePorts leases all host ports instead of leaving them to the engine,
	// which chooses others at each start of a container.
	StablePorts bool

	// PortReferences says what becomes of values in the files that name a host
	// port as localhost:8080. Empty rewrites those that cannot mean the inside
	// of the container, or whose name says that they are for others
	// (KAFKA_ADVERTISED_LISTENERS, PUBLIC_URL); "all" rewrites the doubtful
	// ones, too; "off" leaves all as they are. Health checks are never touched.
	PortReferences string

	// Publish publishes ports that the files keep inside of the project, because the
	// test wants to look there: by service, the ports of its container, by which they
	// are looked up, too: {"db": {5432}}. One that is published anyway is no error.
	Publish map[string][]int

	// PublishOther does the same for ports of other protocols than TCP, as Docker writes
	// them: {"dns": {"53/udp"}}.
	PublishOther map[string][]string

	// Reach leads from all services to servers of the test, as Container.Reach does: by
	// the name and port that the files use, {"hooks.example.com:80": srv.URL}. The name is
	// put into extra_hosts, in the place of an entry that the files have for it.
	Reach map[string]string

	// Networks says what becomes of networks that are not the project's own,
	// by key or name in the files: external ones, and overlay, macvlan and ipvlan
	// networks. An empty value makes a network for each copy, on the engine's
	// bridge. Otherwise it is the name of the network to use: that of another
	// environment of the test, or its own name, to share it. {"host": ""} takes
	// services off the machine's own network: they get the project's, and their
	// ports are published.
	Networks map[string]string

	// Volumes does the same for external volumes, and for those of other drivers
	// than the engine's own. An empty value makes an empty volume for each copy.
	Volumes map[string]string

	// Secrets and Configs give external secrets and configs, which Compose does
	// not have, their content: by key or name in the files, the file to take.
	// A relative name is relative to the working directory. What is in secrets, the
	// shipped ones too, is hidden in the test's artifacts, as CreateSecret does it.
	Secrets, Configs map[string]string

	// Paths replaces what containers mount from the machine: by the host part as
	// the files have it, or the path that this stands for, the directory or file
	// to mount. An empty value is an empty volume for each copy, and the path
	// itself shares it. Relative names are relative to the working directory. What is
	// given must be there.
	Paths map[string]string

	// Builds changes how images are built, by build context as the files have
	// it: ".", "./" and the absolute name are one.
	Builds map[string]Build

	// Replace replaces text in the files, wherever it stands, on copies of them:
	// longest key first, all in one pass, so that nothing is replaced twice. A
	// key that is not there is an error. Included and extended files are left
	// alone.
	Replace map[string]string

	// Allow accepts what copies would share, by the name that the refusal has
	// for it: "docker-socket", "host-network", "device:/dev/kvm". "self-collision"
	// accepts files that docker compose cannot start as they are, since they take a host
	// port or the like twice.
	Allow []string

	// Lock accepts the same, and lets copies that need it wait for each other,
	// on the whole machine.
	Lock []string

	// Isolate settles what can be settled without harm, where nothing else is
	// said: a network or volume that is not the project's own becomes one for each copy, a
	// directory elsewhere on the machine that a container writes to an empty one, one of
	// the operating system is read-only, a variable without value is a blank, as Compose has
	// it, but in an image.
	Isolate bool

	// CopyLimit bounds, in bytes, the files of a directory that a container may
	// write to, of which each copy of the project gets its own. Zero means
	// 256 MiB. A larger one fails the start.
	CopyLimit int64

	// CopyMounts gives containers copies of the host files and directories that
	// they mount, in volumes of the project, if the engine does not have the
	// files of this machine. What they write there is not written here. Without
	// it, such a project is refused on such an engine. Files of secrets and
	// configs are refused in any case.
	CopyMounts bool

	// Ready holds further conditions, by service. By itself every service that
	// has a health check is waited for until it is healthy, and a service that ends
	// by itself must end with exit code 0. For any other its condition here decides. If
	// it has none, it must have run for half a second since its start, and for longer
	// where the machine is slow, and servers must listen on the TCP ports that it
	// publishes: after three seconds from its start a warning in the test's log names
	// those on which none does, and it is taken for ready. The kernel is asked for
	// that, and no connection made; where it can't be asked, on an engine elsewhere,
	// the log says so, and ports are not waited for. A service that was ready, and
	// that the engine started again while others were waited for, is waited for anew.
	// One that the engine has started again must run for two seconds since, and its
	// condition hold in that life: see wait.Steady.
	//
	// A service that the engine starts again and again is given time until the others
	// are there: healthy, or listening on the ports that their images and the files
	// name, or on any if none is named; what cannot be told so is taken for there when
	// it has run for ten seconds. It keeps crashing if it ends twice when they are, four times if
	// there are no others, or ten times in any case.
	Ready map[string]wait.Condition

	// TimeLimit bounds the whole start, builds and pulls included. Zero means
	// 10 minutes. One that the test's own deadline leaves no room
	// for fails the test at once.
	TimeLimit time.Duration
}
