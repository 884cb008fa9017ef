// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor"
)

func tailorVerb() verb {
	a := &tailorArgs{}
	return verb{name: "tailor", usage: "[OPTIONS] [FILE | DIR]...", short: "say what has to change so that copies of a project run isolated",
		long: tailorLong, options: a.define, run: a.run}
}

// waysHelp describes the options that answer refusals, by a replacement or by accepting
// them.
const waysHelp = `What to put in the place of what is there; all may be repeated:
  --image OLD=NEW          an image that the files, or their Dockerfiles, name
  --stand-in OLD=NEW       the same, if they name it
  --network NAME=          an external network: one for each copy. NAME=NAME shares
                           it, NAME=OTHER takes another
  --volume NAME=           the same for an external volume
  --secret NAME=FILE       the content of an external secret
  --config NAME=FILE       and of a config
  --constraint OLD=NEW     a placement constraint of a stack; OLD= drops it
  --path PATH=DIR          a path of the machine. PATH= makes an empty volume for
                           each copy, PATH=PATH shares it
  --build-context CONTEXT=DIR  the directory to build from
  --dockerfile CONTEXT=NAME  the Dockerfile in it
  --build-file CONTEXT=FILE  a further file in it
  --build-arg CONTEXT=NAME=VALUE  a build argument
  --replace OLD=NEW        any text in the files

What to accept; all but the preset may be repeated:
  --keep-port NUMBER       publish a host port under its own number
  --publish SERVICE=PORT   publish a port that the files keep private
  --port NUMBER            expect these host ports in the files, and no others
  --port-references MODE   rewrite localhost:PORT in settings where that is safe (the
                           default), in all of them (all), or nowhere (off)
  --allow NAME             what a refusal is called: docker-socket, host-network
  --lock NAME              the same, and copies wait for each other
  --isolate                settle what can be settled without harm

`

const tailorLong = `Reads Compose files, the current directory's by default, and prints what seatrial
would change, and why, so that copies of the project can run side by side on one
engine. Nothing is written, and no engine is needed.

A directory stands for the Compose file in it, with its override file. With --stack
the files are those of a swarm stack, as docker stack deploy takes them. What
.seatrial.yaml beside the first Compose file says counts where the options say nothing
else; it is not for stacks.

What to read:
  -f FILE, -c FILE         a file; may be repeated, like further arguments
  --stack                  the files are for docker stack deploy: no profiles, no
                           env files, no directories
  --profile NAME           switch a profile on; may be repeated
  --env-file FILE          read FILE instead of .env; may be repeated
  --env NAME=VALUE         give a variable a value; may be repeated
  --project-directory DIR  what relative paths refer to; the first file's directory
                           by default

` + waysHelp + `Of this verb alone:
  --build CONTEXT=DIR      the same as --build-context
  --stable-ports           lease all host ports, so that they outlive a restart

What to print:
  --format FORMAT          text, json, diff (before and after), or override: the file
                           to pass last to docker compose, with the same files,
                           profiles and variables, empty if nothing has to change.
                           For a stack document: what docker stack deploy is to read
                           from its standard input

An override leaves to the engine what seatrial would lease, and containers write to
the directories of the checkout: standard error says where. It cannot say what a
Dockerfile builds on, nor replace text, nor bring further files of a build: that is
refused. What is no part of a diff or document is on standard error: directories to be
copied, locks, and, of a document, images to build on.

Only these variables reach the files: those given here, those of .env, and a few
harmless ones, like HOME and PATH.

Exit code: 0 the project can run isolated, 1 it cannot (every problem is listed,
with what settles it, but for those that depend on a variable which has no value
yet), 2 wrong use: a file that is not there, an option that matches nothing, or
that no override can express. An equals sign in OLD, NAME or PATH has a backslash before it.

Examples:
  seatrial tailor                                the project in this directory
  seatrial tailor --isolate deploy/compose.yaml  with the preset
  seatrial tailor -f compose.yaml -f compose.prod.yaml --profile debug
  seatrial tailor --network proxy= --allow docker-socket compose.yaml
  seatrial tailor --format json . | jq .findings
  seatrial tailor --stack -c stack.yaml -c prod.yaml --network proxy=`

