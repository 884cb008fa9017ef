// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// projectFlags are the options that name a project, and say how to run it.
type projectFlags struct {
	which
	tailorArgs
	vars   []string
	mounts string
	given  func(string) bool
}

func (f *projectFlags) defineProject(set *pflag.FlagSet) {
	f.defineFiles(set, "a Compose `FILE`; may be repeated", "what relative paths refer to: `DIR`")
	f.defineWays(set)
	set.BoolVar(&f.stack, "stack", false, "the files are those of a stack, for the swarm that the engine manages; -c FILE says so, too")
	set.StringArrayVar(&f.project.Profiles, "profile", nil, "switch on what has the profile `NAME`; may be repeated")
	set.StringArrayVar(&f.vars, "env", nil, "give a variable of the files a value: `NAME=VALUE`, or NAME for that of the shell; may be repeated")
	set.StringArrayVar(&f.options.EnvFiles, "env-file", nil, "read `FILE` instead of .env; may be repeated")
	f.given = set.Changed
	set.StringVar(&f.mounts, "mounts", "keep", "what containers get of directories of the checkout that they write to: `keep`, the directories themselves, or copy")
}

// checkProject returns an error for wrong options, and takes values from the shell.
func (f *projectFlags) checkProject(c *call) error {
	f.stack = f.stack || len(f.stackFiles) > 0
	if err := f.checkKinds(); err != nil {
		return err
	}
	if f.mounts != "keep" && f.mounts != "copy" {
		return fmt.Errorf("--mounts %q: want keep or copy", f.mounts)
	}
	if to := f.project.PortReferences; to != "" && to != "all" && to != "off" {
		return fmt.Errorf("--port-references %q: want all or off", to)
	}
	shell := environ.Map(c.environ)
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			if value, ok = shell[name]; !ok {
				return fmt.Errorf("--env %s: the shell has no such variable: want NAME=VALUE", name)
			}
		}
		if name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE", v)
		}
		if f.project.Env == nil {
			f.project.Env = map[string]string{}
		}
		f.project.Env[name] = value
	}
	return nil
}

// checkKinds returns an error for options that are not for a stack, or only for a stack.
func (f *projectFlags) checkKinds() error {
	if f.stack && f.mounts == "keep" && f.given("mounts") {
		return errors.New("--mounts keep is not for stacks: a task may run on any node, and gets a copy")
	}
	return f.checkKind()
}

// checkFiles returns an error if a stack has no files: as they may have any name, there
// is no default.
func (f *projectFlags) checkFiles() error {
	if f.stack && len(f.files)+len(f.stackFiles) == 0 {
		return errors.New("--stack: want the file of a stack: -c FILE")
	}
	return nil
}

// planAt plans the changes to the project of a place, without an engine. A refused
// project has a plan as well as the error; otherwise an error comes without a plan.
func (f *projectFlags) planAt(ctx context.Context, c *call, at checkout.Place) (planned, error) {
	if !f.stack {
		plan, err := f.planOf(ctx, c, at, answers.Beside(at.Files[0]))
		if plan == nil {
			return nil, err
		}
		return plan, err
	}
	f.options.Base = tailor.BaseEnv(c.environ)
	f.project.Files, f.project.Dir, f.project.StablePorts = at.Files, at.Dir, true
	return f.plan(ctx)
}

// planOf is planAt with a file of answers, or with none.
func (f *projectFlags) planOf(ctx context.Context, c *call, at checkout.Place, said string) (*tailor.Plan, error) {
	p := f.project
	p.Files, p.Dir, p.StablePorts, p.Answers = at.Files, at.Dir, true, said
	f.options.Base = tailor.BaseEnv(c.environ)
	var err error
	if p.StandIns, err = session.StandIns(p.StandIns); err != nil { // as up does
		return nil, err
	}
	plan, err := tailor.Compose(ctx, p, f.options)
	if plan != nil && f.mounts == "keep" {
		environment.InPlace(plan, at.Checkout)
	}
	return plan, err
}

func planVerb() verb {
	f := &projectFlags{}
	return verb{name: "plan", usage: "[OPTIONS]", short: "say what up would change to run this checkout's project", long: planLong + waysHelp + planEnd,
		options: func(set *pflag.FlagSet) {
			f.defineProject(set)
			set.StringVar(&f.format, "format", "text", "how to print it: `text`, diff, before and after, or json")
		},
		run: f.runPlan}
}

const planLong = `Says what seatrial up would change in the project of this directory, and why, with the
same options and .seatrial.yaml: it starts nothing, and needs no engine. So it does not
know of options that an earlier up was given and remembers, nor which ports are free.

`

const planEnd = `Exit code: 0 the project can run, 1 it cannot (every problem is listed, with what
settles it, but for those that depend on a variable which has no value yet), 2 wrong
use.

Examples:
  seatrial plan
  seatrial plan --isolate --allow docker-socket
  seatrial plan --format json | jq .findings`

func (f *projectFlags) runPlan(ctx context.Context, c *call) int {
	if code, wrong := c.noneButOptions("plan"); wrong {
		return code
	}
	if f.format != "text" && f.format != "diff" && f.format != "json" {
		return c.wrong("plan", fmt.Errorf("--format %q: want text, diff or json", f.format))
	}
	if err := errors.Join(f.checkProject(c), f.checkFiles()); err != nil {
		return c.wrong("plan", err)
	}
	at, err := f.at(c)
	if err != nil {
		return c.failed("plan", err)
	}
	if f.format != "json" {
		c = c.forPeople(at)
	}
	plan, err := f.planAt(ctx, c, at)
	var refused *tailor.RefusedError
	switch {
	case err == nil:
		return printPlan(c, plan, f.format)
	case f.format != "json":
	case errors.As(err, &refused) && plan != nil:
		printPlan(c, plan, f.format)
	default:
		printError(c, err)
	}
	return c.failed("plan", err)
}
