// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/child"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/condition"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/variables"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// exitEnvironment says that the command was not run, since its environment failed.
const exitEnvironment = 125

const runLong = `Starts the Compose project of this directory, beside any other copy of it, waits until
it is ready, runs the command, and removes all of it. The command is run without a
shell, here, with this terminal, and these variables: for each published port of each
service WEB_HOST, WEB_TCP_8080 and WEB_URL_8080, as seatrial env prints them;
SEATRIAL_NAME, by which seatrial exec, logs, port and the other verbs find the
environment; SEATRIAL_ARTIFACTS, a directory for files, which stays if the command
fails; SEATRIAL_ENV_FILE and SEATRIAL_JSON, files that have the addresses, too. In a
value of -e, {db:5432} is where port 5432 of service db is reached, {db.host:5432} and
{db.port:5432} are parts of that, and {web.url:8080} is a URL.

Containers get copies of directories of the checkout that they write to.

`

const runEnd = `An interrupt reaches the command; a second one ends it, and removes all at once.
SIGTERM is passed on, and what has not ended after --grace is killed. If seatrial itself
is killed, its watchdog ends the command and removes all.

Exit code: the command's, or 128 and the number of the signal that ended it; 125 the
environment failed, 126 the command cannot be run, 127 it is not there, 2 wrong use.

Examples:
  seatrial run -- pytest -n4
  seatrial run -e DATABASE_URL='postgres://u:p@{db:5432}/shop' -- npm test
  seatrial run --ready web=http:8080/health --keep failed:30m -- ./smoke.sh
  seatrial run --in feat-a-525d -- pytest -k login`

type runFlags struct {
	projectFlags
	in           string
	set          []string
	prefix       string
	ready        []string
	keep         string
	timeout      time.Duration
	grace        time.Duration
	quiet        bool
	failed, fine time.Duration // for how long it stays then
	given        func(string) bool
}

func runVerb() verb {
	f := &runFlags{}
	return verb{name: "run", usage: "[OPTIONS] -- COMMAND [ARGUMENT]...", short: "run a command, such as a test suite, on an environment of its own", rest: true,
		long: runLong + waysHelp + runEnd, options: f.define, run: f.run,
		elsewhere: map[string]string{
			"rm": "all is removed in the end", "detach": "seatrial up leaves an environment there", "entrypoint": "the command is run here; seatrial exec runs one in a container",
			"user": "the command is run here; seatrial exec -u", "workdir": "the command is run here; seatrial exec -w",
			"service-ports": "all ports are published", "no-deps": "seatrial compose -- run --no-deps",
		}}
}

func (f *runFlags) define(set *pflag.FlagSet) {
	f.defineProject(set)
	f.mounts = "copy"
	set.Lookup("mounts").DefValue = "copy"
	set.StringVar(&f.in, "in", "", "run it on the environment `NAME`, which is up, and stays")
	set.StringArrayVarP(&f.set, "command-env", "e", nil, "give a variable of the command a value, addresses in it: `NAME=VALUE`; may be repeated")
	set.StringVar(&f.prefix, "env-prefix", "", "what the names of addresses begin with: `TEXT`")
	set.StringArrayVar(&f.ready, "ready", nil, "what a service has to meet before: `SERVICE=CONDITION`, as web=http:8080/health, db=listening:5432, db=log:REGEXP, init=exit:0; may be repeated")
	set.StringVar(&f.keep, "keep", "", "leave the environment there: `failed`, if the command failed, or all; failed:30m is how long after its last use")
	set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "for how long to try to start it, builds and pulls included")
	set.DurationVar(&f.grace, "grace", 10*time.Second, "how long the command has to end after SIGTERM")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on the way")
	f.given = set.Changed
}

