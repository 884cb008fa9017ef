// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
)

type updateFlags struct {
	projectFlags
	timeout       time.Duration
	quiet, forget bool
}

const updateLong = `Makes of what runs in an environment what other files say, or other images: the next
version, with the data of this one. What is not given again is as it was, unless --forget is
said. Its ports stay the same. It says what was created, recreated and removed. From then
on up, too, is of those files; -f . leads back to those that are found in this directory.

`

const updateEnd = `In seatrial run it is on the environment of that. Exit code: 0 it is ready, 1 it is not,
was refused, or there is no such environment, 2 wrong use; 128 and the number of a signal
that ended it.

Examples:
  seatrial update -f compose.next.yaml
  seatrial update --image example/shop:2=shop:next`

func updateVerb() verb {
	f := &updateFlags{}
	return verb{name: "update", usage: "[OPTIONS]", short: "make an environment what other files or images say, with its data", long: updateLong + waysHelp + updateEnd,
		options: func(set *pflag.FlagSet) {
			f.defineProject(set)
			set.StringVarP(&f.name, "name", "n", "", "the environment `NAME`; by default SEATRIAL_NAME, then that of this checkout")
			set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "for how long to try, builds and pulls included")
			set.BoolVar(&f.forget, "forget", false, "forget the options of earlier calls")
			set.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on the way")
		},
		run: f.run}
}

func (f *updateFlags) run(ctx context.Context, c *call) int {
	if code, wrong := c.noneButOptions("update"); wrong {
		return code
	}
	if f.timeout <= 0 {
		return c.wrong("update", errors.New("--timeout must be above 0"))
	}
	if err := f.checkProject(c); err != nil {
		return c.wrong("update", err)
	}
	_, n, err := (&which{name: f.name}).find(ctx, c)
	if err == nil && n.Library {
		err = n.MayChange("seatrial up starts an environment of this checkout, which update changes")
	}
	if err != nil {
		return c.failed("update", err)
	}
	if n.Stack {
		f.stack = true
		if err := f.checkKinds(); err != nil {
			return c.wrong("update", err)
		}
	}
	files := f.which
	if len(files.files)+len(files.stackFiles) == 0 && files.dir == "" {
		files.files, files.dir = n.Files, n.Dir
	}
	at, err := files.at(c)
	if err != nil {
		return c.failed("update", err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	w := c.watch(f.quiet, "")
	r, err := environment.Up(ctx, session.Standard, at, environment.Options{
		Name: n.Name, Project: f.project, EnvFiles: f.options.EnvFiles, Stack: f.stack, Constraints: f.constraints, Copies: f.mounts == "copy" && !f.stack, Other: true, Forget: f.forget, Events: w.Show,
	}, w.say)
	if err != nil {
		w.Close()
		return c.notReady(ctx, "update", err)
	}
	for _, line := range changed(r.Changes) {
		w.say("%s", line)
	}
	w.Close()
	return exitYes
}
