// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/cliplugin"
	"github.com/seatrial/seatrial/internal/timelimit"
)

// A Command is a call of the docker command.
type Command struct {
	Args    []string
	Verb    string // what messages call it; empty means its first words
	Program string // is run in place of docker
	Alone   bool   // what it started and left, in its process group, ends with it
	Started func() // if it is not nil, it is called when the command runs
	Dir     string
	Env     []string // KEY=value; added to a clean environment, but not against this engine
	In      io.Reader
	Out     io.Writer // stdout; nil throws it away
	Err     io.Writer // stderr
}

// A CommandError says that a docker command ended with another exit code than 0.
type CommandError struct {
	Verb     string   // what to call it
	ExitCode int      // -1 if a signal ended it
	Ended    string   // how it ended, in words: "exit status 1", "signal: killed"
	Stderr   []string // its last lines
}

func (e *CommandError) Error() string {
	last := ""
	for _, line := range slices.Backward(e.Stderr) {
		if line = strings.TrimSpace(line); line != "" && !IsUsage(line) {
			last = line
			break
		}
	}
	if last == "" {
		return fmt.Sprintf("docker %s ended with %s", e.Verb, e.Ended)
	}
	if e.ExitCode < 0 {
		return fmt.Sprintf("docker %s ended with %s, after it said: %s", e.Verb, e.Ended, last)
	}
	return fmt.Sprintf("docker %s: %s", e.Verb, last)
}

// IsUsage reports whether a line is what the docker command says after an error
// about its flags.
func IsUsage(line string) bool {
	return strings.HasPrefix(line, "Usage:") || strings.HasPrefix(line, "Run 'docker ") || strings.HasPrefix(line, "See 'docker ")
}

// A CutOffError says that a docker command was ended because time was up.
type CutOffError struct {
	Verb     string        // what to call it
	Within   time.Duration // what it was allowed to take, if that is why
	ExitCode int           // -1 if a signal ended it, or it never ran
	Err      error         // of the context
}

func (e *CutOffError) Unwrap() error { return e.Err }

func (e *CutOffError) Error() string {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		text := fmt.Sprintf("docker %s did not end within %v", e.Verb, e.Within)
		var bound interface{ Limit() string } // which knows who set it
		if errors.As(e.Err, &bound) {
			text += " (" + bound.Limit() + ")"
		}
		return text
	}
	return fmt.Sprintf("docker %s was ended: %v", e.Verb, e.Err)
}

func (c Command) verb() string { return cmp.Or(c.Verb, Verb(c.Args)) }

// Verb is what a reader calls a command: its words up to the first flag.
func Verb(args []string) string {
	n := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if n < 0 || n > 2 {
		n = min(len(args), 2)
	}
	return strings.Join(args[:n], " ")
}

// commands run the docker command on the engine.
type commands struct {
	*connection
	caller   Caller
	compose  func() (string, error) // the version of docker compose
	command  func() (int, error)    // the first number of the docker command's
	versions pluginVersions
}

func newCommands(c *connection, caller Caller) *commands {
	e := &commands{connection: c, caller: caller}
	e.compose = sync.OnceValues(e.composeVersion)
	e.command = sync.OnceValues(e.commandMajor)
	return e
}

// A Caller is who uses an engine. What runs on its behalf shows whose it is.
type Caller struct {
	Mark string                 // KEY=value in the environment of every command; may be empty
	Dir  func() (string, error) // makes a directory that goes with the process; nil: any temporary one

	// Began and Ended are told the process group of each docker command; nil is
	// nobody.
	Began, Ended func(group int)
}

// Mark puts a variable into the environment of every docker command from now
// on, by which the commands of a dead process are found.
func (e *commands) Mark(variable string) { e.caller.Mark = variable }

// A command that was asked to end by SIGTERM is killed after this time.
const killAfter = 3 * time.Second