// check tells what is wrong with the options, and completes them.
func (f *runFlags) check(c *call) (err error) {
	switch {
	case len(c.args) == 0 || c.args[0] == "":
		return errors.New("want -- and a command")
	case f.timeout <= 0 || f.grace <= 0:
		return errors.New("want a --timeout and a --grace of more than nothing")
	}
	if f.in != "" {
		for _, name := range []string{"file", "project-directory", "profile", "env", "env-file", "mounts", "keep", "ready", "timeout"} {
			if f.given(name) {
				return fmt.Errorf("--in and --%s exclude each other: the environment is there", name)
			}
		}
	}
	for _, v := range f.set {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return fmt.Errorf("-e %q: want NAME=VALUE", v)
		}
	}
	if err := variables.CheckPrefix(f.prefix); err != nil {
		return fmt.Errorf("--env-prefix: %w", err)
	}
	if f.project.Ready, err = condition.ParseAll(f.ready); err != nil {
		return fmt.Errorf("--ready %w", err)
	}
	if f.failed, f.fine, err = session.ReadKeeping(f.keep); err != nil {
		return fmt.Errorf("--keep %w", err)
	}
	return f.checkProject(c)
}

func (f *runFlags) run(ctx context.Context, c *call) int {
	if err := f.check(c); err != nil {
		return c.wrong("run", err)
	}
	dir, err := openArtifacts(c)
	if err != nil {
		return f.environmentFailed(c, err)
	}
	code := exitEnvironment
	defer func() { c.closeArtifacts(dir, code != exitYes) }()
	if f.in != "" {
		e, n, err := (&which{name: f.in}).find(ctx, c)
		if err == nil && !n.IsUp() {
			err = fmt.Errorf("environment %s is down\nhint: seatrial up starts it", n.Name)
		}
		if err != nil {
			return f.environmentFailed(c, err)
		}
		code = f.command(ctx, c, e, n, dir)
		return code
	}
	r, err := f.start(ctx, c, dir)
	if err != nil {
		return f.environmentFailed(c, err)
	}
	e, err := session.Standard.Connect(ctx)
	if err == nil {
		code = f.command(ctx, c, e, r.Named, dir)
	}
	f.end(ctx, c, r, code)
	if err != nil {
		return f.environmentFailed(c, err)
	}
	return code
}

// environmentFailed says why the command is not run.
func (f *runFlags) environmentFailed(c *call, err error) int {
	var failed *environment.FailedError
	tried := errors.As(err, &failed)
	if tried {
		err = failed.Err // where the artifacts are is said at the end
	}
	if c.failed("run", err) == exitUsage && !tried {
		return exitUsage
	}
	return exitEnvironment
}

// start starts an environment for the command alone.
func (f *runFlags) start(ctx context.Context, c *call, dir *artifact.Dir) (*environment.Result, error) {
	at, err := f.at(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	return environment.Up(ctx, session.Standard, at, environment.Options{
		Name: environment.NewName(at), Project: f.project, EnvFiles: f.options.EnvFiles, Copies: f.mounts == "copy",
		Stay: environment.StayPassing, Passing: true, Artifacts: dir,
	}, c.progress(f.quiet))
}

// end removes the environment, or leaves it there. That of a command that failed is looked
// at before. What cannot be removed now is the watchdog's.
func (f *runFlags) end(ctx context.Context, c *call, r *environment.Result, code int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.EndLimit)
	defer cancel()
	stay := f.fine
	if code != exitYes {
		stay = f.failed
		if err := r.Evidence(ctx); err != nil {
			fmt.Fprintf(c.stderr, "warning: what there was to see is not complete: %v\n", err)
		}
	}
	if err := r.Leave(ctx, session.Standard, stay, c.progress(true)); err != nil {
		fmt.Fprintf(c.stderr, "warning: environment %s is not removed yet: %v\n", r.Name, err)
	} else if stay > 0 {
		fmt.Fprintf(c.stderr, "environment %s stays, for %v after its last use\nhint: seatrial down %s -v removes it\n", r.Name, stay, r.Name)
	}
}

