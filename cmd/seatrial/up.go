// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

const upLong = `Starts the project of this directory as it is shipped, beside any number of other
copies, and waits until it is ready; or makes what runs of it what its files say now.
Host ports, container names and the like are made to fit, and nothing in the checkout
is written. Data stays. Then it prints where each port of the files is reached.

The project is found as docker compose finds it: -f, COMPOSE_FILE, or the compose.yaml
of this directory or the next one above it. With services, those are started, and
what they need. With -c FILE it is a stack, in the swarm that the engine manages.

The environment has the name of the checkout's directory with a few digits. It stays
for 8 hours after its last use, or what --for says; its volumes stay for 14 days more.
Ports are its own until then. Options are remembered for the next up, until --forget.

What .seatrial.yaml beside the Compose file says holds for every call, where its options
say nothing else: seatrial help init.

Directories of the checkout are mounted as they are: people edit there. A second
environment of one checkout (-n) shares them, unless it has --mounts copy.

`

const upEnd = `Only these variables reach the files: those given here, those of .env, and a few
harmless ones, like HOME and PATH. Values are not written down on the engine.

If it cannot be started, or is interrupted, what this call made is removed, and what
ran before stays. But where the container of before is gone already, the new one stays,
also if it does not run: mend the files, and call up again. What is known of a failure
is kept where the last line says.

Exit code: 0 it is ready, 1 it is not, or was refused, 2 wrong use; 128 and the number of
a signal that ended it.

Examples:
  seatrial up
  seatrial up --env TAG=3 --image example/orders:2=orders:dev
  seatrial up -f compose.yaml -f compose.dev.yaml --profile debug --for 3d
  seatrial up -n second --mounts copy`

// upFormats are the output formats of verbs that start an environment: jsonl includes all
// events on the way.
var upFormats = []string{"table", "json", "jsonl"}

type upFlags struct {
	projectFlags
	stay          string
	format        format
	detach        bool
	wait          bool
	build         bool
	noWait, dry   bool
	quiet, forget bool
	timeout       time.Duration
	waitTimeout   int
}

// composeUpElsewhere are flags of docker compose up that seatrial up does not have.
var composeUpElsewhere = map[string]string{
	"abort-on-container-exit":    "up waits until all is ready, and then lets go; seatrial logs -f follows",
	"abort-on-container-failure": "up waits until all is ready, and then lets go; seatrial logs -f follows",
	"exit-code-from":             "seatrial compose -- run SERVICE has the exit code of one",
	"always-recreate-deps":       "up recreates what changed",
	"attach":                     "seatrial logs -f SERVICE follows",
	"attach-dependencies":        "seatrial logs -f follows",
	"no-attach":                  "up attaches to none; seatrial logs -f SERVICE follows",
	"force-recreate":             "seatrial down, and up again, keeps the data",
	"menu":                       "up has none",
	"no-build":                   "an image is built when something went into it that was not there before",
	"no-color":                   "NO_COLOR=1 in the environment",
	"no-deps":                    "seatrial compose -- up --no-deps SERVICE",
	"no-log-prefix":              "seatrial logs --no-log-prefix",
	"no-recreate":                "seatrial start starts what was stopped, as it is",
	"no-start":                   "seatrial stop stops what was started",
	"pull":                       "seatrial compose -- pull",
	"quiet-build":                "-q",
	"quiet-pull":                 "-q",
	"remove-orphans":             "up always does",
	"renew-anon-volumes":         "seatrial down -v, and up again",
	"scale":                      "seatrial scale SERVICE=N changes how many containers it has",
	"timestamps":                 "seatrial logs -t",
	"watch":                      "directories of the checkout are mounted as they are",
	"yes":                        "up does not ask",
}

func upVerb() verb {
	f := &upFlags{}
	return verb{name: "up", also: []string{"create"}, usage: "[OPTIONS] [SERVICE]...", short: "start this checkout's environment, or update it", long: upLong + waysHelp + upEnd,
		options: f.define, elsewhere: composeUpElsewhere, run: f.run, complete: services}
}

