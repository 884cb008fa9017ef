// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Command asks for a docker command, or another program, to be run on this
// machine. Only Args, or Program, must be given.
//
// Its environment holds what docker needs to work as it does for the user (PATH,
// HOME, proxies and their like), the engine of the verb, and Env: nothing else of
// the tester's shell.
type Command struct {
	// Args are what follows the word docker, or the Program: {"volume", "ls"}.
	// There is no shell about it.
	Args []string

	// Program is run in place of docker: a name that is looked for in PATH, or a
	// path, which may be relative to the working directory. It finds the engine where docker
	// does: in DOCKER_HOST, or DOCKER_CONTEXT, with their companions.
	Program string

	// Name is what messages call it, and its files. Empty means its first words:
	// "docker volume ls".
	Name string

	// Env adds to the environment. Variables that lead docker to another engine
	// are refused: seatrial.On has the verbs on that.
	Env map[string]string

	// Dir is where it works. Empty means the working directory, which in a Go
	// test is the directory of the package.
	Dir string

	// Stdin is what it can read. Empty means nothing.
	Stdin string

	// Stdout and Stderr name the files in the test's artifact directory into
	// which the two streams go: plain file names, that no other file there has.
	// Empty means Name.out and Name.err, with a number if there are such files
	// already.
	Stdout, Stderr string

	// Secrets are values that seatrial hides from now on in what it says and
	// writes for this test: [hidden] stands in their place in the log, in errors, in
	// the time line, in what the engine knew of containers, and in the files into
	// which commands, builds and Compose print. The logs of containers are left as
	// they are, and so is what the verb returns. A secret has four characters or
	// more. On a command line others can read it: it is safe in Stdin, and in Env.
	Secrets []string

	// ExitCodes are those that are no failure. Nil means 0 alone.
	ExitCodes []int

	// TimeLimit bounds it, in the background too: with SIGTERM, and after three
	// seconds SIGKILL. Zero means 10 minutes, or until the test must be over. One
	// that the test's own deadline leaves no room for fails the test at once.
	TimeLimit time.Duration
}