// command runs the command on an environment, which is in use meanwhile.
func (f *runFlags) command(ctx context.Context, c *call, e *engine.Engine, n *environment.Named, dir *artifact.Dir) int {
	rows, err := n.Rows(ctx, e)
	var env []string
	if err == nil {
		env, err = f.environ(c, n, rows, dir)
	}
	if err != nil {
		return f.environmentFailed(c, err)
	}
	mark := watchdog.Mark(session.Run) // the watchdog ends what has it
	used, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go touch(used, e, n)
	code, err := child.Command{
		Args: c.args, Environ: append(env, mark), In: c.stdin, Out: c.stdout, Err: c.stderr, Grace: f.grace,
		Began: func(group int) { session.TellWatchdog(func(d *watchdog.Client) { d.Began(group) }) },
		Ended: func(group int) { session.TellWatchdog(func(d *watchdog.Client) { d.Ended(group) }) },
		Kill:  func() { endMarked(mark) },
	}.Run(ctx)
	switch {
	case err != nil && code == 0:
		return f.environmentFailed(c, fmt.Errorf("interrupted before the command was run: %w", err))
	case err != nil:
		fmt.Fprintf(c.stderr, "seatrial run: %v\n", err)
	}
	return code
}

// endMarked ends the processes of this session that have a variable.
func endMarked(mark string) {
	for _, pid := range process.WithVariable(mark, process.Session()) {
		if p, err := os.FindProcess(pid); err == nil && pid != os.Getpid() {
			_ = p.Kill()
		}
	}
}

// environ is the environment of the command: this one's, the addresses, and what -e says.
func (f *runFlags) environ(c *call, n *environment.Named, rows []environment.Row, dir *artifact.Dir) ([]string, error) {
	addresses := c.addresses(rows, f.prefix)
	all := environ.Map(c.environ)
	for _, v := range addresses {
		all[v.Name] = v.Value
	}
	for _, v := range f.set {
		name, value, _ := strings.Cut(v, "=")
		var err error
		all[name], err = variables.Expand(value, func(r variables.Reference) (string, int, error) {
			p, err := environment.Find(rows, r.Service, r.Number, r.Protocol, 1)
			return p.Address, p.Target, err
		})
		if err != nil {
			return nil, fmt.Errorf("-e %s: %w\nhint: --publish SERVICE=PORT publishes a port", name, err)
		}
	}
	ours := []variables.Variable{{Name: "SEATRIAL_NAME", Value: n.Name}, {Name: "SEATRIAL_ARTIFACTS", Value: dir.Path()}}
	for _, file := range []struct{ variable, name, format string }{{"SEATRIAL_ENV_FILE", "seatrial.env", "dotenv"}, {"SEATRIAL_JSON", "seatrial.json", "json"}} {
		text, err := variables.Format(append(slices.Clone(ours[:2]), addresses...), file.format)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir.Path(), file.name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
		ours = append(ours, variables.Variable{Name: file.variable, Value: path})
	}
	for _, v := range ours {
		all[v.Name] = v.Value
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list, nil
}

// openArtifacts makes the directory for files: where SEATRIAL_ARTIFACTS says, or a temporary
// one, as for a test.
func openArtifacts(c *call) (*artifact.Dir, error) {
	dir, err := artifact.Open(environ.Map(c.environ)["SEATRIAL_ARTIFACTS"], "run", session.Run)
	if err != nil || dir.Kept() {
		return dir, err
	}
	return dir, sweep.MarkDir(dir.Path())
}

// closeArtifacts leaves the directory there if there is something to see.
func (c *call) closeArtifacts(dir *artifact.Dir, failed bool) {
	if !failed && !dir.Kept() {
		_ = dir.Discard()
		return
	}
	_ = dir.Close()
	sweep.UnmarkDir(dir.Path())
	if os.Remove(dir.Path()) != nil && failed { // it is not empty
		fmt.Fprintf(c.stderr, "artifacts: %s\n", dir.Path())
	}
}
