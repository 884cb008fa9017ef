// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/progress"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// containers are the containers of a project, followed from their creation.
type containers struct {
	container.Set
	session    *session.Session
	project    string // its name on the engine
	known      func(service string) container.Known
	othersStop bool // see container.Known

	settled     atomic.Bool // no verb is at work, and none has failed half way: who removes a container is somebody else
	unsubscribe func()      // ends the subscription to events
	began       sync.Map    // when containers were started, by id, as far as that was heard
}

// listen subscribes to events, to hear of the containers that are created from now on.
func (cs *containers) listen(ctx context.Context) (err error) {
	if cs.unsubscribe != nil {
		return nil
	}
	cs.unsubscribe, err = cs.session.Engine.Subscribe(ctx, cs.onEvent)
	return err
}

// onEvent is called for every event of the engine, in order.
func (cs *containers) onEvent(e engine.Event) {
	switch {
	case e.Labels[engine.ComposeProject] != cs.project:
	case e.Action == "create":
		cs.tell(e.Labels, progress.Event{State: progress.Created})
		cs.follow(e.ID, e.Labels)
	case e.Action == "destroy":
		cs.onRemoved(e)
	}
}

// onRemoved notes that a container is gone, and whether it was a verb that removed it. Run
// removes its own.
func (cs *containers) onRemoved(e engine.Event) {
	if cs.settled.Load() && placeOf(e.Labels).number > 0 {
		cs.MarkTaken(e.ID)
	}
	cs.MarkGone(e.ID)
}

// refresh follows the containers whose creation no event told of, and stops following those
// that are gone.
func (cs *containers) refresh(ctx context.Context) error {
	list, err := cs.session.Engine.Containers(ctx, engine.ComposeProject, cs.project)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, o := range list {
		there[o.ID] = true
		cs.follow(o.ID, o.Labels)
	}
	for _, c := range cs.All() {
		if !there[c.ID] {
			cs.MarkGone(c.ID)
		}
	}
	return nil
}

func (cs *containers) follow(id string, labels map[string]string) {
	at := placeOf(labels)
	k := cs.known(at.service)
	k.Name, k.ID, k.Labels, k.OthersStop = at.String(), id, labels, cs.othersStop
	k.Happened = func(e engine.Event, asked bool) {
		if e.Action == "start" {
			cs.began.Store(id, time.Now())
		}
		cs.tell(labels, progressOf(e, asked))
	}
	if cs.Follow(cs.session, k) != nil {
		cs.session.Artifacts.Note("container %s created", k.Name)
	}
}

// tell tells of a container's state to whoever listens. Those of Run are its caller's.
func (cs *containers) tell(labels map[string]string, e progress.Event) {
	at := placeOf(labels)
	if at.number > 0 && e.State != "" {
		e.Kind, e.Service, e.Number = progress.KindService, at.service, at.number
		cs.session.Tell(nil, e)
	}
}

// tellReady tells that a container is ready, and how long that took since its start.
func (cs *containers) tellReady(c *container.Container) {
	e := progress.Event{State: progress.Ready}
	if began, ok := cs.began.Load(c.ID); ok {
		e.Took = time.Since(began.(time.Time))
	}
	cs.tell(c.Labels, e)
}

// progressOf is what an event of the engine's says of a container's way to being ready. One that
// was asked to end, as an update does, has not failed, whatever its exit code.
func progressOf(e engine.Event, asked bool) progress.Event {
	switch {
	case e.Action == "start":
		return progress.Event{State: progress.Started}
	case e.Action == "die":
		p := progress.Event{State: progress.Exited}
		if asked {
			p.State = progress.Stopped
		}
		if code, err := strconv.Atoi(e.Labels["exitCode"]); err == nil {
			p.Code = &code
		}
		return p
	case e.Health == "healthy":
		return progress.Event{State: progress.Healthy}
	case e.Health == "unhealthy":
		return progress.Event{State: progress.Unhealthy}
	}
	return progress.Event{}
}

// of returns the containers of services, those of each in the order of their numbers.
func (cs *containers) of(services ...string) []*container.Container {
	return inOrder(cs.lasting(), services)
}

// inOrder returns those of services, by service and number: web-10 comes after web-9.
func inOrder(among []*container.Container, services []string) []*container.Container {
	var all []*container.Container
	for _, s := range services {
		var found []*container.Container
		for _, c := range among {
			if placeOf(c.Labels).service == s {
				found = append(found, c)
			}
		}
		slices.SortFunc(found, func(a, b *container.Container) int { return placeOf(a.Labels).number - placeOf(b.Labels).number })
		all = append(all, found...)
	}
	return all
}

// lasting returns the containers except those of Run, whose ends were reported already.
func (cs *containers) lasting() []*container.Container {
	return slices.DeleteFunc(cs.All(), func(c *container.Container) bool { return placeOf(c.Labels).number == 0 })
}

// services returns the services that are named, or, if none is, all that have containers.
func (cs *containers) services(named []string) ([]string, error) {
	there := map[string]bool{}
	for _, c := range cs.lasting() {
		there[placeOf(c.Labels).service] = true
	}
	names := slices.Sorted(maps.Keys(there))
	var wrong report.Problems
	for _, s := range named {
		if !there[s] {
			wrong.Add("service %q has no container; %s", s, report.There(names))
		}
	}
	if len(named) > 0 {
		names = named
	}
	return names, wrong.Joined()
}

// idsByPlace returns the ids of the containers by their place.
func (cs *containers) idsByPlace() map[place]string {
	all := map[place]string{}
	for _, c := range cs.lasting() {
		all[placeOf(c.Labels)] = c.ID
	}
	return all
}

// named returns the container of this name on the engine, or nil if there is none.
func (cs *containers) named(ctx context.Context, name string) (*container.Container, error) {
	if err := cs.refresh(ctx); err != nil {
		return nil, err
	}
	list, err := cs.session.Engine.Containers(ctx, engine.ComposeProject, cs.project)
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if o.Name == name {
			return cs.Get(o.ID), nil
		}
	}
	return nil, nil
}

// enter returns commands with which people get into the project and its containers.
func (cs *containers) enter(ctx context.Context) []string {
	var mu sync.Mutex
	enter := []string{"docker compose -p " + cs.project + " ps"}
	_ = parallel.Do(cs.All(), func(c *container.Container) error {
		commands := c.Enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	return enter
}

// stopListening ends the work in the background, but still reads the containers' logs.
func (cs *containers) stopListening() {
	if cs.unsubscribe != nil {
		cs.unsubscribe()
	}
	cs.End()
}

// touch says that containers may have changed; events say the same, a moment later.
func touch(all []*container.Container) {
	for _, c := range all {
		c.Follower.Touch()
	}
}