func (a *tailorArgs) run(ctx context.Context, c *call) int {
	if err := a.complete(c); err != nil {
		return c.wrong("tailor", err)
	}
	plan, err := a.plan(ctx)
	var refused *tailor.RefusedError
	switch {
	case err == nil:
		return printPlan(c, plan, a.format)
	case errors.As(err, &refused):
		if a.format == "json" {
			printPlan(c, plan, a.format)
		}
		fmt.Fprintf(c.stderr, "seatrial tailor: %s\n%s", refused.CommandText(), paste(refused))
		if wrongUse(refused) {
			return exitUsage
		}
		return exitNo
	}
	if a.format == "json" {
		printError(c, err)
	}
	fmt.Fprintf(c.stderr, "seatrial tailor: %v\n", err)
	if errors.Is(err, fs.ErrNotExist) && !isReadError(err) {
		return exitUsage
	}
	return exitNo
}

// wrongUse reports whether a refusal is about the options, so that the project
// itself may be fine. The contents of .seatrial.yaml belong to the project.
func wrongUse(refused *tailor.RefusedError) bool {
	return slices.ContainsFunc(refused.Findings, func(f tailor.Finding) bool { return f.OfSpec() && f.File == "" })
}

// printError writes an error as JSON instead of a plan, for programs.
func printError(c *call, err error) {
	out := struct {
		Version int    `json:"version"`
		Error   string `json:"error"`
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
	}{Version: jsonVersion, Error: err.Error()}
	if re := (*tailor.ReadError)(nil); errors.As(err, &re) {
		out.File, out.Line = re.File, re.Line
	}
	_ = printJSON(c.stdout, out) // the error is on standard error, too
}

// paste returns lines that answer refusals, ready to be pasted.
func paste(refused *tailor.RefusedError) string {
	fields := refused.Spec()
	if fields == "" {
		return ""
	}
	return "\nlook at these, and add them to the spec:\n    " + strings.ReplaceAll(strings.TrimSpace(fields), "\n", "\n    ") +
		"\nor to this command:\n    " + strings.Join(refused.Flags(), " ") + "\n"
}

// isReadError reports whether a file exists but cannot be read: that is the
// project's fault, a missing file the caller's.
func isReadError(err error) bool {
	var re *tailor.ReadError
	return errors.As(err, &re)
}

// planned is a plan, of a project or of a stack.
type planned interface {
	CommandText() string
	Diff() string
	Beside() []string
	BesideDiff() []string
}

// versioned is a plan in JSON: its fields after the version of all.
func versioned(plan planned) any {
	if p, ok := plan.(*tailor.StackPlan); ok {
		return struct {
			Version         int    `json:"version"`
			DocumentVersion string `json:"documentVersion,omitempty"` // the Compose file version that its document needs
			*tailor.StackPlan
		}{jsonVersion, p.Version, p}
	}
	return struct {
		Version int `json:"version"`
		*tailor.Plan
	}{jsonVersion, plan.(*tailor.Plan)}
}

func printPlan(c *call, plan planned, format string) int {
	var err error
	switch format {
	case "json":
		err = printJSON(c.stdout, versioned(plan))
	case "override":
		override := plan.(*tailor.Plan)
		_, err = c.stdout.Write(override.Override())
		for _, f := range override.Told() {
			if f.Severity == tailor.Warning {
				fmt.Fprintln(c.stderr, f.CommandString())
			}
		}
	case "document":
		_, err = c.stdout.Write(plan.(*tailor.StackPlan).Document())
		printBeside(c, plan.Beside(), format)
	case "diff":
		_, err = fmt.Fprint(c.stdout, plan.Diff())
		printBeside(c, plan.BesideDiff(), format)
	default:
		_, err = io.WriteString(c.stdout, plan.CommandText())
	}
	if err != nil {
		fmt.Fprintf(c.stderr, "seatrial tailor: %v\n", err)
		return exitNo
	}
	return exitYes
}

// printBeside prints the parts of the plan that the format does not show, to standard
// error.
func printBeside(c *call, lines []string, format string) {
	for _, line := range lines {
		fmt.Fprintf(c.stderr, "not in the %s: %s\n", format, line)
	}
}
