// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/condition"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

type waitFlags struct {
	which
	conditions []string // KIND:REST, as package condition reads them
	index      int
	timeout    time.Duration
}

func waitVerb() verb {
	f := &waitFlags{}
	return verb{name: "wait", usage: "[OPTIONS] SERVICE", short: "wait until a service is as a test needs it", complete: services,
		long: `Waits until all containers of a service meet all conditions; without one, until they
are up and healthy. A wait ends as soon as a condition can no longer come to hold, and
says why: the exit code of the container, what it logged last, or what was seen instead.
A log is looked at from its beginning.

  seatrial wait web --http /health
  seatrial wait db --log 'ready to accept connections' --listening 5432
  seatrial wait migrate --exit 0 --timeout 2m
  seatrial wait db --sql 'postgres://shop:secret@db:5432/shop SELECT 1 FROM orders'
  seatrial wait cache --exec 'redis-cli ping'

In seatrial run it is on the environment of that. Exit code: 0 it is so, 1 it is not, or
there is no such environment, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			f.which.define(set, true)
			for _, kind := range []struct{ name, usage string }{
				{"http", "a GET of `[PORT]/PATH` answers with 200 to 299; a service that publishes one port alone needs none"},
				{"https", "the same over TLS: `[PORT]/PATH`"},
				{"listening", "something listens on `PORT`; 53/udp is one of UDP"},
				{"log", "a line of the log matches a `REGEXP`"},
				{"exec", "a `COMMAND` in it, without a shell, ends with exit code 0: 'pg_isready -q'"},
				{"sql", "a database answers, and a statement succeeds, if one follows: `'URL [STATEMENT]'`, as the services of the project would write it; postgres:// or mysql://"},
				{"exit", "it ends with this `CODE`"},
			} {
				set.Func(kind.name, kind.usage, func(value string) error {
					f.conditions = append(f.conditions, kind.name+":"+value)
					return nil
				})
			}
			set.BoolFunc("healthy", "its health check says healthy", func(string) error {
				f.conditions = append(f.conditions, "healthy")
				return nil
			})
			set.IntVar(&f.index, "index", 0, "the `NUMBER` of one container; by default all")
			set.DurationVar(&f.timeout, "timeout", container.RunLimit, "for how long")
		},
		elsewhere: map[string]string{"down-project": "seatrial down"},
		run:       f.run}
}

func (f *waitFlags) run(ctx context.Context, c *call) int {
	switch parted := func(text string) bool { return strings.HasPrefix(text, "sql:") || strings.HasPrefix(text, "exec:") }; {
	case len(c.args) > 1 && slices.ContainsFunc(f.conditions, parted):
		return c.wrong("wait", fmt.Errorf("want one SERVICE, not %d\nhint: --sql and --exec have one argument each: --sql 'URL STATEMENT', --exec 'COMMAND ARGUMENT'", len(c.args)))
	case len(c.args) != 1:
		return c.wrong("wait", fmt.Errorf("want one SERVICE, not %d", len(c.args)))
	case f.timeout <= 0 || f.index < 0:
		return c.wrong("wait", errors.New("--timeout must be above 0, and --index at least 1"))
	}
	for _, text := range f.conditions { // with any port: mistakes are reported before an engine is needed
		if _, err := condition.Parse(withPort(text, 1)); err != nil {
			return c.wrong("wait", err)
		}
	}
	return c.attached(ctx, "wait", &f.which, func(ctx context.Context, r *environment.Result) error {
		// It is for the wait: to find the environment may take a while on a busy machine.
		ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, &report.Bound{Name: fmt.Sprintf("--timeout %v", f.timeout), For: f.timeout})
		defer cancel()
		return r.Await(ctx, c.args[0], func(all []*container.Container) error {
			all, err := numbered(c.args[0], all, f.index)
			if err != nil {
				return err
			}
			wanted, err := f.wanted(r, c.args[0])
			if err != nil {
				return err
			}
			return parallel.First(all, func(c *container.Container) error {
				return c.WaitError(wait.Until(ctx, c.Target(), wanted))
			})
		})
	})
}

// wanted joins all conditions of the options.
func (f *waitFlags) wanted(r *environment.Result, service string) (wait.Condition, error) {
	var all []wait.Condition
	for _, text := range f.conditions {
		if withPort(text, 1) != text {
			port, err := r.OnlyPort(service, "tcp")
			if err != nil {
				return nil, err
			}
			text = withPort(text, port)
		}
		one, err := condition.Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	switch len(all) {
	case 0:
		return wait.Ready(), nil
	case 1:
		return all[0], nil
	}
	return wait.All(all...), nil
}

// withPort gives a condition a port that has none.
func withPort(text string, port int) string {
	for _, kind := range []string{"http:", "https:"} {
		if path, ok := strings.CutPrefix(text, kind); ok && strings.HasPrefix(path, "/") {
			return kind + strconv.Itoa(port) + path
		}
	}
	return text
}
