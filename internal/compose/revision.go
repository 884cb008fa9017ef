// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/startorder"
	"github.com/seatrial/seatrial/internal/timelimit"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A revision is what a project runs as: a spec, the plan for it, and what docker compose is
// run with for that. An update makes the project another one.
type revision struct {
	*parts
	spec    spec.Project
	plan    *tailor.Plan
	compose *composeCommand
	joined  bool // others had it ready
}

// parts are what all revisions of a project have in common.
type parts struct {
	Name    string // on the engine, unique to it
	Session *session.Session

	containers *containers
	remains    *remains
	leases     *lease.Holding
	copies     *copyVolumes
	isDown     atomic.Bool
	reach      *container.Reach
	scaled     map[string]int // replicas of services that are not as many as in the files
	options    Options
	ran        history
}

// A history has what docker compose was run with for each revision, in their order.
type history struct {
	mu  sync.Mutex
	all []*composeCommand
}

func (h *history) add(c *composeCommand) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, c)
}

func (h *history) list() []*composeCommand {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.all)
}

func (p *parts) revise(s spec.Project, plan *tailor.Plan) *revision {
	return &revision{parts: p, spec: s, plan: plan, compose: &composeCommand{session: p.Session, project: p.Name, cutOff: p.remains.markUnsure, plan: plan}}
}

// compare returns what becomes of networks and volumes from one revision to another.
func (p *parts) compare(was, is *revision) *planChange {
	return &planChange{session: p.Session, containers: p.containers, was: was.plan, is: is.plan}
}

// files names the files that the project runs as.
func (r *revision) files() string { return strings.Join(r.spec.Files, ", ") }

// prepare takes locks, builds, leases and copies what the plan wants, but the ports and
// ranges that turned out to be taken. What a revision before has leased is taken over.
func (r *revision) prepare(ctx context.Context, before *revision, say session.Progress) error {
	if err := r.leases.Lock(ctx, r.plan.Leases.Locks, say); err != nil {
		return err
	}
	if err := r.compose.build(ctx, say); err != nil {
		return err
	}
	return r.leaseAndCopy(ctx, before, nil)
}

func (r *revision) leaseAndCopy(ctx context.Context, before *revision, taken []lease.Item) (err error) {
	var had *composeCommand
	if before != nil {
		had = before.compose
	}
	values, wanted, err := takeOver(r.plan.Leases, had)
	if err != nil {
		return err
	}
	leased, err := r.leases.Lease(ctx, wanted, taken)
	maps.Copy(values, leased)
	r.compose.values = values
	if err != nil {
		return err
	}
	addresses, err := r.reach.Provide(ctx, r.spec.Reach)
	if err != nil {
		return err
	}
	for name, variable := range r.plan.Reach {
		values[variable] = addresses[name]
	}
	if r.compose.copies, err = r.copies.provide(ctx, r.plan, r.spec.CopyMounts); err != nil {
		return err
	}
	return r.copies.makeParts(ctx, r.plan)
}

// launches bounds how often a project is started because somebody who looks for no lease took
// its ports.
const launches = 3

// start leases, copies and starts what the plan has.
func (r *revision) start(ctx context.Context, say session.Progress) error {
	if err := r.leases.Lock(ctx, r.plan.Leases.Locks, say); err != nil {
		return err
	}
	if err := r.compose.build(ctx, say); err != nil {
		return err
	}
	if err := r.containers.listen(ctx); err != nil { // already, if it was taken down
		return err
	}
	var taken []lease.Item
	for attempt := 1; ; attempt++ {
		if err := r.leaseAndCopy(ctx, nil, taken); err != nil {
			return err
		}
		err := r.up(ctx, r.wanted(), slices.Concat(r.scales(r.wanted()), r.options.Services)...)
		if err == nil {
			return nil
		}
		now, failed := r.compose.portsTaken(ctx, r.containers)
		err = r.findCause(ctx, err)
		if len(now) == 0 || failed != nil || ctx.Err() != nil {
			return err
		}
		if attempt == launches {
			return fmt.Errorf("%s was taken by something outside this project (attempt %d): %w", items(now), launches, err)
		}
		r.Session.Artifacts.Note("%s was taken by others meanwhile: starting again", items(now))
		taken = append(taken, now...)
		if err := r.clear(ctx, r.options.KeepVolumes); err != nil {
			return err
		}
	}
}

func items(all []lease.Item) string {
	var names []string
	for _, item := range all {
		names = append(names, item.String())
	}
	return strings.Join(names, ", ")
}

