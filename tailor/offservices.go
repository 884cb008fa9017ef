// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// offServices tells what was found about services that are off from what counts.
type offServices struct {
	*document
	built   *builtImages
	objects *objects
}

// allOff says that a plain start starts nothing.
var allOff = rule{
	name: "profiles", severity: Note,
	reason: "docker compose up starts nothing",
	doc: row{
		files: "services of profiles that are not switched on",
		becomes: "tailored like the others. What would be refused, or be a warning, in them or in what only they use is a note. It is refused as " +
			"soon as the profile is on, also by `AddProfiles` and `Run`. If no service is on, a note says so",
	},
}

// noteOff turns what was found about services that are off into notes. Whoever switches
// them on makes another plan, in which it counts.
func (m *offServices) noteOff() {
	if m.project == nil || len(m.plan.Off) == 0 {
		return
	}
	if len(m.plan.Services) == 0 {
		r := allOff
		r.hint = "profiles switch them on; the files have " + strings.Join(m.profilesOf(modeltree.Keys(m.plan.Off)), ", ")
		m.report(&r, modeltree.Path{"services"}, spot{}, "all services are off")
	}
	nodes := m.nodesOf()
	for i := range m.plan.Findings {
		f := &m.plan.Findings[i]
		services := m.servicesOf(f, nodes)
		if f.Severity == Note || len(services) == 0 || slices.ContainsFunc(services, func(name string) bool { return m.matters(f, name) }) {
			continue
		}
		if f.Severity == Refuse {
			f.Reason = fmt.Sprintf("refused once profile %s is on: %s", strings.Join(m.profilesOf(services), " or "), f.Reason)
		}
		f.Severity, f.Hint, f.Fixes = Note, "", nil
	}
}

// profilesOf are the profiles that switch services on, sorted.
func (m *offServices) profilesOf(services []string) []string {
	var all []string
	for _, name := range services {
		all = append(all, m.plan.Off[name]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// matters tells whether a finding counts for a service: if it is on, or if it is about an
// image that one which is on needs.
func (m *offServices) matters(f *Finding, service string) bool {
	if _, off := m.plan.Off[service]; !off {
		return true
	}
	if len(f.at) < 3 || f.at[2] != "build" && f.at[2] != "image" {
		return false
	}
	at := modeltree.Path{"services", service, "build"}
	return slices.ContainsFunc(m.plan.Builds, func(b ServiceBuild) bool { return b.Path == at.String() }) ||
		slices.ContainsFunc(m.built.composeBuilds(), func(c container) bool { return c.name == service })
}

// servicesOf are the services and jobs that a finding is about: the one that it is in, or
// those that use a network, volume, secret or config. It is none for what belongs to no
// service.
func (m *offServices) servicesOf(f *Finding, nodes map[*yaml.Node][]string) []string {
	var all []string
	switch {
	case len(f.written) > 0: // which others may have from there, by an anchor
		for _, n := range f.written {
			if len(nodes[n]) == 0 {
				return nil
			}
			all = append(all, nodes[n]...)
		}
		return all
	case len(f.at) < 2:
		return nil
	}
	key, _ := f.at[1].(string)
	switch kind, _ := f.at[0].(string); kind {
	case "services", "jobs":
		return []string{key}
	case "networks", "volumes", "secrets", "configs":
		for _, c := range m.containers() {
			if slices.Contains(m.objects.usedOf(kind, c), key) {
				all = append(all, c.name)
			}
		}
	}
	return all
}

// nodesOf returns the services that have what is written in the files, by what they
// extend and by anchors as well.
func (m *offServices) nodesOf() map[*yaml.Node][]string {
	nodes := map[*yaml.Node][]string{}
	for _, c := range m.containers() {
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if n == nil || slices.Contains(nodes[n], c.name) {
				return
			}
			nodes[n] = append(nodes[n], c.name)
			walk(n.Alias)
			for _, e := range n.Content {
				walk(e)
			}
		}
		for _, d := range m.src.definitions(c.at) {
			walk(d.n)
		}
	}
	return nodes
}
