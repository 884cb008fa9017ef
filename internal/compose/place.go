// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/planned"
)

// place is what a container is in its project.
type place struct {
	service string
	number  int // of the replica, from 1; 0 for a one-off
}

func placeOf(labels map[string]string) place {
	at := place{service: labels[engine.ComposeService]}
	if !strings.EqualFold(labels[engine.ComposeOneoff], "true") {
		at.number, _ = strconv.Atoi(labels[engine.ComposeNumber])
	}
	return at
}

// String is the name of the container in messages and artifacts.
func (at place) String() string {
	switch {
	case at.number == 0:
		return at.service + "-run"
	case at.number > 1:
		return at.service + "-" + strconv.Itoa(at.number)
	}
	return at.service
}

// onEvent is called for every event of the engine, in order.
func (p *Project) onEvent(e engine.Event) {
	switch {
	case e.Labels[engine.ComposeProject] != p.Name:
	case e.Action == "create":
		p.follow(e.ID, e.Labels)
	case e.Action == "destroy":
		p.markGone(e.ID)
	}
}

// refresh follows the containers whose creation was not heard of, and no longer those
// that are gone.
func (p *Project) refresh(ctx context.Context) error {
	list, err := p.Session.Engine.Containers(ctx, engine.ComposeProject, p.Name)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, o := range list {
		there[o.ID] = true
		p.follow(o.ID, o.Labels)
	}
	for _, c := range p.All() {
		if !there[c.ID] {
			p.markGone(c.ID)
		}
	}
	return nil
}

// markGone notes that a container is gone.
func (p *Project) markGone(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.containers[id]
	if c == nil || p.ended {
		return
	}
	c.MarkReplaced()
	delete(p.containers, id)
	p.past = append(p.past, c)
}

func (p *Project) follow(id string, labels map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.containers[id] != nil {
		return
	}
	at := placeOf(labels)
	name := at.String()
	c, err := container.Follow(p.Session, container.Known{
		Name: name, ID: id, On: p.Session.On, Engine: p.Session.Engine,
		Published: func() []container.Published { return planned.Ports(p.current().plan, at.service) },
		Others:    p.othersWork,
	})
	if err != nil { // the next look tries again; if it can't either, the log is missing
		return
	}
	p.containers[id], p.places[c] = c, at
	p.Session.Artifacts.Note("container %s created", name)
}

// All returns the containers, by name.
func (p *Project) All() []*container.Container {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Values(p.containers), func(a, b *container.Container) int { return strings.Compare(a.Name, b.Name) })
}

func (p *Project) place(c *container.Container) place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.places[c]
}

func (p *Project) replicas(service string) []*container.Container {
	var found []*container.Container
	for _, c := range p.All() {
		if at := p.place(c); at.service == service && at.number > 0 {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *container.Container) int { return p.place(a).number - p.place(b).number })
	return found
}
