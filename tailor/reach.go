// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/relay"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// reach gives containers the names by which they reach servers of the test.
type reach struct {
	*document
	*decisions
	leasing  *leasing
	networks *networks
	ports    *ports
}

// They come before the rule that lists hosts outside of the project.
func (m *reach) reachRules() []rule {
	return []rule{{
		name:      "reach",
		treatment: Substitute,
		severity:  Warning,
		reason:    "as asked",
		doc: row{
			files: "a name that `Reach` gives to a server of the test",
			becomes: "added to `extra_hosts` of all services, in place of what the files have for that name; a warning for a service that is in " +
				"internal networks alone",
		},
		apply: m.reachTest,
	}}
}

// reachTest gives containers the names. Whose network is another's has the names of that.
func (m *reach) reachTest(r *rule) {
	if len(m.spec.Reach) == 0 {
		return
	}
	routes, err := relay.Routes(m.spec.Reach)
	switch {
	case err != nil:
		m.reportSpec("Reach", "Reach: "+err.Error(), "")
		return
	case m.in.overrideOnly:
		m.reportSpec("Reach", "Reach takes a test that runs, which an override alone does not know", "")
		return
	}
	names := relay.Names(routes)
	m.plan.Reach = map[string]string{}
	for _, name := range names {
		m.plan.Reach[name] = m.leasing.variable("reach "+name, "REACH", name)
	}
	for _, c := range m.containers() {
		mode := modeltree.Str(c.body, "network_mode")
		if mode == "none" || strings.Contains(mode, ":") {
			continue
		}
		at := c.at.Join("extra_hosts")
		m.edit(r, change{at: at, value: m.withHosts(c.body["extra_hosts"]), from: m.src.find(c.at),
			what: fmt.Sprintf("%s → the test", strings.Join(names, ", "))})
		if four, six := m.networks.families(c); mode == "" && !four && !six && m.ports.isolated(c) && m.active(c.name) {
			m.report(r, at, m.src.find(c.at), fmt.Sprintf("%s does not reach %s: nothing leads out of its networks, which are internal", c.name, strings.Join(names, ", ")))
		}
	}
}

// withHosts adds the names to what is there, in the form that it has.
func (m *reach) withHosts(hosts any) any {
	if old, ok := hosts.(map[string]any); ok {
		fresh := maps.Clone(old)
		for name, variable := range m.plan.Reach {
			fresh[name] = m.leasing.mark(variable)
		}
		return fresh
	}
	var fresh []any
	old, _ := hosts.([]any)
	for _, entry := range old {
		name := strings.FieldsFunc(fmt.Sprint(entry), func(r rune) bool { return r == ':' || r == '=' })[0]
		if m.plan.Reach[name] == "" {
			fresh = append(fresh, entry)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.plan.Reach)) {
		fresh = append(fresh, name+":"+m.leasing.mark(m.plan.Reach[name]))
	}
	return fresh
}
