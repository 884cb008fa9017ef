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
	// for the compose.yaml in it, with its compose.override.yaml if there is one.
	Files []string

	// Dir is the project directory, to which the relative paths in the files
	// refer, and where an .env file is looked for. Empty means the directory of
	// the first file, as docker compose has it.
	Dir string

	// Env gives the variables that the files mention. Apart from these only
	// the project's own .env file and a short list of harmless variables
	// (HOME, PATH and their like) reach the files, whatever the tester's shell
	// has. A value here wins over one in .env.
	Env map[string]string

	// Profiles are the profiles to switch on.
	Profiles []string

	// Images replaces images that the files name, reference by reference:
	// {"example/orders:2": img.Ref}. References are compared in their full
	// form, so that app, app:latest and docker.io/library/app:latest are one.
	// A key that no service names is an error.
	Images map[string]string

	// CopyMounts gives containers copies of the host files and directories that
	// they mount, in volumes of the project, if the engine does not have the
	// files of this machine. What they write there is not written here. Without
	// it, such a project is refused on such an engine. Files of secrets and
	// configs are refused in any case.
	CopyMounts bool

	// Ready holds further conditions, by service. By itself every service that
	// has a health check is waited for until it is healthy, every other until
	// it runs, and a service that ends by itself must end with exit code 0.
	Ready map[string]wait.Condition

	// TimeLimit bounds the whole start, builds and pulls included. Zero means
	// 10 minutes. One that the test's own deadline leaves no room
	// for fails the test at once.
	TimeLimit time.Duration
}
