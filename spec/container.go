// SPDX-License-Identifier: Apache-2.0

package spec

import (
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Container asks for a container. Only Image must be given.
type Container struct {
	// Image is a reference: the Ref of an image of the test, or any other. An image
	// that the engine does not have is pulled.
	Image string

	// Name is the role that the container plays in the test: "db", "proxy". It
	// is used in messages and for the names of the log files; the container's
	// own name on the engine contains it, and is unique. Empty means a name made
	// from the image's.
	Name string

	// Entrypoint and Command replace those of the image, unless nil.
	Entrypoint []string
	Command    []string

	// Env adds to the environment that the image sets.
	Env map[string]string

	// User and Dir replace those of the image, unless empty. A container without a
	// User that can write to a directory of this machine (see Mount.Host; Flags
	// count, too) runs as the user and group of the test, so that its files belong
	// to the user who runs the test. This needs an engine that shares the users of
	// this machine.
	User string
	Dir  string

	// Ports are the TCP ports that the server in the container listens on and that
	// the test wants to reach. Each is published on a free port of the host, on
	// 127.0.0.1, or on ::1 if its networks have no IPv4; ask the handle for it.
	Ports []int

	// OtherPorts are ports of protocols other than TCP, as Docker writes them:
	// "53/udp", "3868/sctp". They are published as Ports are; the handle's AddrOf
	// and PortOf return them.
	OtherPorts []string

	// Mounts are the directories and files of this machine, the volumes, and the
	// file systems in memory that the container sees.
	Mounts []Mount

	// Networks are networks of the test. Nil means the engine's default network,
	// in which containers do not find each other by name.
	Networks []Endpoint

	// Reach lets the container connect to servers of the test. A key is the name
	// and port that the container uses, a value the address of the server here,
	// which may be on 127.0.0.1, or its URL: {"hooks.example.com:80": srv.URL},
	// with httptest. A key without a port stands for the server's port. TCP
	// connections are forwarded until the test ends. Each name needs a network of its
	// own on the engine, and resolves to the gateway of that.
	//
	// The engine must be on this machine: in the network namespace of the test, in
	// another one if the test runs as root, or in Docker Desktop. Any other engine,
	// also one behind ssh, is refused, and so is a container whose networks are all
	// internal.
	Reach map[string]string

	// Limits bounds what the container may use. By default there is no limit.
	Limits Limits

	// Healthcheck replaces that of the image, unless nil.
	Healthcheck *Healthcheck

	// Labels are put on the container, beside those by which seatrial finds it.
	Labels map[string]string

	// Flags are passed to docker create, unchanged: any flag of docker run that
	// has no field here, {"--cap-add", "NET_ADMIN", "--read-only"}. They come after
	// the flags for the fields, and override them where only one can apply. With
	// Flags the installed docker command makes the container: its configuration
	// file takes effect (proxies, say), and other users can see the fields on its
	// command line. Flags that would hide the container from seatrial, or leave
	// something behind, are refused.
	Flags []string

	// Stdout and Stderr name the files in the test's artifact directory into
	// which the container's two streams go: plain file names that are not yet in
	// use there. Empty means Name.out and Name.err, with a number if there are such
	// files already.
	Stdout, Stderr string

	// Ready says when the container can be used. Nil means that it is healthy, if it
	// has a health check; otherwise that it has run for half a second, and that
	// something listens on each port that it publishes, for which it has three seconds
	// from its start. A Ready condition replaces all of these, unless the engine had to
	// restart the container: see wait.Steady.
	Ready wait.Condition

	// ExitCodes are the exit codes that do not fail the test, for
	// seatrial.RunToEnd, and for a container without Ready that ends at once under
	// seatrial.Run. Nil means only 0.
	ExitCodes []int

	// TimeLimit bounds the start, including pulling and becoming ready. Zero means
	// 2 minutes. A limit that reaches past the test's own deadline fails the test
	// at once.
	TimeLimit time.Duration
}

// Mount is something that a container sees at Target. Exactly one of Host, Volume
// and Tmpfs must be given.
type Mount struct {
	// Target is an absolute path in the container.
	Target string

	// Host is a directory or file of this machine: absolute, or relative to the
	// working directory, which in a Go test is the directory of the package. It
	// must exist. It is refused on an engine that does not have the files of this
	// machine, unless Copy is set.
	Host string

	// Copy mounts a copy of Host if the engine does not have the files of this
	// machine. The copy is a volume that is removed at the end of the test; what
	// the container writes there does not reach Host.
	Copy bool

	// Volume is the name of a volume on the engine: the Name of a volume of the
	// test, or any other that exists.
	Volume string

	// Tmpfs is a file system in memory, empty at each start.
	Tmpfs bool

	// Size bounds a Tmpfs, in bytes. Zero means half of the memory.
	Size int64

	// ReadOnly forbids the container to write to it.
	ReadOnly bool
}

// Endpoint is a container's place in a network.
type Endpoint struct {
	// Network is the name of a network on the engine: the Name of a network of the
	// test, or any other that exists.
	Network string

	// Aliases are the names by which others in that network find the container,
	// besides its own.
	Aliases []string
}

// Limits bounds what a container may use. Zero means no limit.
type Limits struct {
	Memory int64   // bytes; as much again may be swapped out if the machine has swap
	CPUs   float64 // 0.5 is half of one
	PIDs   int64   // processes and threads
}

// Healthcheck is how the engine checks the health of a container. A zero field
// means the image's value, or else Docker's: every 30 seconds, a time-out of 30
// seconds, unhealthy after 3 failures.
type Healthcheck struct {
	// Command is run in the container directly, Shell by the container's shell;
	// exit code 0 means healthy. Only one of the two may be given. Command cannot
	// be combined with Flags: docker create has no flag for it.
	Command []string
	Shell   string

	Interval    time.Duration
	Timeout     time.Duration
	StartPeriod time.Duration // in which failures do not count
	Retries     int

	// None disables the health check of the image.
	None bool
}
