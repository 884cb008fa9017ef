// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/cireport"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/page"
)

func reportVerb() verb {
	var f reportFlags
	return verb{name: "report", usage: "[OPTIONS] DIR...", short: "make a page of what tests left", long: reportLong, options: f.define, run: f.report}
}

const reportLong = `Looks for artifact directories in and below the directories that are named, makes
report.html in each, and one page over all of them, which has the first line of
each failure. It needs no engine: a CI's downloaded artifacts will do. A secret
that is in a container's log is hidden if there is merged.log.

In a step of GitHub's, each failure is an annotation on stderr; if the environment
has GITHUB_STEP_SUMMARY, a summary in Markdown is added to the file that it names.

Exit code: 0 the pages are there, 1 they cannot be made, or there is no artifact
directory, 2 wrong use.`

type reportFlags struct{ out, junit string }

func (f *reportFlags) define(set *pflag.FlagSet) {
	set.StringVarP(&f.out, "output", "o", page.Name, "the `FILE` of the page over all tests")
	set.StringVar(&f.junit, "junit", "", "write the tests to this `FILE` as JUnit has them, with their pages attached")
}

func (f *reportFlags) report(_ context.Context, c *call) int {
	if len(c.args) == 0 {
		return c.wrong("report", errors.New("want a directory"))
	}
	if err := f.make(c); err != nil {
		fmt.Fprintf(c.stderr, "seatrial report: %v\n", err)
		return exitNo
	}
	fmt.Fprintln(c.stdout, f.out)
	return exitYes
}

func (f *reportFlags) make(c *call) error {
	var dirs []string
	for _, root := range c.args {
		found, err := page.All(root)
		if err != nil {
			return err
		}
		dirs = append(dirs, found...)
	}
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	if len(dirs) == 0 {
		return fmt.Errorf("no artifact directory in %s: one has timeline.txt or failure.txt", strings.Join(c.args, ", "))
	}
	made, err := page.MakeRun(dirs, f.out)
	if err == nil && f.junit != "" {
		err = page.Replace(f.junit, made.JUnit)
	}
	if err != nil {
		return err
	}
	variables := environ.Map(c.environ)
	for _, t := range made.Tests {
		if t.Failure != "" {
			cireport.Failure{Suite: "seatrial", Name: t.Test, Text: t.Failure}.Annotate(variables, c.stderr)
		}
	}
	if file := variables["GITHUB_STEP_SUMMARY"]; file != "" {
		summary, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err == nil {
			err = errors.Join(made.Markdown(summary), summary.Close())
		}
		if err != nil {
			return fmt.Errorf("writing the summary: %w", err)
		}
	}
	return nil
}
