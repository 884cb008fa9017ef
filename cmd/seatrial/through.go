// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
)

// through runs docker compose on an environment, in this terminal, and returns its exit
// code. The environment counts as in use meanwhile. It must have the services.
func (c *call) through(ctx context.Context, verb string, w *which, args []string, services ...string) int {
	e, n, err := w.find(ctx, c)
	if err == nil && !n.IsUp() {
		err = fmt.Errorf("environment %s is down\nhint: seatrial up starts it", n.Name)
	}
	if err == nil && n.IsNewer() {
		err = fmt.Errorf("environment %s was made by a newer seatrial", n.Name)
	}
	if err == nil && n.Library && verb == "compose" { // it may change something, and the files are not here
		err = n.MayChange("seatrial exec, logs and ps work on it")
	}
	if err == nil {
		err = forKind(n, verb)
	}
	if err == nil {
		err = n.Knows(services...)
	}
	if err != nil {
		return c.failed(verb, err)
	}
	if n.Stack {
		return c.throughStack(ctx, verb, e, n, args)
	}
	m, err := environment.Recall(ctx, session.Standard, n)
	if err != nil {
		fmt.Fprintf(c.stderr, "seatrial %s: %v\n", verb, err)
	}
	if m == nil && verb == "compose" && !n.IsMine() {
		return c.failed(verb, fmt.Errorf("environment %s belongs to another user, who has its files", n.Name))
	}
	if m == nil && verb == "compose" {
		return c.failed(verb, fmt.Errorf("this machine does not know which files environment %s was started with\nhint: seatrial up, with these files, records them", n.Name))
	}
	command := engine.Command{Verb: "compose", Args: []string{"compose", "--project-name", n.Project()}, Dir: "/"}
	if m != nil && len(m.Args) > 0 {
		command.Args, command.Env, command.Dir = plain(m.Args), m.Environ, m.Dir
	}
	command.Args = append(command.Args, args...)
	command.In, command.Out, command.Err = c.stdin, c.stdout, c.stderr
	used, stop := context.WithCancel(ctx)
	defer stop()
	go touch(used, e, n)
	code, err := e.Foreground(ctx, command)
	if err != nil {
		return c.failed(verb, err)
	}
	return code
}

// plain returns the arguments for docker compose, which finds out itself what the
// terminal can show.
func plain(args []string) []string {
	var all []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--ansi" || args[i] == "--progress" {
			i++
			continue
		}
		all = append(all, args[i])
	}
	return all
}

// touch records at intervals that an environment is in use. What tests share has no time to
// stay: it goes by who uses it.
func touch(ctx context.Context, e *engine.Engine, n *environment.Named) {
	for n.Stay > 0 && ctx.Err() == nil {
		_ = n.Touch(ctx, e) // a failure does no harm: the environment stays for a while anyway
		select {
		case <-ctx.Done():
		case <-time.After(n.Stay / 8):
		}
	}
}

// passed collects flags that are passed on to docker compose.
type passed struct {
	set  *pflag.FlagSet
	args []string
}

func (p *passed) bool(name, short, usage string) {
	p.set.BoolFuncP(name, short, usage, func(value string) error {
		p.args = append(p.args, "--"+name+"="+value)
		return nil
	})
}

func (p *passed) text(name, short, usage string) {
	p.set.FuncP(name, short, usage, func(value string) error {
		p.args = append(p.args, "--"+name, value)
		return nil
	})
}

// number defines a flag for a number from 1 on.
func (p *passed) number(name, usage string) {
	p.set.Func(name, usage, func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < 1 {
			return errors.New("want a number from 1 on")
		}
		p.args = append(p.args, "--"+name, value)
		return nil
	})
}

// lines defines a flag for a number of lines.
func (p *passed) lines(name, short, usage string) {
	p.set.FuncP(name, short, usage, func(value string) error {
		if n, err := strconv.Atoi(value); value != "all" && (err != nil || n < 0) {
			return errors.New("want a number of lines, or all")
		}
		p.args = append(p.args, "--"+name, value)
		return nil
	})
}

func logsVerb() verb {
	w, p := &which{}, &passed{}
	return verb{name: "logs", usage: "[OPTIONS] [SERVICE]...", short: "show what services logged", complete: services,
		long: "Shows what the services of an environment logged, as docker compose logs does, with its\noptions. While it follows, the environment is in use. Exit code: docker compose's, or\n1 there is no such environment, 2 wrong use.",
		options: func(set *pflag.FlagSet) {
			p.set = set
			set.StringVar(&w.name, "name", "", "the environment `NAME`; by default SEATRIAL_NAME, then that of this checkout")
			p.bool("follow", "f", "go on with what is logged from now on")
			p.lines("tail", "n", "the last `LINES` of each container")
			p.bool("timestamps", "t", "with times")
			p.text("since", "", "from a `TIME` on, or 10m")
			p.text("until", "", "up to a `TIME`")
			p.bool("no-color", "", "without colours")
			p.bool("no-log-prefix", "", "without names")
			p.number("index", "the `NUMBER` of the container, if there are several")
		},
		run: func(ctx context.Context, c *call) int {
			return c.through(ctx, "logs", w, append(append([]string{"logs"}, p.args...), c.args...), c.args...)
		}}
}

func execVerb() verb {
	w, p := &which{}, &passed{}
	return verb{name: "exec", usage: "[OPTIONS] SERVICE COMMAND [ARGUMENT]...", short: "run a command in a service's container", rest: true, complete: services,
		long: "Runs a command in a running container, as docker compose exec does, with its options.\nMeanwhile the environment is in use. Exit code: the command's, or 1 there is no such\nenvironment or service, 2 wrong use.",
		options: func(set *pflag.FlagSet) {
			p.set = set
			w.define(set, true)
			set.Lookup("file").Shorthand = "f"
			p.bool("detach", "d", "in the background")
			p.text("env", "e", "give a variable a value: `NAME=VALUE`; may be repeated")
			p.number("index", "the `NUMBER` of the container, if there are several")
			p.bool("no-tty", "T", "without a terminal")
			p.bool("privileged", "", "with all privileges")
			p.text("user", "u", "as this `USER`")
			p.text("workdir", "w", "in this `DIR`ectory")
		},
		run: func(ctx context.Context, c *call) int {
			if len(c.args) < 2 {
				return c.wrong("exec", errors.New("want SERVICE and COMMAND"))
			}
			return c.through(ctx, "exec", w, append(append([]string{"exec"}, p.args...), c.args...), c.args[0])
		}}
}

func composeVerb() verb {
	w := &which{}
	return verb{name: "compose", usage: "[OPTIONS] -- ARGUMENTS...", short: "run a docker compose command on an environment", rest: true,
		long: `Runs docker compose with the files, the variables and the name with which the
environment runs. Its options come after --. What docker compose changes there, up does
not know: the next one makes it again what the files say.

  seatrial compose -- top
  seatrial compose -n feat-a-525d -- run --rm web sh

Exit code: docker compose's, or 1 there is no such environment, 2 wrong use.`,
		options: func(set *pflag.FlagSet) { w.define(set, true) },
		run: func(ctx context.Context, c *call) int {
			if len(c.args) == 0 {
				return c.wrong("compose", errors.New("want -- and what docker compose is to do"))
			}
			for _, arg := range c.args {
				if !strings.HasPrefix(arg, "-") {
					break
				}
				if name, _, _ := strings.Cut(arg, "="); name == "-p" || name == "--project-name" {
					return c.wrong("compose", fmt.Errorf("%s: the project is that of the environment: -n names one", name))
				}
			}
			return c.through(ctx, "compose", w, c.args)
		}}
}
