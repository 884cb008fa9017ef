// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

// attached does something with an environment that is up. Meanwhile it follows the
// services and counts as a user of the environment.
func (c *call) attached(ctx context.Context, verb string, w *which, do func(context.Context, *environment.Result) error) int {
	e, n, err := w.find(ctx, c)
	if err == nil {
		err = forKind(n, verb)
	}
	if err != nil {
		return c.failed(verb, err)
	}
	dir, err := artifact.Open("", verb, session.Run)
	if err != nil {
		return c.failed(verb, err)
	}
	defer dir.Discard()
	if err := sweep.MarkDir(dir.Path()); err != nil {
		return c.failed(verb, err)
	}
	r, err := environment.Attach(ctx, session.Standard, n, dir, c.progress(true))
	if err != nil {
		return c.failed(verb, err)
	}
	used, stop := context.WithCancel(ctx)
	defer stop()
	go touch(used, e, n)
	err = do(ctx, r)
	if left := r.Leave(ctx, session.Standard, 0, c.progress(true)); err == nil {
		err = left
	}
	if err != nil {
		return c.failed(verb, err)
	}
	return exitYes
}

// replicas returns the containers of a service, or only the one with a number.
func replicas(ctx context.Context, r *environment.Result, service string, index int) ([]*container.Container, error) {
	all, err := r.Replicas(ctx, service)
	if err != nil {
		return nil, err
	}
	return numbered(service, all, index)
}

// numbered returns the container with a number; 0 means all.
func numbered(service string, all []*container.Container, index int) ([]*container.Container, error) {
	switch {
	case index == 0:
		return all, nil
	case index > len(all):
		return nil, fmt.Errorf("service %s has %d containers, and no number %d", service, len(all), index)
	}
	return all[index-1 : index], nil
}

// eachOf does something with all containers of services.
func eachOf(ctx context.Context, r *environment.Result, services []string, do func(*container.Container) error) error {
	for _, service := range services {
		all, err := replicas(ctx, r, service, 0)
		if err != nil {
			return err
		}
		for _, c := range all {
			if err := do(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// noServices refuses a call that names no service.
func (c *call) noServices(verb string) (code int, wrong bool) {
	if len(c.args) > 0 && !strings.HasPrefix(c.args[0], "-") {
		return exitYes, false
	}
	return c.wrong(verb, fmt.Errorf("want a SERVICE")), true
}