func (f *upFlags) define(set *pflag.FlagSet) {
	f.defineProject(set)
	set.StringVarP(&f.name, "name", "n", "", "the `NAME` of the environment; by default SEATRIAL_NAME, then the checkout's directory with a few digits")
	set.StringVar(&f.stay, "for", "", "how long it stays after its last use: `8h`, 3d")
	set.BoolVar(&f.noWait, "no-wait", false, "do not wait until it is ready")
	set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "for how long to try, builds and pulls included")
	set.IntVar(&f.waitTimeout, "wait-timeout", 0, "the same, in `SECONDS`, as docker compose has it")
	set.BoolVar(&f.dry, "dry-run", false, "say what would be changed to run it, and start nothing")
	set.BoolVar(&f.forget, "forget", false, "forget the options of earlier calls")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on the way")
	f.format.define(set, upFormats...)
	set.BoolVarP(&f.detach, "detach", "d", false, "accepted, as docker compose has it: up always detaches")
	set.BoolVar(&f.wait, "wait", false, "accepted: up always waits")
	set.BoolVar(&f.build, "build", false, "accepted: up always builds what changed")
}

// check returns an error for wrong options, and fills in defaults.
func (f *upFlags) check(c *call) error {
	switch {
	case f.format.check() != nil:
		return f.format.check()
	case f.noWait && f.wait:
		return errors.New("--wait and --no-wait exclude each other")
	case f.waitTimeout < 0 || f.timeout <= 0:
		return errors.New("want a time to try that is above 0")
	}
	if f.waitTimeout > 0 {
		f.timeout = time.Duration(f.waitTimeout) * time.Second
	}
	if name := f.named(c); name != "" {
		if err := environment.CheckName(name); err != nil {
			return err
		}
	}
	if err := errors.Join(f.checkProject(c), f.checkFiles()); err != nil {
		return err
	}
	if f.stack && len(c.args) > 0 {
		return fmt.Errorf("service %q: a stack is deployed as a whole", c.args[0])
	}
	return nil
}

// parseStay reads how long an environment stays.
func parseStay(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	stay, err := parseAge(text)
	if err != nil || stay < time.Minute || stay > environment.StayMost {
		return 0, fmt.Errorf("--for %q: want a time from 1m to 30d", text)
	}
	return stay, nil
}

func (f *upFlags) run(ctx context.Context, c *call) int {
	if err := f.check(c); err != nil {
		return c.wrong("up", err)
	}
	stay, err := parseStay(f.stay)
	if err != nil {
		return c.wrong("up", err)
	}
	at, err := f.at(c)
	if err != nil {
		return c.failed("up", err)
	}
	if f.dry {
		return f.showPlan(ctx, c, at)
	}
	w := c.watch(f.quiet, f.format.name)
	f.tellShell(c, at, w.say)
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r, err := environment.Up(ctx, session.Standard, at, environment.Options{
		Name: f.named(c), Project: f.project, EnvFiles: f.options.EnvFiles, Stack: f.stack, Constraints: f.constraints, Services: c.args, Stay: stay,
		Copies: f.mounts == "copy" && !f.stack, InPlace: f.mounts == "keep" && f.given("mounts"), NoWait: f.noWait, Forget: f.forget, Events: w.Show,
		Report: environ.Map(c.environ)["SEATRIAL_REPORT"],
	}, w.say)
	return c.tellUp(ctx, "up", r, err, f.format.name, w)
}

// tellUp prints what was started and its addresses, or why it was not started.
func (c *call) tellUp(ctx context.Context, verb string, r *environment.Result, err error, format string, w watch) int {
	var e *engine.Engine
	if err == nil {
		e, err = session.Standard.Connect(ctx)
	}
	if err != nil {
		w.Close()
		w.last(failedEvent(err))
		return c.notReady(ctx, verb, err)
	}
	if r.Changes != nil {
		w.last(changedEvent{"changed", r.Changes.Created, r.Changes.Recreated, r.Changes.Removed})
	}
	if format != "jsonl" {
		for _, line := range changed(r.Changes) {
			w.say("%s", line)
		}
		w.say("environment %s is %s, and stays until %s without use", r.Name, r.State(), r.Until.Local().Format(time.DateTime))
	}
	w.Close()
	if format != "jsonl" {
		return c.printRows(ctx, verb, e, r.Named, format)
	}
	rows, err := shownOf(ctx, e, r.Named)
	if err == nil {
		w.last(struct {
			Event string `json:"event"`
			shownRows
		}{"up", rows})
		err = w.err()
	}
	if err != nil {
		return c.failed(verb, err)
	}
	return exitYes
}

