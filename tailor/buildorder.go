// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// planBuilds fills in how services are built: those that are on, and those whose
// images these need, which come before them.
func (m *recipes) planBuilds() {
	if m.in.overrideOnly {
		return
	}
	p := buildPlanner{recipes: m, planned: map[string]bool{}, composes: map[string]bool{}}
	for _, c := range m.built.composeBuilds() {
		p.composes[c.name] = true
	}
	for _, c := range m.containers() {
		if c.at[0] != "services" || !m.active(c.name) {
			continue
		}
		for _, maker := range append([]string{m.built.builtBy(c)}, m.built.besides[c.name]...) {
			if maker != "" {
				p.visit(maker, c.name)
			}
		}
	}
}

// buildPlanner puts builds in an order in which each comes after what it needs.
type buildPlanner struct {
	*recipes
	planned  map[string]bool // by service
	composes map[string]bool // what docker compose builds, too
	under    []string        // the services that are visited, each for the one before it
}

// visit plans the build of a service that another one, or it itself, needs.
func (p *buildPlanner) visit(service, needed string) {
	if i := slices.Index(p.under, service); i >= 0 {
		p.reportCircle(p.under[i:])
		return
	}
	if p.planned[service] {
		return
	}
	p.planned[service] = true
	p.under = append(p.under, service)
	defer func() { p.under = p.under[:len(p.under)-1] }()
	if !p.composes[service] {
		at := modeltree.Path{"services", service, "build"}
		what := fmt.Sprintf("it is built for service %s, though it is off", needed)
		if profiles := p.plan.Off[service]; len(profiles) > 0 {
			what += fmt.Sprintf(" (profiles %s)", strings.Join(profiles, ", "))
		}
		p.report(&builtThoughOff, at, p.src.find(at), what)
	}
	b := p.serviceBuild(service)
	for _, base := range b.Needs() {
		p.visit(base, service)
	}
	p.plan.Builds = append(p.plan.Builds, b)
}

var builtThoughOff = rule{name: "built-image", severity: Note, reason: "docker compose up does not build it, and wants its image to be there, or in a registry"}

var circularBuild = rule{
	name: "build-key", severity: Refuse,
	reason: "none of them can be built first",
	hint:   "Images can bring one of them",
}

// reportCircle refuses services each of which builds on what the next one builds, the
// last one on what the first one builds.
func (p *buildPlanner) reportCircle(services []string) {
	var steps []string
	for i, service := range services {
		base := services[(i+1)%len(services)]
		verb := map[bool]string{true: " builds"}[i == 0]
		steps = append(steps, fmt.Sprintf("%s%s on what service %s builds", p.placeOfBase(service, base), verb, base))
	}
	at := modeltree.Path{"services", services[0], "build"}
	p.report(&circularBuild, at, p.src.find(at), "builds in a circle: "+strings.Join(steps, ", "))
}

// placeOfBase is where the build of a service names what another one builds, for people.
func (p *buildPlanner) placeOfBase(service, base string) string {
	at := modeltree.Path{"services", service}
	f := p.reader.dockerfiles[at.String()]
	for _, b := range f.bases {
		if f.makers[b.Ref] == base {
			return f.placeOf(b)
		}
	}
	at = at.Join("build", "additional_contexts")
	contexts := p.serviceBuild(service).Contexts
	for _, name := range modeltree.Keys(contexts) {
		if contexts[name] == servicePrefix+base {
			at = at.Join(name)
			break
		}
	}
	place := p.src.find(at).place(at)
	return fmt.Sprintf("%s:%d", place.File, place.Line)
}