// clear removes what there is of the project, but volumes if they are to be kept, so that it
// can be started anew.
func (p *parts) clear(ctx context.Context, keepVolumes bool) error {
	if _, err := p.remains.sweepContainers(ctx); err != nil {
		return err
	}
	if _, err := p.remains.sweepRest(ctx, keepVolumes); err != nil {
		return err
	}
	p.containers.Clear()
	if !keepVolumes {
		clear(p.copies.of)
	}
	return p.leases.ReleaseNumbers(ctx)
}

// up runs docker compose up, which starts services, and follows what came of it. Where Compose
// has nothing of its own to do at the start, it creates the containers alone: it would look at
// what they wait for twice a second, and start one at a time.
func (r *revision) up(ctx context.Context, services []string, args ...string) error {
	how := "--no-start"
	if slices.ContainsFunc(r.plan.Services, func(s tailor.Service) bool { return s.ComposeStarts }) {
		how = "--detach"
	}
	began := time.Now()
	err := r.compose.run(ctx, "up", append([]string{how}, args...)...)
	if err != nil {
		return err
	}
	if err = r.containers.refresh(ctx); err == nil && how == "--no-start" {
		err = r.startInOrder(ctx, services)
	}
	if err != nil && ctx.Err() != nil {
		r.remains.markUnsure() // the engine may still be starting some
		return &startCutOffError{within: timelimit.Given(ctx, began), by: report.By(ctx), err: context.Cause(ctx)}
	}
	return err
}

// startInOrder starts the containers of services that do not run.
func (r *revision) startInOrder(ctx context.Context, names []string) error {
	var services []startorder.Service
	for _, s := range r.plan.Services {
		if !slices.Contains(names, s.Name) {
			continue
		}
		service := startorder.Service{Name: s.Name, DependsOn: s.Needs}
		for _, c := range r.containers.of(s.Name) {
			service.Containers = append(service.Containers, startorder.Container{Target: c.Target(), Start: func(ctx context.Context) error {
				return located(r.plan, s.Name, c.Life().Begin(ctx))
			}})
		}
		services = append(services, service)
	}
	return startorder.Start(ctx, services)
}

// wanted are the services that are to be started.
func (r *revision) wanted() []string {
	if len(r.options.Services) > 0 {
		return planned.WithNeeds(r.plan, r.options.Services)
	}
	return planned.Services(r.plan)
}

// await waits until containers are ready.
func (r *revision) await(ctx context.Context, all []*container.Container) error {
	ready := readiness{session: r.Session, conditions: r.spec.Ready, joined: r.joined, tell: r.containers.tellReady}
	return ready.await(ctx, all)
}

func (r *revision) findCause(ctx context.Context, err error) error {
	return findCause(ctx, r.containers, r.plan, err)
}

func (r *revision) startServices(ctx context.Context, services []string) error {
	all, err := r.switchServices(ctx, "start", services)
	if err != nil {
		return err
	}
	return r.await(ctx, all)
}

// switchServices has docker compose start or stop services, or all of them, and returns
// their containers.
func (r *revision) switchServices(ctx context.Context, command string, services []string) ([]*container.Container, error) {
	names, err := r.containers.services(services)
	if err != nil {
		return nil, err
	}
	all := r.containers.of(names...)
	for _, c := range all {
		c.MarkStopped(command == "stop")
	}
	err = r.compose.run(ctx, command, names...)
	touch(all)
	return all, r.findCause(ctx, err)
}

// scales returns the arguments that tell docker compose up again how many containers services
// were scaled to. It accepts them for the services alone that it is told to start.
func (r *revision) scales(started []string) []string {
	var args []string
	for _, service := range slices.Sorted(maps.Keys(r.scaled)) {
		if slices.Contains(started, service) {
			args = append(args, "--scale", service+"="+strconv.Itoa(r.scaled[service]))
		}
	}
	return args
}

// shrink removes the containers of services that the revision does not have, and of
// those that are to have fewer. Compose would leave their anonymous volumes, which
// nobody could find then.
func (r *revision) shrink(ctx context.Context) error {
	if err := r.remains.noteAnonymous(ctx); err != nil {
		return err
	}
	wanted := map[string]int{}
	for _, s := range r.plan.Services {
		wanted[s.Name] = s.Replicas
		if n, ok := r.scaled[s.Name]; ok {
			wanted[s.Name] = n
		}
	}
	var gone []*container.Container
	for _, c := range r.containers.lasting() {
		service := placeOf(c.Labels).service
		if slices.Index(r.containers.of(service), c) >= wanted[service] {
			gone = append(gone, c)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	err := parallel.Do(gone, func(c *container.Container) error {
		return errors.Join(r.Session.Engine.Stop(ctx, c.ID), r.Session.Engine.Remove(ctx, c.ID))
	})
	return errors.Join(err, r.containers.refresh(ctx))
}