// Docker runs a docker command on this engine, to its end: the error is a
// [*CommandError] if it fails. If ctx ends first, so does the command, and the
// error is a [*CutOffError].
func (e *commands) Docker(ctx context.Context, c Command) error {
	program, plugin := c.program()
	cmd := exec.CommandContext(ctx, program, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(append(e.Environ(), c.Env...), e.own()...) // of two, the last counts
	if plugin {
		cmd.Env = append(cmd.Env, cliplugin.Variable+"=docker")
	}
	if e.ssh != nil {
		cmd.Env = e.ssh.sharing(cmd.Env)
	}
	cmd.Stdin, cmd.Stdout = c.In, c.Out
	tail := new(tailWriter)
	cmd.Stderr = tail
	if c.Err != nil {
		cmd.Stderr = io.MultiWriter(c.Err, tail)
	}
	ownGroup(cmd) // plugins run as children of the docker command
	cmd.WaitDelay = killAfter
	began := time.Now()
	err := e.caller.run(cmd, c.Started)
	if ctx.Err() != nil || c.Alone {
		endGroup(cmd)
	}
	switch {
	case ctx.Err() != nil:
		return &CutOffError{Verb: c.verb(), Within: timelimit.Given(ctx, began), ExitCode: cmd.ProcessState.ExitCode(), Err: context.Cause(ctx)}
	case errors.Is(err, exec.ErrWaitDelay) && c.Alone: // what it left held its output
		return nil
	case errors.Is(err, exec.ErrNotFound) && c.Program == "":
		return fmt.Errorf("%w\n    hint: builds, pulls and Compose projects need the docker command: https://docs.docker.com/engine/install/", err)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &CommandError{Verb: c.verb(), ExitCode: exit.ExitCode(), Ended: exit.String(), Stderr: tail.lines()}
	}
	return err
}

// program is what runs a command: mostly docker. Of its plugins compose and buildx it takes a
// tenth of a second to learn what they are, each time, so they are run without it.
func (c Command) program() (name string, plugin bool) {
	if c.Program != "" {
		return c.Program, false
	}
	if len(c.Args) > 0 && (c.Args[0] == "compose" || c.Args[0] == "buildx") {
		if dir, err := configDir(); err == nil {
			if name, ok := cliplugin.Find("docker", dir, c.Args[0]); ok {
				return name, true
			}
		}
	}
	return "docker", false
}

// commandMajor asks for the first number of the docker command's version. The
// engine remembers it for the process.
func (e *commands) commandMajor() (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	if err := e.Docker(ctx, Command{Args: []string{"--version"}, Out: &out}); err != nil {
		return 0, err
	}
	var major int
	_, text, _ := strings.Cut(out.String(), "version ")
	if _, err := fmt.Sscanf(text, "%d.", &major); err != nil {
		return 0, fmt.Errorf("reading the version of the docker command: %q has none", strings.TrimSpace(out.String()))
	}
	return major, nil
}

// run runs a command that is the first of a process group.
func (c Caller) run(cmd *exec.Cmd, started func()) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	group := cmd.Process.Pid
	if c.Began != nil {
		c.Began(group)
	}
	if started != nil {
		started()
	}
	err := cmd.Wait()
	if c.Ended != nil {
		c.Ended(group)
	}
	return err
}

// Variables that the docker command and its plugins need to work as they do for
// the user. COMPOSE_* are not among them: they would change what is run.
var passed = []string{
	"HOME", "PATH", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
	"DOCKER_CONFIG", "DOCKER_API_VERSION", "KRB5CCNAME", // a ticket is a key for ssh
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
	"SystemRoot", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "TEMP", "TMP",
}

// Environ returns the clean environment of every docker command: what the
// command needs, this engine, and nothing else of the tester's shell.
func (e *commands) Environ() []string {
	return append(Environ(e.caller), e.own()...)
}

// Environ returns the environment of any command, on whatever engine.
func Environ(c Caller) []string {
	var env []string
	for _, key := range passed {
		if value, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+value)
		}
	}
	if os.Getenv("DOCKER_CONFIG") != "" {
		if dir, err := configDir(); err == nil { // commands work in other directories
			env = append(env, "DOCKER_CONFIG="+dir)
		}
	}
	if c.Mark != "" {
		env = append(env, c.Mark)
	}
	return env
}

// own is what nobody can override: it is this engine, and our command.
func (e *commands) own() []string {
	env := append(e.at.environ(),
		// The engine's own builder. The user's current one may be a container
		// that neither sees local images nor leaves what it builds in the engine.
		// It has its context's name, and default is that of DOCKER_HOST.
		"BUILDX_BUILDER="+cmp.Or(e.at.context, "default"),
		// With attestations a cached build has another id each time.
		"BUILDX_NO_DEFAULT_ATTESTATIONS=1",
		// No advertisements between the lines that people read.
		"DOCKER_CLI_HINTS=false")
	if e.caller.Mark != "" {
		env = append(env, e.caller.Mark)
	}
	return env
}
