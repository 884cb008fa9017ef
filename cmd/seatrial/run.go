// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/child"
	"github.com/seatrial/seatrial/internal/cireport"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/condition"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/variables"
)

// exitEnvironment is the exit code if the command was not run because its environment
// failed.
const exitEnvironment = 125

const runLong = `Starts the Compose project of this directory, or the stack of -c FILE, beside any other
copy of it, waits until it is ready, runs the command, and removes all of it. The
command is run without a shell, here, with this terminal, and these variables: for each
published port of each service WEB_HOST, WEB_TCP_8080 and WEB_URL_8080, as seatrial env
prints them; SEATRIAL_NAME, by which seatrial exec, logs, port and the other verbs find
the environment; SEATRIAL_ARTIFACTS, a directory for files, which stays if the command
fails; SEATRIAL_ENV_FILE and SEATRIAL_JSON, files that have the addresses, too. In a
value of -e, {db:5432} is where port 5432 of service db is reached, {db.host:5432} and
{db.port:5432} are parts of that, and {web.url:8080} is a URL.

Containers get copies of directories of the checkout that they write to.

With --shared it takes an environment that all such calls share, of the same files with
the same in them: the first one starts it, and it goes ten minutes after the last.

`

const runEnd = `An interrupt reaches the command; a second one ends it, and removes all at once.
SIGTERM is passed on, and what has not ended after --grace is killed. If seatrial itself
is killed, its watchdog ends the command and removes all.

If the command fails, it is said what became of services. What they logged, and a page
of it, report.html, stay in a directory, which the last line names. --junit puts it into the suite's own report, and
so do GitHub's annotations and summary where a step of theirs runs it.

Exit code: the command's, or 128 and the number of the signal that ended it, or that ended
the start of its environment; 125 the environment failed, 126 the command cannot be run,
127 it is not there, 2 wrong use.

Examples:
  seatrial run -- pytest -n4
  seatrial run -e DATABASE_URL='postgres://u:p@{db:5432}/shop' -- npm test
  seatrial run --ready web=http:8080/health --keep failed:30m -- ./smoke.sh
  seatrial run --junit out/report.xml -- pytest --junit-xml out/report.xml
  seatrial run --shared -- pytest -k login
  seatrial run --in feat-a-525d -- pytest -k login`

type runFlags struct {
	projectFlags
	in           string
	shared       bool
	set          []string
	prefix       string
	composeEnv   bool
	junit        string
	ready        []string
	keep         string
	timeout      time.Duration
	grace        time.Duration
	quiet        bool
	failed, fine time.Duration // how long the environment stays after a failure or a success
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
	set.BoolVar(&f.shared, "shared", false, "take one that all calls with --shared share which want the very same")
	set.StringArrayVarP(&f.set, "command-env", "e", nil, "give a variable of the command a value, addresses in it: `NAME=VALUE`; may be repeated")
	set.StringVar(&f.prefix, "env-prefix", "", "what the names of addresses begin with: `TEXT`")
	set.BoolVar(&f.composeEnv, "compose-env", false, "have plain docker compose work on it, too: COMPOSE_PROJECT_NAME, COMPOSE_FILE and the variables that the files need")
	set.StringVar(&f.junit, "junit", "", "add to the command's JUnit `FILE` why its environment failed")
	set.StringArrayVar(&f.ready, "ready", nil, "what a service has to meet before: `SERVICE=CONDITION`, as web=http:8080/health, db=listening:5432, db=log:REGEXP, db=exec:pg_isready, db=sql:postgres://u:p@db:5432/shop, init=exit:0; may be repeated")
	set.StringVar(&f.keep, "keep", "", "leave the environment there: `failed`, if the command failed, or all; failed:30m is how long after its last use")
	set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "for how long to try to start it, builds and pulls included")
	set.DurationVar(&f.grace, "grace", 10*time.Second, "how long the command has to end after SIGTERM")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on the way")
}

