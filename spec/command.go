// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Command asks for a docker command, or another program, to be run on this machine.
// Either Args or Program must be given, all else is optional.
//
// Its environment holds what docker needs to work as it does for the user (PATH,
// HOME, proxies and their like), the engine of the verb, and Env: nothing else from
// the environment of the test.
type Command struct {
	// Args are the arguments of docker, or of Program: {"volume", "ls"}. No shell
	// interprets them. Unlike Exec.Command and Container.Command they do not begin
	// with the program.
	Args []string

	// Program is run in place of docker: a name that is looked for in PATH, or a
	// path, which may be relative to the working directory. It finds the engine as
	// docker does: by DOCKER_HOST or DOCKER_CONTEXT and the variables that go with
	// them.
	Program string

	// Name is the command's name in messages, and that of its files. Empty means
	// its first words: "docker volume ls".
	Name string

	// Env adds to the environment. Variables that lead docker to another engine are
	// refused; use the verbs of seatrial.On instead.
	Env map[string]string

	// Dir is its working directory. Empty means that of the test, which in a Go
	// test is the directory of the package.
	Dir string

	// Stdin is its standard input. Empty means none.
	Stdin string

	// Stdout and Stderr name the files in the test's artifact directory into
	// which the two streams go: plain file names that are not yet in use there.
	// Empty means Name.out and Name.err, with a number if there are such files
	// already.
	Stdout, Stderr string

	// Secrets are values that seatrial hides from now on in everything that it
	// prints and writes for this test: [hidden] replaces them in the log, in errors,
	// in the time line, in the state of containers, and in the output files of
	// commands, builds and Compose. Logs of containers are not changed, nor is what
	// the verb returns. A secret must have four characters or more. Pass it in Stdin
	// or Env: other users of this machine can read the arguments of a command.
	Secrets []string

	// ExitCodes are the exit codes that do not fail the test. Nil means only 0.
	ExitCodes []int

	// TimeLimit is how long the command may run, in the background too. After that
	// it gets SIGTERM, and SIGKILL three seconds later. Zero means 10 minutes, or
	// until the test must be over. A limit that reaches past the test's own
	// deadline fails the test at once.
	TimeLimit time.Duration
}
