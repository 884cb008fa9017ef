// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var stackHostRules = []stackRule{
	{rule{
		name:      "constraint",
		treatment: Substitute,
		severity:  Warning,
		reason:    "on a swarm without such a node its tasks stay pending",
		hint:      "Constraints can replace it, or drop it with an empty value",
	}, constraints},
	fromCompose(hostRules, "remote-log"),
}

const perNode = "max_replicas_per_node"

// constraints does with placement constraints what the spec says, and reports
// those that not every swarm can meet.
func constraints(m *stackModel, r *rule) {
	given := map[string]string{}
	for k, v := range m.stack.Constraints {
		given[spaceless(k)] = v
	}
	asWritten := map[string]string{}
	for k := range m.stack.Constraints {
		asWritten[spaceless(k)] = k
	}
	wanted := decisionsOf(m, "Constraints", given)
	for _, c := range m.containers() {
		placement := c.at.join("deploy", "placement")
		for i, v := range list(m.get(placement), "constraints") {
			text := fmt.Sprint(v)
			at := placement.join("constraints", i)
			fresh, ok := wanted.of(spaceless(text))
			switch {
			case ok && fresh == "":
				m.edit(r, change{at: at, drop: true, what: fmt.Sprintf("constraint %s → none", text), reason: "the test says so"})
			case ok:
				m.edit(r, change{at: at, value: fresh, what: fmt.Sprintf("constraint %s → %s", text, fresh), reason: "the test says so"})
			case demanding(text):
				m.report(r, at, spot{}, "constraint "+text)
			}
		}
		m.perNodeLimit(r, wanted, placement)
	}
	for k, v := range asWritten { // name them as the spec does
		if k != v && !wanted.used[k] {
			wanted.given[v] = wanted.given[k]
			delete(wanted.given, k)
		}
	}
	wanted.unused(r, "the files have no constraints")
}

func (m *stackModel) perNodeLimit(r *rule, wanted *decisions[string], placement path) {
	at := placement.join(perNode)
	limit := m.get(at)
	if limit == nil {
		return
	}
	fresh, ok := wanted.of(perNode)
	n, err := strconv.Atoi(fresh)
	switch {
	case ok && fresh == "":
		m.edit(r, change{at: at, drop: true, what: fmt.Sprintf("%s %v → none", perNode, limit), reason: "the test says so"})
	case ok && (err != nil || n < 0):
		wrong := rule{name: r.name, severity: Refuse, reason: "it is a number"}
		m.report(&wrong, at, spot{}, fmt.Sprintf("Constraints[%q] is %q", perNode, fresh))
	case ok:
		m.edit(r, change{at: at, value: n, what: fmt.Sprintf("%s %v → %d", perNode, limit, n), reason: "the test says so"})
	default:
		m.report(r, at, spot{}, fmt.Sprintf("%s: %v", perNode, limit))
	}
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
	case "node.role==manager", "node.role!=worker", "node.platform.os==linux", "node.platform.os!=windows":
		return false
	}
	parts := constraintParts.FindStringSubmatch(text)
	return parts == nil || parts[2] != "!="
}
