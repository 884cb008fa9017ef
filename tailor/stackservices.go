// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackServices judges services of a stack: what they refer to, where they are placed.
type stackServices struct {
	*document
	*decisions
	mounts *mountReader

	wanted map[string]string // what the spec has for placement constraints
}

func (m *stackServices) serviceRules() []rule {
	return []rule{{
		name:     "undefined",
		severity: Refuse,
		reason:   "docker stack deploy gives up on it, when other services may be there already",
		apply:    m.undefined,
	}, {
		name:      "constraint",
		treatment: Substitute,
		severity:  Warning,
		reason:    "on a swarm without such a node its tasks stay pending",
		apply:     m.constraints,
	}, {
		name:      "owned-label",
		treatment: Scope,
		reason:    "docker stack deploy tells stacks apart by its own labels",
		apply:     m.ownedStackLabels,
	}}
}

// undefined reports what services refer to and the files don't have.
func (m *stackServices) undefined(r *rule) {
	check := func(kind, key string, at modeltree.Path, from spot) {
		if section := modeltree.Mapping(m.tree, kind); section == nil || !modeltree.Has(section, key) {
			m.report(r, at, from, fmt.Sprintf("%s %q is none of the files'", strings.TrimSuffix(kind, "s"), key)+from.variables(kind))
		} else if !plainName.MatchString(key) {
			m.report(r, at, from, fmt.Sprintf("%q can be no name", key))
		}
	}
	for _, c := range m.containers() {
		for _, key := range modeltree.Keys(modeltree.Mapping(c.body, "networks")) {
			if key != "default" {
				check("networks", key, c.at.Join("networks", key), spot{})
			}
		}
		for _, kind := range []string{"secrets", "configs"} {
			for i, use := range modeltree.List(c.body, kind) {
				key := modeltree.Str(use, "source")
				at := c.at.Join(kind, i)
				check(kind, key, at, m.src.item(c.at.Join(kind), "source", func(item any) bool {
					return item == key || modeltree.Str(item, "source") == key
				}))
			}
		}
		for i, v := range modeltree.List(c.body, "volumes") {
			key := modeltree.Str(v, "source")
			if modeltree.Str(v, "type") == "volume" && key != "" {
				from, _ := m.mounts.mountSpot(c, modeltree.Str(v, "target"))
				check("volumes", key, c.at.Join("volumes", i), from)
			}
		}
	}
}

const perNode = "max_replicas_per_node"

// constraints does with placement constraints what the spec says, and reports
// those that not every swarm can meet.
func (m *stackServices) constraints(r *rule) {
	var there []string
	for _, c := range m.containers() {
		placement := c.at.Join("deploy", "placement")
		for i, v := range modeltree.List(m.get(placement), "constraints") {
			text := fmt.Sprint(v)
			there = append(there, text)
			m.constraint(r, placement.Join("constraints", i), text)
		}
		if limit := m.get(placement.Join(perNode)); limit != nil {
			there = append(there, perNode)
			m.perNodeLimit(r, placement.Join(perNode), limit)
		}
	}
	slices.Sort(there)
	for _, key := range modeltree.Keys(m.wanted) {
		if !m.used["Constraints "+key] {
			hint := "the files have none"
			if len(there) > 0 {
				hint = "the files have " + strings.Join(slices.Compact(there), ", ")
			}
			m.reportSpec("Constraints", fmt.Sprintf("Constraints has %q, which matches nothing", key), hint)
		}
	}
}

func (m *stackServices) constraint(r *rule, at modeltree.Path, text string) {
	for _, key := range modeltree.Keys(m.wanted) {
		if spaceless(key) != spaceless(text) {
			continue
		}
		m.used["Constraints "+key] = true
		ch := change{at: at, value: m.wanted[key], reason: "as asked"}
		ch.what = fmt.Sprintf("constraint %s → %s", text, ch.value)
		if ch.value == "" {
			ch.drop, ch.what = true, fmt.Sprintf("constraint %s → none", text)
		}
		m.edit(r, ch)
		return
	}
	if demanding(text) {
		m.report(r, at, spot{}, "constraint "+text, Fix{Field: "Constraints", Key: text, Does: "drops it"},
			Fix{Field: "Constraints", Key: text, Value: "CONSTRAINT", Does: "puts another one in its place"})
	}
}

func (m *stackServices) perNodeLimit(r *rule, at modeltree.Path, limit any) {
	fresh, ok := m.choice("Constraints", m.wanted, perNode)
	n, err := strconv.Atoi(fresh)
	ch := change{at: at, value: n, what: fmt.Sprintf("%s: %v → %d", perNode, limit, n), reason: "as asked"}
	switch {
	case !ok:
		m.report(r, at, spot{}, fmt.Sprintf("%s: %v", perNode, limit), Fix{Field: "Constraints", Key: perNode, Does: "drops it"})
		return
	case fresh == "":
		ch.drop, ch.what = true, fmt.Sprintf("%s: %v → none", perNode, limit)
	case err != nil || n < 0:
		m.reportSpec("Constraints", fmt.Sprintf("Constraints has %q for %s, which is no number", fresh, perNode), "")
		return
	}
	m.edit(r, ch)
}

var constraintParts = regexp.MustCompile(`^\s*([^\s=!]+)\s*(==|!=)\s*(.*?)\s*$`)

// spaceless brings a constraint to the form in which two are compared.
func spaceless(text string) string {
	if parts := constraintParts.FindStringSubmatch(text); parts != nil {
		return parts[1] + parts[2] + parts[3]
	}
	return strings.TrimSpace(text)
}

// demanding tells whether a constraint asks for more than a swarm of one plain
// Linux node has.
func demanding(text string) bool {
	switch spaceless(text) {
	case "node.role==manager", "node.platform.os==linux":
		return false
	case "node.role!=manager":
		return true
	}
	parts := constraintParts.FindStringSubmatch(text)
	return parts == nil || parts[2] != "!="
}

func (m *stackServices) ownedStackLabels(r *rule) {
	for _, c := range m.containers() {
		for _, at := range []modeltree.Path{c.at.Join("labels"), c.at.Join("deploy", "labels")} {
			for _, key := range labelKeys(m.get(at)) {
				if strings.HasPrefix(key, "com.docker.stack.") {
					m.edit(r, change{at: at.Join(key), drop: true, what: "label " + key + " → none"})
				}
			}
		}
	}
}
