// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/wait"
)

var errDown = errors.New("it was taken down\n    hint: Up starts it again")

var errCommon = errors.New("it stays as it is, since other processes may share it\n    hint: Up starts one of the test's own")

// Services are those of a project, by the names of its files.
type Services struct{ p *Project }

// Services returns what its services are looked up and changed with.
func (p *Project) Services() Services { return Services{p} }

// Replicas returns the containers of a service, in the order of their numbers: there is at
// least one.
func (s Services) Replicas(name string) ([]*container.Container, error) {
	found := s.p.containers.of(name)
	if len(found) > 0 {
		return found, nil
	}
	r := s.p.current()
	if s.p.isDown.Load() {
		return nil, fmt.Errorf("looking up service %q of %s: %w", name, r.files(), errDown)
	}
	if len(r.plan.Off[name]) > 0 {
		return nil, fmt.Errorf("looking up service %q of %s: %w", name, s.p.current().files(), planned.Missing(r.plan, name))
	}
	return nil, fmt.Errorf("looking up service %q of %s: no container; there are services %s", name, s.p.current().files(), planned.Names(r.plan))
}

// act does something with a project that is up. One verb at a time changes a project.
func (p *Project) act(ctx context.Context, doing string, do func(context.Context, *revision) error) error {
	return p.change(ctx, doing, func(ctx context.Context, r *revision) error {
		if p.isDown.Load() {
			return errDown
		}
		return do(ctx, r)
	})
}

// change is act for a project that may be down.
func (p *Project) change(ctx context.Context, doing string, do func(context.Context, *revision) error) error {
	p.acting.Lock()
	defer p.acting.Unlock()
	settled := p.containers.settled.Swap(false)
	var err error
	switch {
	case p.containers.HasEnded():
		err = container.ErrRemoved
	case p.Common:
		err = errCommon
	default:
		err = do(ctx, p.current())
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", doing, p.current().files(), err)
	}
	p.containers.settled.Store(settled)
	return nil
}

// Stop stops services, or all of them.
func (s Services) Stop(ctx context.Context, services []string) error {
	return s.p.act(ctx, "stopping", func(ctx context.Context, r *revision) error {
		_, err := r.switchServices(ctx, "stop", services)
		return err
	})
}

// Start starts services that were stopped, or all of them, and waits until they are ready.
func (s Services) Start(ctx context.Context, services []string) error {
	return s.p.act(ctx, "starting", func(ctx context.Context, r *revision) error { return r.startServices(ctx, services) })
}

// Restart is Stop and Start.
func (s Services) Restart(ctx context.Context, services []string) error {
	return s.p.act(ctx, "restarting", func(ctx context.Context, r *revision) error {
		names, err := s.p.containers.services(services)
		if err != nil {
			return err
		}
		if err = r.compose.run(ctx, "stop", names...); err != nil {
			return r.findCause(ctx, err)
		}
		touch(s.p.containers.of(names...))
		return r.startServices(ctx, names)
	})
}

// Scale changes the number of containers of a service, waits until they are ready, and
// returns them.
func (s Services) Scale(ctx context.Context, service string, replicas int) (all []*container.Container, err error) {
	err = s.p.act(ctx, fmt.Sprintf("scaling %s of", service), func(ctx context.Context, r *revision) (err error) {
		if err := planned.CheckScale(r.plan, service, replicas); err != nil {
			return err
		}
		s.p.scaled[service] = replicas
		if err := r.shrink(ctx); err != nil {
			return err
		}
		err = r.up(ctx, []string{service}, "--no-deps", "--no-recreate", "--scale", service+"="+strconv.Itoa(replicas), service)
		if err != nil {
			return r.findCause(ctx, err)
		}
		all = s.p.containers.of(service)
		return r.await(ctx, all)
	})
	return all, err
}

// Beyond warns if the host ports of the files do not suffice for so many containers of a
// service: nobody else can scale it so.
func (s Services) Beyond(service string, replicas int) (warning string) {
	if room := planned.Room(s.p.current().plan, service); room > 0 && replicas > room {
		return fmt.Sprintf("%s has %d containers, and the host ports of %s suffice for %d: docker compose cannot scale it so%s", service, replicas, s.p.current().files(), room, planned.AllowSelfCollision)
	}
	return ""
}

// Meets waits until services meet conditions.
func (p *Project) Meets(ctx context.Context, ready map[string]wait.Condition) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return parallel.First(p.containers.All(), func(c *container.Container) error {
		condition := ready[placeOf(c.Labels).service]
		if condition == nil {
			return nil
		}
		err := wait.Until(ctx, c.Target(), wait.Steady(condition))
		if err != nil {
			cancel()
		}
		return err
	})
}