// notReady reports why an environment is not ready, and returns the exit code: if a signal
// ended the start, that which a shell has for it.
func (c *call) notReady(ctx context.Context, verb string, err error) int {
	code := c.failed(verb, err)
	if signalled, ended := codeOfSignal(ctx); ended {
		return signalled
	}
	return code
}

// changedEvent reports the changes of an update, for programs.
type changedEvent struct {
	Event     string   `json:"event"`
	Created   []string `json:"created,omitempty"`
	Recreated []string `json:"recreated,omitempty"`
	Removed   []string `json:"removed,omitempty"`
}

// endedEvent reports why there is no environment, for programs.
type endedEvent struct {
	Event     string `json:"event"`
	Error     string `json:"error"`
	Artifacts string `json:"artifacts,omitempty"`
	Report    string `json:"report,omitempty"`
}

func failedEvent(err error) endedEvent {
	ended := endedEvent{Event: "failed", Error: err.Error()}
	var failed *environment.FailedError
	if errors.As(err, &failed) {
		ended.Artifacts, ended.Report = failed.Artifacts, failed.Report
	}
	return ended
}

// progress prints progress to stderr; if quiet, only warnings.
func (c *call) progress(quiet bool) session.Progress {
	return func(format string, args ...any) {
		if !quiet || strings.HasPrefix(format, "warning: ") {
			fmt.Fprintf(c.stderr, format+"\n", args...)
		}
	}
}

// changed describes the changes of an update.
func changed(c *compose.Changes) []string {
	if c == nil {
		return nil
	}
	var lines []string
	for _, part := range []struct {
		did   string
		names []string
	}{{"created", c.Created}, {"recreated", c.Recreated}, {"removed", c.Removed}} {
		if len(part.names) > 0 {
			lines = append(lines, part.did+" "+strings.Join(part.names, ", "))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "nothing has changed")
	}
	return lines
}

// showPlan prints the planned changes, without an engine.
func (f *upFlags) showPlan(ctx context.Context, c *call, at checkout.Place) int {
	format := map[string]string{"table": "text", "json": "json", "jsonl": "json"}[f.format.name]
	if format == "text" {
		c = c.forPeople(at)
	}
	plan, err := f.planAt(ctx, c, at)
	if err != nil {
		return c.failed("up", err)
	}
	return printPlan(c, plan, format)
}

var mention = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// tellShell warns of variables that the files use and the shell has, because they do not
// reach the files.
func (f *upFlags) tellShell(c *call, at checkout.Place, say func(string, ...any)) {
	shell, base := environ.Map(c.environ), tailor.BaseEnv(c.environ)
	p := f.project
	if !f.stack {
		p.Answers = answers.Beside(at.Files[0])
	}
	if all, _, err := answers.Resolve(p, nil); err == nil { // up reports an invalid file itself
		p = all
	}
	found := map[string]bool{}
	for _, file := range at.Files {
		content, err := os.ReadFile(file)
		if err != nil { // a directory
			for _, name := range checkout.FilesIn(file) {
				more, _ := os.ReadFile(name)
				content = append(content, more...)
			}
		}
		for _, m := range mention.FindAllStringSubmatch(string(content), -1) {
			_, set := shell[m[1]]
			_, given := p.Env[m[1]]
			_, harmless := base[m[1]]
			if set && !given && !harmless && m[1] != "PWD" && !strings.HasPrefix(m[1], "COMPOSE_") {
				found[m[1]] = true
			}
		}
	}
	if len(found) > 0 {
		all := slices.Sorted(maps.Keys(found))
		say("the files mention %s: what the shell has does not reach them\nhint: --env %s passes it on", strings.Join(all, ", "), strings.Join(all, " --env "))
	}
}
