// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/spec"
)

type onceFlags struct {
	which
	vars      []string
	user, dir string
	reads     bool
	timeout   time.Duration
}

func onceVerb() verb {
	f := &onceFlags{}
	return verb{name: "once", usage: "[OPTIONS] SERVICE [COMMAND [ARGUMENT]...]", short: "run a service once more, to its end", rest: true, complete: services,
		long: `Runs a service of the files, in a container of its own, to its end: with its own command,
or another one. What it depends on is left alone. It may be one of a profile that is off.
What it printed is printed when it has ended.

  seatrial once migrate
  seatrial once -e STEP=2 migrate /migrate status

In seatrial run it is on the environment of that. Exit code: the command's, or 1 there is
no such environment or service, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			f.define(set, true)
			set.StringArrayVarP(&f.vars, "env", "e", nil, "give a variable a value: `NAME=VALUE`; may be repeated")
			set.StringVarP(&f.user, "user", "u", "", "as this `USER`")
			set.StringVarP(&f.dir, "workdir", "w", "", "in this `DIR`ectory")
			set.BoolVarP(&f.reads, "interactive", "i", false, "give it what can be read on stdin")
			set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "how long it may take")
		},
		run: f.run}
}

func (f *onceFlags) run(ctx context.Context, c *call) int {
	if len(c.args) == 0 {
		return c.wrong("once", errors.New("want a SERVICE"))
	}
	if f.timeout <= 0 {
		return c.wrong("once", errors.New("--timeout must be above 0"))
	}
	x := spec.Exec{Command: c.args[1:], User: f.user, Dir: f.dir, Env: map[string]string{}}
	for code := range 256 { // any exit code of the command is passed on
		x.ExitCodes = append(x.ExitCodes, code)
	}
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return c.wrong("once", fmt.Errorf("-e %q: want NAME=VALUE", v))
		}
		x.Env[name] = value
	}
	if f.reads {
		text, err := io.ReadAll(c.stdin)
		if err != nil {
			return c.failed("once", err)
		}
		x.Stdin = string(text)
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	var result *report.Result
	code := c.attached(ctx, "once", &f.which, func(ctx context.Context, r *environment.Result) (err error) {
		result, err = r.Project.Run(ctx, c.args[0], x, c.progress(false))
		return err
	})
	if result == nil {
		return code
	}
	fmt.Fprint(c.stdout, result.Stdout)
	fmt.Fprint(c.stderr, result.Stderr)
	return result.ExitCode
}
