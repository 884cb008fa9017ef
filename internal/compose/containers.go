// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// containers are the containers of a project, followed from their creation.
type containers struct {
	container.Set
	session *session.Session
	project string // its name on the engine
	known   func(service string) container.Known

	unsubscribe func() // ends the subscription to events
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
		cs.follow(e.ID, e.Labels)
	case e.Action == "destroy":
		cs.MarkGone(e.ID)
	}
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
	k.Name, k.ID, k.Labels = at.String(), id, labels
	if cs.Follow(cs.session, k) != nil {
		cs.session.Artifacts.Note("container %s created", k.Name)
	}
}

// of returns the containers of services, those of each in the order of their numbers.
func (cs *containers) of(services ...string) []*container.Container {
	var all []*container.Container
	for _, s := range services {
		var found []*container.Container
		for _, c := range cs.lasting() {
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
			wrong.Add("service %q has no container; there are %s", s, report.List(names))
		}
	}
	if len(named) > 0 {
		names = named
	}
	return names, wrong.Joined()
}

// inhabitants returns the ids of the containers by their place.
func (cs *containers) inhabitants() map[place]string {
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
