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

	// User and Dir replace those of the image, unless empty.
	User string
	Dir  string

	// Ports are the TCP ports that the server in the container listens on and
	// that the test wants to reach. Each is published on a free port of the
	// host, on 127.0.0.1; ask the handle for it.
	Ports []int

	// Ready says when the container can be used. Nil means: healthy if the
	// image has a health check, started otherwise. A container that is ready
	// by Ready is not also waited for until it is healthy.
	Ready wait.Condition

	// TimeLimit bounds the start, pulling and getting ready included. Zero
	// means 2 minutes. One that the test's own deadline leaves no room
	// for fails the test at once.
	TimeLimit time.Duration
}
