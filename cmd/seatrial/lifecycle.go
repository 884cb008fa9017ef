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

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/environment"
)

// An action is a verb on services of an environment that is up.
type action struct {
	which
	timeout time.Duration
	signal  string
}

// actOn makes such a verb. If all is set, the verb means all services when none is named.
func actOn(name, short, long string, all bool, elsewhere map[string]string, do func(ctx context.Context, f *action, r *environment.Result, services []string) error) verb {
	f := &action{}
	usage := "[OPTIONS] SERVICE..."
	if all {
		usage = "[OPTIONS] [SERVICE]..."
	}
	return verb{name: name, usage: usage, short: short, complete: services, elsewhere: elsewhere,
		long: long + "\n\nIn seatrial run it is on the environment of that. Exit code: 0 done, 1 it is not, or there\nis no such environment or service, 2 wrong use.",
		options: func(set *pflag.FlagSet) {
			f.define(set, true)
			set.DurationVar(&f.timeout, "timeout", compose.UpLimit, "for how long to try")
			if name == "kill" {
				set.StringVarP(&f.signal, "signal", "s", "", "send this `SIGNAL`; by default SIGKILL")
			}
		},
		run: func(ctx context.Context, c *call) int {
			if !all {
				if code, wrong := c.noServices(name); wrong {
					return code
				}
			}
			if f.timeout <= 0 {
				return c.wrong(name, errors.New("--timeout must be above 0"))
			}
			ctx, cancel := context.WithTimeout(ctx, f.timeout)
			defer cancel()
			return c.attached(ctx, name, &f.which, func(ctx context.Context, r *environment.Result) error { return do(ctx, f, r, c.args) })
		}}
}

func stopVerb() verb {
	return actOn("stop", "stop services, and leave them there", "Stops services, or all of them, with the signals and in the time that the files say.", true,
		nil,
		func(ctx context.Context, _ *action, r *environment.Result, services []string) error {
			return r.Project.Services().Stop(ctx, services)
		})
}

func startVerb() verb {
	return actOn("start", "start services that were stopped, and wait until they are ready", "Starts services that were stopped, or all of them, and waits until they are ready. Ports of\nthe files stay the same.", true,
		map[string]string{"wait": "start always waits", "wait-timeout": "--timeout"},
		func(ctx context.Context, _ *action, r *environment.Result, services []string) error {
			return r.Project.Services().Start(ctx, services)
		})
}

func restartVerb() verb {
	return actOn("restart", "stop services, start them, and wait until they are ready", "Stops services, or all of them, starts them again, and waits until they are ready.", true,
		map[string]string{"no-deps": "what depends on a service is left alone"},
		func(ctx context.Context, _ *action, r *environment.Result, services []string) error {
			return r.Restart(ctx, services)
		})
}

func killVerb() verb {
	return actOn("kill", "send services a signal", "Sends all containers of services a signal, and does not wait for what they make of it.", false,
		map[string]string{"remove-orphans": "up removes them"},
		func(ctx context.Context, f *action, r *environment.Result, services []string) error {
			return eachOf(ctx, r, services, func(c *container.Container) error { return c.Life().Kill(ctx, f.signal) })
		})
}

func pauseVerb() verb {
	return actOn("pause", "freeze services", "Freezes all processes of services. Their ports accept connections still, and nobody\nanswers.", false, nil,
		func(ctx context.Context, _ *action, r *environment.Result, services []string) error {
			return eachOf(ctx, r, services, func(c *container.Container) error { return c.Life().Pause(ctx) })
		})
}

func unpauseVerb() verb {
	return actOn("unpause", "let services go on that were frozen", "Lets the processes of services go on that were frozen.", false, nil,
		func(ctx context.Context, _ *action, r *environment.Result, services []string) error {
			return eachOf(ctx, r, services, func(c *container.Container) error { return c.Life().Unpause(ctx) })
		})
}

func scaleVerb() verb {
	v := actOn("scale", "change how many containers services have, and wait until they are ready", "Changes how many containers services have, and waits until those are ready. One of which\na host port is the environment's own can have one alone: the files must name its port\nwithout one of the host. The next up makes it again as many as the files say.", false,
		map[string]string{"no-deps": "what services depend on is left alone"},
		func(ctx context.Context, _ *action, r *environment.Result, pairs []string) error {
			for _, pair := range pairs {
				service, number, _ := strings.Cut(pair, "=")
				n, _ := strconv.Atoi(number) // its syntax is checked already
				if err := r.Scale(ctx, service, n); err != nil {
					return err
				}
			}
			return nil
		})
	v.usage = "[OPTIONS] SERVICE=NUMBER..."
	act := v.run
	v.run = func(ctx context.Context, c *call) int {
		for _, pair := range c.args {
			service, number, _ := strings.Cut(pair, "=")
			if n, err := strconv.Atoi(number); service == "" || err != nil || n < 0 {
				return c.wrong("scale", fmt.Errorf("%q: want SERVICE=NUMBER", pair))
			}
		}
		return act(ctx, c)
	}
	return v
}
