// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
)

var errCommon = errors.New("it stays as it is, since other processes may share it\n    hint: Up starts one of the test's own")

func (p *Project) isEnded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// these returns the services that are named, or, if none is, all that have
// containers.
func (p *Project) these(services []string) ([]string, error) {
	there := map[string]bool{}
	for _, c := range p.All() {
		if at := p.place(c); at.number > 0 {
			there[at.service] = true
		}
	}
	names := slices.Sorted(maps.Keys(there))
	var wrong report.Problems
	for _, s := range services {
		if !there[s] {
			wrong.Add("service %q has no container; there are %s", s, report.List(names))
		}
	}
	if len(services) > 0 {
		names = services
	}
	return names, wrong.Joined()
}

// of returns the containers of services.
func (p *Project) of(services []string) []*container.Container {
	var all []*container.Container
	for _, s := range services {
		all = append(all, p.replicas(s)...)
	}
	return all
}

// touch says that containers may have changed; events say the same, a moment later.
func touch(all []*container.Container) {
	for _, c := range all {
		c.Follower.Touch()
	}
}

func (r *revision) startServices(ctx context.Context, services []string) error {
	names, err := r.p.these(services)
	if err != nil {
		return err
	}
	err = r.compose(ctx, "start", names...)
	all := r.p.of(names)
	touch(all)
	if err != nil {
		return r.findCause(ctx, err)
	}
	return r.ready(ctx, all)
}

func (r *revision) canScale(service string, replicas int) error {
	if replicas < 0 {
		return fmt.Errorf("%d is no number of containers", replicas)
	}
	for _, s := range r.plan.Services {
		if s.Name != service {
			continue
		}
		for _, port := range s.Ports {
			if replicas > 1 && (port.Variable != "" || port.Kept) {
				return fmt.Errorf("its host port %d is fixed or leased, and several containers cannot share it", port.Published)
			}
		}
		return nil
	}
	return r.unknown(service)
}

// unknown says why there is nothing of a service.
func (r *revision) unknown(service string) error {
	if profiles := r.plan.Off[service]; len(profiles) > 0 {
		return fmt.Errorf("the service is off\n    hint: AddProfiles(t, %q) switches it on", profiles[0])
	}
	return fmt.Errorf("there is no such service; there are %s", planned.Names(r.plan))
}

// scales are the arguments of docker compose up that say so again. It takes none of
// services that it is not told to start.
func (r *revision) scales(started []string) []string {
	var args []string
	for _, service := range slices.Sorted(maps.Keys(r.p.scaled)) {
		if slices.Contains(started, service) {
			args = append(args, "--scale", service+"="+strconv.Itoa(r.p.scaled[service]))
		}
	}
	return args
}

// Replicas returns the containers of a service, in the order of their numbers: there is at
// least one.
func (p *Project) Replicas(name string) ([]*container.Container, error) {
	found := p.replicas(name)
	if len(found) > 0 {
		return found, nil
	}
	e := p.current()
	if len(e.plan.Off[name]) > 0 {
		return nil, fmt.Errorf("looking up service %q of %s: %w", name, p.files(), e.unknown(name))
	}
	return nil, fmt.Errorf("looking up service %q of %s: no container; there are services %s", name, p.files(), planned.Names(e.plan))
}

// acts does something with the project. One verb at a time changes a project.
func (p *Project) acts(ctx context.Context, doing string, do func(context.Context, *revision) error) error {
	p.acting.Lock()
	defer p.acting.Unlock()
	var err error
	switch {
	case p.isEnded():
		err = container.ErrRemoved
	case p.Common:
		err = errCommon
	default:
		err = do(ctx, p.current())
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", doing, p.files(), err)
	}
	return nil
}

// Stop stops services, or all of them.
func (p *Project) Stop(ctx context.Context, services []string) error {
	return p.acts(ctx, "stopping", func(ctx context.Context, e *revision) error {
		names, err := p.these(services)
		if err != nil {
			return err
		}
		err = e.compose(ctx, "stop", names...)
		touch(p.of(names))
		return e.findCause(ctx, err)
	})
}

// Start starts services that were stopped, or all of them, and waits until they are ready.
func (p *Project) Start(ctx context.Context, services []string) error {
	return p.acts(ctx, "starting", func(ctx context.Context, e *revision) error { return e.startServices(ctx, services) })
}

// Restart is Stop and Start.
func (p *Project) Restart(ctx context.Context, services []string) error {
	return p.acts(ctx, "restarting", func(ctx context.Context, e *revision) error {
		names, err := p.these(services)
		if err != nil {
			return err
		}
		if err = e.compose(ctx, "stop", names...); err != nil {
			return e.findCause(ctx, err)
		}
		touch(p.of(names))
		return e.startServices(ctx, names)
	})
}

// Scale changes the number of containers of a service, waits until they are ready, and
// returns them.
func (p *Project) Scale(ctx context.Context, service string, replicas int) (all []*container.Container, err error) {
	err = p.acts(ctx, fmt.Sprintf("scaling %s of", service), func(ctx context.Context, e *revision) (err error) {
		if err := e.canScale(service, replicas); err != nil {
			return err
		}
		p.scaled[service] = replicas
		if err := e.shrink(ctx); err != nil {
			return err
		}
		err = e.compose(ctx, "up", "--detach", "--no-deps", "--no-recreate", "--scale", service+"="+strconv.Itoa(replicas), service)
		if err == nil {
			err = p.refresh(ctx)
		}
		if err != nil {
			return e.findCause(ctx, err)
		}
		all = p.replicas(service)
		return e.ready(ctx, all)
	})
	return all, err
}

// Beyond warns if the host ports of the files do not suffice for so many containers of a
// service: nobody else can scale it so.
func (p *Project) Beyond(service string, replicas int) (warning string) {
	if room := planned.Room(p.current().plan, service); room > 0 && replicas > room {
		return fmt.Sprintf("%d containers of %s run here, and the host ports of %s suffice for %d: docker compose cannot scale it so%s", replicas, service, p.files(), room, planned.AllowSelfCollision)
	}
	return ""
}
