// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environment"
)

// Verbs that do not exist for services of a swarm, with what to use instead.
var notForStacks = map[string]string{
	"stop":        "seatrial scale SERVICE=0 ends the tasks of a service",
	"start":       "seatrial scale SERVICE=NUMBER has tasks started",
	"once":        "seatrial exec runs a command in a task; what is to run once is a job of the files (mode: replicated-job)",
	"env --write": "docker stack and docker service know the stack by the name of the environment",
	"compose":     "docker stack and docker service know the stack by the name of the environment",
}

// forKind refuses a verb that an environment of this kind does not have.
func forKind(n *environment.Named, verb string) error {
	if instead := notForStacks[verb]; n.Stack && instead != "" {
		return fmt.Errorf("environment %s is a stack, which has no %s\nhint: %s", n.Name, verb, instead)
	}
	if verb == "secret" && !n.Stack {
		return fmt.Errorf("environment %s is a Compose project, and secrets are made in a swarm\nhint: up and update --secret NAME=FILE give a project its secrets", n.Name)
	}
	return nil
}

// throughStack runs a docker command on a stack, in this terminal, and returns its exit
// code. The environment counts as in use meanwhile. The arguments are those of docker
// compose.
func (c *call) throughStack(ctx context.Context, verb string, e *engine.Engine, n *environment.Named, args []string) int {
	used, stop := context.WithCancel(ctx)
	defer stop()
	go touch(used, e, n)
	o, rest, err := forDocker(args[1:])
	if err != nil {
		return c.failed(verb, err)
	}
	do := c.logsOfStack
	if verb == "exec" {
		do = c.execInStack
	}
	code, err := do(ctx, e, n, o, rest)
	if err != nil {
		return c.failed(verb, err)
	}
	return code
}

// composeFlags are flags of docker compose, translated to those of docker for services
// and containers.
type composeFlags struct {
	all      []string
	index    int
	noTTY    bool
	noPrefix bool
}

func forDocker(args []string) (o composeFlags, rest []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		name, value, is := strings.Cut(args[0], "=")
		if !is && len(args) == 1 {
			break
		}
		switch name {
		case "--no-tty":
			o.noTTY = value == "true"
		case "--no-log-prefix":
			o.noPrefix = value == "true"
		case "--no-color": // the output of docker service logs has no colour
		case "--index":
			o.index, _ = strconv.Atoi(args[1]) // checked before
		case "--until":
			return o, nil, errors.New("--until is not for stacks: docker service logs has none")
		default:
			o.all = append(o.all, args[0])
			if !is {
				o.all = append(o.all, args[1])
			}
		}
		args = args[1:]
		if !is {
			args = args[1:]
		}
	}
	return o, args, nil
}

// execInStack runs a command in the container of a task, which must be on this engine.
func (c *call) execInStack(ctx context.Context, e *engine.Engine, n *environment.Named, o composeFlags, args []string) (int, error) {
	if len(args) < 2 {
		return 0, errors.New("want SERVICE and COMMAND")
	}
	rows, err := n.Rows(ctx, e)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(rows, func(r environment.Row) bool { return r.Service == args[0] && r.Number == max(o.index, 1) })
	if i < 0 || rows[i].State != "running" {
		return 0, fmt.Errorf("no task %d of service %s runs", max(o.index, 1), args[0])
	}
	if _, err := e.Inspect(ctx, rows[i].ID); engine.IsNotFound(err) {
		return 0, fmt.Errorf("task %d of service %s runs on another node\nhint: DOCKER_HOST of that node, and docker exec %s", rows[i].Number, args[0], rows[i].ID[:12])
	} else if err != nil {
		return 0, err
	}
	command := []string{"exec"}
	if !slices.Contains(o.all, "--detach=true") {
		command = append(command, "--interactive")
		if file, is := c.stdin.(*os.File); is && !o.noTTY && term.IsTerminal(int(file.Fd())) {
			command = append(command, "--tty")
		}
	}
	command = append(append(append(command, o.all...), rows[i].ID), args[1:]...)
	return e.Foreground(ctx, engine.Command{Verb: "exec", Args: command, Dir: "/", In: c.stdin, Out: c.stdout, Err: c.stderr})
}

// logsOfStack shows the logs of several services; docker service logs takes only one.
func (c *call) logsOfStack(ctx context.Context, e *engine.Engine, n *environment.Named, o composeFlags, services []string) (int, error) {
	if o.index > 0 {
		return 0, errors.New("--index is not for logs of stacks: docker service logs shows all tasks of a service")
	}
	if len(services) == 0 {
		services = n.ServiceNames()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var writing sync.Mutex
	codes, errs := make([]int, len(services)), make([]error, len(services))
	var running sync.WaitGroup
	for i, service := range services {
		running.Go(func() {
			out := &taskLines{to: c.stdout, mu: &writing, stack: n.Name + "_", bare: o.noPrefix}
			said := &taskLines{to: c.stderr, mu: &writing, stack: n.Name + "_", bare: o.noPrefix}
			args := append(append([]string{"service", "logs", "--no-task-ids"}, o.all...), n.Name+"_"+service)
			codes[i], errs[i] = e.Foreground(ctx, engine.Command{Verb: "service", Args: args, Dir: "/", Out: out, Err: said})
			out.flush()
			said.flush()
		})
	}
	running.Wait()
	return slices.Max(codes), cmp.Or(errs...)
}

// taskLines writes lines of docker service logs, with the tasks named after the services in
// the files: web.1 | text. Messages of docker itself have no task.
type taskLines struct {
	to    io.Writer
	mu    *sync.Mutex
	stack string
	bare  bool // without names
	rest  []byte
}

func (w *taskLines) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if err := w.line(string(line)); err != nil {
			return 0, err
		}
		w.rest = rest
	}
}

func (w *taskLines) flush() {
	if len(w.rest) > 0 {
		_ = w.line(string(w.rest))
	}
	w.rest = nil
}

func (w *taskLines) line(line string) error {
	if name, text, is := strings.Cut(line, "| "); is || strings.HasSuffix(line, "|") {
		when, task, found := strings.Cut(name, w.stack)
		task, _, at := strings.Cut(task, "@")
		switch {
		case !found || !at:
		case w.bare:
			line = when + text
		default:
			line = when + task + "  | " + text
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := io.WriteString(w.to, line+"\n")
	return err
}
