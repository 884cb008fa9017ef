// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Container asks for a container. Only Image must be given.
type Container struct {
	// Image is a reference: that of an image of the test (its Ref), or any
	// other. One that the engine does not have is pulled.
	Image string

	// Name is the role that the container plays in the test: "db", "proxy". It
	// is used in messages and for the names of the log files; the container's
	// own name on the engine contains it, and is unique. Empty means that the
	// name is taken from the image.
	Name string

	// Entrypoint and Command replace those of the image, unless nil.
	Entrypoint []string
	Command    []string

	// Env adds to the environment that the image sets.
	Env map[string]string

	// User and Dir replace those of the image, unless empty. A container with a
	// writable directory of this machine (see Mount.Host; one that Flags mount
	// counts, too) and no User runs as the user and group of the test, so that the
	// files stay the tester's, if its engine shares the users of this machine.
	User string
	Dir  string

	// Ports are the TCP ports that the server in the container listens on and
	// that the test wants to reach. Each is published on a free port of the
	// host, on 127.0.0.1, or on ::1 if its networks have no IPv4; ask the handle for it.
	Ports []int

	// OtherPorts are those of other protocols than TCP, as Docker writes them: "53/udp",
	// "3868/sctp". They are published as Ports are; the handle's AddrOf and PortOf look
	// them up.
	OtherPorts []string

	// Mounts are what the container sees of this machine, of volumes, and of
	// memory.
	Mounts []Mount

	// Networks are networks of the test. Nil means the engine's default network,
	// in which containers do not find each other by name.
	Networks []Endpoint

	// Reach leads from the container to servers of the test: by the name and port that
	// are used inside, the address of the listener here, which may be on 127.0.0.1, or its
	// URL: {"hooks.example.com:80": srv.URL}, with httptest. A key without a port has
	// that of the server. Connections of TCP are handed on, until the test ends: each
	// name takes a network of the engine, whose gateway is the address that it has.
	//
	// The engine must be on this machine: in its network, or, for root, in another one of
	// it, or Docker Desktop. Any other, one behind ssh too, is refused, as is a container
	// whose networks are all internal.
	Reach map[string]string

	// Limits bounds what the container may use. Nothing is bounded by itself.
	Limits Limits

	// Healthcheck replaces that of the image, unless nil.
	Healthcheck *Healthcheck

	// Labels are put on the container, beside those that say whose it is.
	Labels map[string]string

	// Flags are passed to docker create, unchanged: any flag of docker run that
	// has no field here, {"--cap-add", "NET_ADMIN", "--read-only"}. They come
	// after those of the fields, so that they win where only one can. Then the
	// installed docker command makes the container, with what its configuration
	// file adds (proxies, say), and what the fields say stands on its command
	// line. Flags that would take the container from seatrial, or leave
	// something behind, are refused.
	Flags []string

	// Stdout and Stderr name the files in the test's artifact directory into
	// which the container's two streams go: plain file names, that no other
	// file there has. Empty means Name.out and Name.err, with a number if there
	// are such files already.
	Stdout, Stderr string

	// Ready says when the container can be used. Nil means: healthy if it has a
	// health check; otherwise, that it has run for half a second, and that servers
	// listen on the ports that it publishes, for which it is given three seconds from
	// its start. A container that is ready by Ready is not also waited for until it
	// is healthy, nor until it has run for some time, unless the engine had to start it
	// again: see wait.Steady.
	Ready wait.Condition

	// ExitCodes are those that are no failure of a container that is run to its
	// end, by seatrial.RunToEnd, nor of one that ends at once under seatrial.Run
	// without Ready. Nil means 0 alone.
	ExitCodes []int

	// TimeLimit bounds the start, pulling and getting ready included. Zero
	// means 2 minutes. One that the test's own deadline leaves no room
	// for fails the test at once.
	TimeLimit time.Duration
}

// Mount is something that a container sees at Target. Exactly one of Host,
// Volume and Tmpfs says what.
type Mount struct {
	// Target is an absolute path in the container.
	Target string

	// Host is a directory or file of this machine: absolute, or relative to the
	// working directory, which in a Go test is the directory of the package. It
	// must be there. On an engine that does not have the files of this machine
	// it is refused, unless Copy says what to do.
	Host string

	// Copy mounts a copy of Host, in a volume that goes with the test, where the
	// engine does not have the files of this machine. What the container writes
	// there is then not written here.
	Copy bool

	// Volume is the name of a volume on the engine: that of a volume of the test
	// (its Name), or of any other that is there.
	Volume string

	// Tmpfs is a file system in memory, empty at each start.
	Tmpfs bool

	// Size bounds a Tmpfs, in bytes. Zero means half of the memory.
	Size int64

	// ReadOnly says that the container cannot write to it.
	ReadOnly bool
}

// Endpoint is a container's place in a network.
type Endpoint struct {
	// Network is the name of a network on the engine: that of a network of the
	// test (its Name), or of any other that is there.
	Network string

	// Aliases are the names by which others in that network find the container,
	// beside its own.
	Aliases []string
}

// Limits bounds what a container may use. Zero is no bound.
type Limits struct {
	Memory int64   // bytes; as much again may be swapped out, if the machine swaps
	CPUs   float64 // 0.5 is half of one
	PIDs   int64   // processes and threads
}

// Healthcheck is how the engine asks a container whether it is well. A zero
// field is the image's, or, if the image says nothing, Docker's: every 30
// seconds, 30 seconds for an answer, unhealthy after 3 failures.
type Healthcheck struct {
	// Command is run in the container, as it is; Shell is run by its shell.
	// Exit code 0 is healthy. Only one of the two may be given. Command and
	// Flags do not go together: docker create has no flag for it.
	Command []string
	Shell   string

	Interval    time.Duration
	Timeout     time.Duration
	StartPeriod time.Duration // in which failures do not count
	Retries     int

	// None says that the container has no health check, whatever its image says.
	None bool
}
