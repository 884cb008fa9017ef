// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

var tailorCommand = command{
	synopsis: "[OPTIONS] [FILE | DIR]...",
	short:    "say what has to change so that copies of a project run isolated",
	long: `Reads Compose files, the current directory's by default, and prints what seatrial
would change, and why, so that copies of the project can run side by side on one
engine. Nothing is written, and no engine is needed.

A directory stands for the Compose file in it, with its override file.

  -f FILE                  a file; may be repeated, like further arguments
  --profile NAME           switch a profile on; may be repeated
  --env-file FILE          read FILE instead of .env; may be repeated
  --env NAME=VALUE         give a variable a value; may be repeated
  --image OLD=NEW          put image NEW where the files name OLD; may be repeated
  --project-directory DIR  what relative paths refer to; the first file's directory
                           by default
  --format FORMAT          text, json, or override: the file to pass last to
                           docker compose, empty if nothing has to change

Only these variables reach the files: those given here, those of .env, and a few
harmless ones, like HOME and PATH.

Exit code: 0 the project can run isolated, 1 it cannot (every problem is listed),
2 wrong use.`,
	run: runTailor,
}

func runTailor(ctx context.Context, c *call) int {
	p, o, format, err := tailorFlags(c)
	if errors.Is(err, flag.ErrHelp) {
		c.usage(c.stdout)
		return exitYes
	}
	if err != nil {
		fmt.Fprintf(c.stderr, "seatrial tailor: %v\nhint: seatrial help tailor\n", err)
		return exitUsage
	}
	plan, err := tailor.Compose(ctx, p, o)
	var refused *tailor.RefusedError
	switch {
	case err == nil:
		return printPlan(c, plan, format)
	case errors.As(err, &refused) && format == "json":
		printPlan(c, plan, format)
	case errors.Is(err, fs.ErrNotExist) && plan == nil && !isReadError(err):
		fmt.Fprintf(c.stderr, "seatrial tailor: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(c.stderr, "seatrial tailor: %v\n", err)
	return exitNo
}

// isReadError tells a file that can't be read from one that nobody has: the
// former is the project's fault, the latter the caller's.
func isReadError(err error) bool {
	var re *tailor.ReadError
	return errors.As(err, &re)
}

func tailorFlags(c *call) (p spec.Project, o tailor.Options, format string, err error) {
	p = spec.Project{Env: map[string]string{}, Images: map[string]string{}}
	o = tailor.Options{Base: tailor.BaseEnv(c.environ)}
	set := flag.NewFlagSet("tailor", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Func("f", "", appendTo(&p.Files))
	set.Func("file", "", appendTo(&p.Files))
	set.Func("profile", "", appendTo(&p.Profiles))
	set.Func("env-file", "", appendTo(&o.EnvFiles))
	set.Func("env", "", putInto(p.Env))
	set.Func("image", "", putInto(p.Images))
	set.StringVar(&p.Dir, "project-directory", "", "")
	set.StringVar(&format, "format", "text", "")
	for args := c.args; ; { // options may follow files
		if err := set.Parse(args); err != nil {
			return p, o, format, err
		}
		if set.NArg() == 0 {
			break
		}
		p.Files = append(p.Files, set.Arg(0))
		args = set.Args()[1:]
	}
	switch format {
	case "text", "json", "override":
	default:
		return p, o, format, fmt.Errorf("unknown format %q: want text, json or override", format)
	}
	if len(p.Files) == 0 {
		p.Files = []string{"."}
	}
	return p, o, format, nil
}

func appendTo(list *[]string) func(string) error {
	return func(v string) error {
		*list = append(*list, v)
		return nil
	}
}

func putInto(m map[string]string) func(string) error {
	return func(v string) error {
		// An image may have a digest, a variable no "=" in its name: the first
		// one divides.
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return errors.New("want NAME=VALUE")
		}
		m[name] = value
		return nil
	}
}

func printPlan(c *call, plan *tailor.Plan, format string) int {
	var err error
	switch format {
	case "json":
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(plan)
	case "override":
		_, err = c.stdout.Write(plan.Override())
	default:
		err = plan.WriteText(c.stdout)
	}
	if err != nil {
		fmt.Fprintf(c.stderr, "seatrial tailor: %v\n", err)
		return exitNo
	}
	return exitYes
}
