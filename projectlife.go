// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// acts does something with the project, and fails the test if that fails. One verb
// at a time changes a project.
func (p *Project) acts(t T, doing string, most, standard time.Duration, do func(context.Context, *revision) error) {
	t.Helper()
	ctx, cancel := limit(t, most, standard)
	defer cancel()
	p.acting.Lock()
	defer p.acting.Unlock()
	var err error
	switch {
	case p.isEnded():
		err = container.ErrRemoved
	case p.common:
		err = errCommon
	default:
		err = do(ctx, p.current())
		p.session.TellSaid(t)
	}
	if err != nil {
		fail(t, session.CutOff(ctx, fmt.Errorf("%s %s: %w", doing, p.files(), err)))
	}
}

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
	for _, c := range p.all() {
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

// Stop stops services, or, if none is named, all of them: first those that depend
// on others. Each gets its own grace period. Volumes, and what was written in the
// containers, stay.
func (p *Project) Stop(t T, services ...string) {
	t.Helper()
	p.acts(t, "stopping", 0, upLimit, func(ctx context.Context, e *revision) error {
		names, err := p.these(services)
		if err != nil {
			return err
		}
		err = e.compose(ctx, "stop", names...)
		touch(p.of(names))
		return e.findCause(ctx, err)
	})
}

// Start starts services that were stopped, or, if none is named, all of them, in
// the order in which they need each other, and waits until they are ready again,
// as [Up] does. Services that end by themselves run once more. Published ports
// move, unless they are leased.
func (p *Project) Start(t T, services ...string) {
	t.Helper()
	p.acts(t, "starting", 0, upLimit, func(ctx context.Context, e *revision) error { return e.startServices(ctx, services) })
}

func (e *revision) startServices(ctx context.Context, services []string) error {
	names, err := e.p.these(services)
	if err != nil {
		return err
	}
	err = e.compose(ctx, "start", names...)
	all := e.p.of(names)
	touch(all)
	if err != nil {
		return e.findCause(ctx, err)
	}
	return e.ready(ctx, all)
}

// Restart is Stop and Start.
func (p *Project) Restart(t T, services ...string) {
	t.Helper()
	p.acts(t, "restarting", 0, upLimit, func(ctx context.Context, e *revision) error {
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

// Scale changes the number of containers of a service, waits until they are ready,
// and returns them. The number lasts: an update does not change it back. A service
// whose host port is leased can have one container only. If the files fix fewer host
// ports than that, so that nobody else can scale it, the test's log says so.
func (p *Project) Scale(t T, service string, replicas int) []*Container {
	t.Helper()
	var all []*container.Container
	p.acts(t, fmt.Sprintf("scaling %s of", service), 0, upLimit, func(ctx context.Context, e *revision) (err error) {
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
	if room := roomOf(p.current().plan, service); room > 0 && replicas > room {
		t.Logf("warning: %d containers of %s run here, and the host ports of %s suffice for %d: docker compose cannot scale it so%s", replicas, service, p.files(), room, allowSelfCollision)
	}
	return containersOf(all)
}

const allowSelfCollision = "\n    hint: Allow: {" + `"` + selfCollision + `"` + "} accepts it"

// roomOf says for how many containers of a service the host ports of the files
// suffice: 0 is for any number.
func roomOf(plan *tailor.Plan, service string) int {
	for _, s := range plan.Services {
		if s.Name == service {
			return s.Room
		}
	}
	return 0
}

func (e *revision) canScale(service string, replicas int) error {
	if replicas < 0 {
		return fmt.Errorf("%d is no number of containers", replicas)
	}
	for _, s := range e.plan.Services {
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
	return e.unknown(service)
}

// unknown says why there is nothing of a service.
func (e *revision) unknown(service string) error {
	if profiles := e.plan.Off[service]; len(profiles) > 0 {
		return fmt.Errorf("the service is off\n    hint: AddProfiles(t, %q) switches it on", profiles[0])
	}
	return fmt.Errorf("there is no such service; there are %s", serviceNames(e.plan))
}

// scales are the arguments of docker compose up that say so again. It takes none of
// services that it is not told to start.
func (e *revision) scales(started []string) []string {
	var args []string
	for _, service := range slices.Sorted(maps.Keys(e.p.scaled)) {
		if slices.Contains(started, service) {
			args = append(args, "--scale", service+"="+strconv.Itoa(e.p.scaled[service]))
		}
	}
	return args
}
