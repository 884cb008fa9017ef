// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
)

// place is what a container is in its project.
type place struct {
	service string
	number  int // of the replica, from 1; 0 for a one-off
}

// hear is called for every event of the engine, in order.
func (p *Project) hear(e engine.Event) {
	if e.Labels[composeProject] == p.Name && e.Action == "create" {
		p.follow(e.ID, e.Labels)
	}
}

// look follows the containers whose creation was not heard of.
func (p *Project) look(ctx context.Context) error {
	list, err := p.scope.engine.Containers(ctx, composeProject, p.Name)
	if err != nil {
		return err
	}
	for _, o := range list {
		p.follow(o.ID, o.Labels)
	}
	return nil
}

func (p *Project) follow(id string, labels map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.containers[id] != nil {
		return
	}
	at := place{service: labels[composeService]}
	at.number, _ = strconv.Atoi(labels[composeNumber])
	name := at.service
	if strings.EqualFold(labels[composeOneoff], "true") {
		at.number, name = 0, name+"-run"
	} else if at.number > 1 {
		name += "-" + strconv.Itoa(at.number)
	}
	c := &Container{Name: name, ID: id, on: p.scope.on, engine: p.scope.engine, published: p.ports(at.service)}
	if err := c.follow(context.Background()); err != nil {
		// The next look tries again; if it can't either, the log is missing.
		c.close(context.Background())
		p.scope.dir.Note("following %s: %v", name, err)
		return
	}
	p.containers[id], p.places[c] = c, at
	p.scope.dir.Note("container %s created", name)
}

// ports returns the ports as the file publishes them for a service.
func (p *Project) ports(service string) []published {
	var all []published
	for _, s := range p.plan.Services {
		if s.Name != service {
			continue
		}
		for _, port := range s.Ports {
			all = append(all, published{port.Published, port.Target, port.Protocol})
		}
	}
	return all
}

// all returns the containers, by name.
func (p *Project) all() []*Container {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Values(p.containers), func(a, b *Container) int { return strings.Compare(a.Name, b.Name) })
}

func (p *Project) place(c *Container) place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.places[c]
}

// Service returns the container of a service, by the service's name in the
// file. If there are replicas it is the first one.
func (p *Project) Service(t T, name string) *Container {
	t.Helper()
	return p.Replicas(t, name)[0]
}

// Replicas returns the containers of a service, in the order of their numbers.
// There is at least one, or the test fails.
func (p *Project) Replicas(t T, name string) []*Container {
	t.Helper()
	var found []*Container
	for _, c := range p.all() {
		if at := p.place(c); at.service == name && at.number > 0 {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		fail(t, fmt.Errorf("looking up service %q of %s: no container; there are services %s", name, strings.Join(p.spec.Files, ", "), serviceNames(p.plan)))
	}
	slices.SortFunc(found, func(a, b *Container) int { return p.place(a).number - p.place(b).number })
	return found
}