// check returns an error for wrong options, and fills in defaults.
func (f *runFlags) check(c *call) (err error) {
	switch {
	case len(c.args) == 0 || c.args[0] == "":
		return errors.New("want -- and a command")
	case f.timeout <= 0 || f.grace <= 0:
		return errors.New("want a --timeout and a --grace above 0")
	}
	if f.in != "" {
		for _, name := range []string{"shared", "file", "compose-file", "stack", "project-directory", "profile", "env", "env-file", "mounts", "keep", "ready", "timeout"} {
			if f.given(name) {
				return fmt.Errorf("--in and --%s exclude each other: the environment is there", name)
			}
		}
	}
	for _, pair := range [][2]string{{"shared", "keep"}, {"shared", "env-file"}, {"compose-env", "env-file"}} {
		if f.given(pair[0]) && f.given(pair[1]) {
			return fmt.Errorf("--%s and --%s exclude each other", pair[0], pair[1])
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
	if err := errors.Join(f.checkProject(c), f.checkFiles()); err != nil {
		return err
	}
	if f.composeEnv && f.stack {
		return errors.New("--compose-env is not for stacks: docker stack and docker service work on SEATRIAL_NAME")
	}
	return nil
}

func (f *runFlags) run(ctx context.Context, c *call) int {
	if err := f.check(c); err != nil {
		return c.wrong("run", err)
	}
	if code, err := child.Look(c.args[0]); err != nil { // before an environment is started for it
		fmt.Fprintf(c.stderr, "seatrial run: %v\n", err)
		f.report(c, err.Error(), cireport.Failure.WriteJUnit)
		return code
	}
	dir, err := openArtifacts(c)
	if err != nil {
		return f.environmentFailed(ctx, c, nil, err)
	}
	code := exitEnvironment
	defer func() { c.closeArtifacts(ctx, dir, code != exitYes) }()
	e, n, held, err := f.provide(ctx, c, dir)
	if err == nil {
		code = f.command(ctx, c, e, n, dir)
	}
	if err != nil { // the first thing that people read
		code = f.environmentFailed(ctx, c, dir, err)
	}
	if held != nil {
		f.end(ctx, c, held, dir, code, err == nil)
	}
	return code
}

// provide starts or finds the environment. The caller must end held, which is nil if this
// user can see only the addresses of the environment.
func (f *runFlags) provide(ctx context.Context, c *call, dir *artifact.Dir) (e *engine.Engine, n *environment.Named, held *environment.Result, err error) {
	if f.in != "" {
		e, n, err = (&which{name: f.in}).find(ctx, c)
		switch {
		case err != nil:
		case !n.IsUp():
			err = fmt.Errorf("environment %s is down\nhint: seatrial up starts it", n.Name)
		case n.IsMine():
			if held, err = environment.Attach(ctx, session.Standard, n, dir, c.progress(true)); err != nil {
				fmt.Fprintf(c.stderr, "warning: what its services log is not kept: %v\n", err)
				err = nil
			}
		}
		return e, n, held, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	if held, err = f.start(ctx, c, dir); err != nil {
		return nil, nil, nil, err
	}
	n = held.Named
	if f.shared {
		if held, err = environment.Attach(ctx, session.Standard, n, dir, c.progress(f.quiet)); err != nil {
			return nil, nil, nil, err
		}
		if err = held.Meets(ctx, f.project.Ready); err != nil {
			return nil, nil, held, fmt.Errorf("waiting for environment %s, which others started: %w\nhint: seatrial down %s -v has the next call start it anew", n.Name, err, n.Name)
		}
	}
	e, err = session.Standard.Connect(ctx)
	return e, n, held, err
}

// environmentFailed reports why the command is not run, writes it down if there is a directory,
// and returns the exit code: if a signal ended the start, that which it would have with a command
// that the signal ended.
func (f *runFlags) environmentFailed(ctx context.Context, c *call, dir *artifact.Dir, err error) int {
	var failed *environment.FailedError
	tried := errors.As(err, &failed)
	if tried {
		err = failed.Err // the path of the artifacts is printed at the end
	}
	var said strings.Builder
	one := *c
	one.stderr = io.MultiWriter(c.stderr, &said)
	if one.failed("run", err) == exitUsage && !tried {
		return exitUsage
	}
	why := strings.TrimPrefix(said.String(), "seatrial run: ")
	noteFailure(dir, why)
	f.report(c, why, cireport.Failure.WriteJUnit)
	if code, ended := codeOfSignal(ctx); ended {
		return code
	}
	return exitEnvironment
}

// noteFailure writes down why a run failed, unless there is nothing else to see in a
// directory that would not stay: then the terminal has it all.
func noteFailure(dir *artifact.Dir, why string) {
	if dir != nil && (dir.Kept() || !session.IsEmpty(dir.Path())) {
		_ = dir.AddFailure(why) // it is a copy of what is printed
	}
}

// report passes a failure to the CI system, and to the JUnit file.
func (f *runFlags) report(c *call, text string, junit func(cireport.Failure, string) error) {
	failure := cireport.Failure{Suite: "seatrial", Name: "environment", Text: text}
	err := failure.TellGitHub(environ.Map(c.environ), c.stderr)
	if f.junit != "" {
		err = errors.Join(err, junit(failure, f.junit))
	}
	if err != nil {
		fmt.Fprintf(c.stderr, "warning: the report is not complete: %v\n", err)
	}
}

// start starts an environment for this command only.
func (f *runFlags) start(ctx context.Context, c *call, dir *artifact.Dir) (*environment.Result, error) {
	at, err := f.at(c)
	if err != nil {
		return nil, err
	}
	w := c.watch(f.quiet, "")
	defer w.Close()
	return environment.Up(ctx, session.Standard, at, environment.Options{
		Name: environment.NewName(at), Project: f.project, EnvFiles: f.options.EnvFiles, Stack: f.stack, Constraints: f.constraints, Copies: f.mounts == "copy" && !f.stack,
		Stay: environment.StayPassing, Passing: !f.shared, Shared: f.shared, Artifacts: dir, Events: w.Show,
		Expect: func(rows []environment.Row) error { _, err := f.expand(rows); return err },
	}, w.say)
}

// end removes the environment, or leaves it for people or for others who share it. If the
// command ran and failed, it first saves evidence and reports the state of services. What
// cannot be removed now is left to the watchdog.
func (f *runFlags) end(ctx context.Context, c *call, r *environment.Result, dir *artifact.Dir, code int, ran bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.EndLimit)
	defer cancel()
	stay := f.fine
	if code != exitYes {
		stay = f.failed
		fates, err := r.Evidence(ctx)
		if !ran {
			fates = nil
		}
		for _, line := range fates {
			fmt.Fprintln(c.stderr, line)
		}
		if len(fates) > 0 {
			_ = dir.AddToFailure("The command failed.", session.WentWrong(fates)) // it is a copy, too
			f.report(c, strings.Join(fates, "\n"), cireport.Failure.AddToJUnit)
		}
		if err != nil {
			fmt.Fprintf(c.stderr, "warning: what there was to see is not complete: %v\n", err)
		}
	}
	if err := r.Leave(ctx, session.Standard, stay, c.progress(true)); err != nil {
		fmt.Fprintf(c.stderr, "warning: environment %s is not removed yet: %v\n", r.Name, err)
	} else if stay > 0 {
		fmt.Fprintf(c.stderr, "environment %s stays, for %v after its last use\nhint: seatrial down %s -v removes it\n", r.Name, stay, r.Name)
	}
}

// openArtifacts makes the artifact directory, below SEATRIAL_ARTIFACTS or as a temporary
// one, as for a test.
func openArtifacts(c *call) (*artifact.Dir, error) {
	dir, err := artifact.Open(environ.Map(c.environ)["SEATRIAL_ARTIFACTS"], "run", session.Run)
	if err != nil || dir.Kept() {
		return dir, err
	}
	return dir, sweep.MarkDir(dir.Path())
}

// closeArtifacts removes the directory after a success, unless it is one that stays,
// and always if it is empty. After a failure it completes what a failed test leaves, and
// prints the path if there are files.
func (c *call) closeArtifacts(ctx context.Context, dir *artifact.Dir, failed bool) {
	if !failed && !dir.Kept() {
		_ = dir.Discard()
		return
	}
	var incomplete error
	if dir.Failure() != "" {
		incomplete = c.about(ctx, dir)
	}
	made, err := session.Complete(dir, environ.Map(c.environ)["SEATRIAL_REPORT"], failed)
	if err = errors.Join(incomplete, err); err != nil {
		fmt.Fprintf(c.stderr, "warning: what there was to see is not complete: %v\n", err)
	}
	_ = dir.Close()
	sweep.UnmarkDir(dir.Path())
	if made != "" && failed {
		fmt.Fprintf(c.stderr, "report: %s\n", made)
	}
	if os.Remove(dir.Path()) != nil && failed { // it is not empty
		fmt.Fprintf(c.stderr, "artifacts: %s\n", dir.Path())
	}
}

// about writes down what was run, and on what.
func (c *call) about(ctx context.Context, dir *artifact.Dir) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.SaveLimit)
	defer cancel()
	e, _ := session.Standard.Connect(ctx) // if there is none, the failure says so
	return session.About(ctx, e, dir, [][2]string{{"test", "seatrial run -- " + shellLine(c.args)}})
}
