// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackNames gives up the names of what a stack makes.
type stackNames struct {
	*document
	*decisions
	objects *objects
	volumes *volumes

	nameLength int // of the stack
}

// Docker's limits for the names of services, secrets and configs. Those of
// networks and volumes have none that matters.
const (
	longestService = 63
	longestContent = 64
)

func (m *stackNames) nameRules() []rule {
	return []rule{
		{
			name:      "network-name",
			treatment: Scope,
			reason:    "copies that share a network resolve each other's services",
			apply:     func(r *rule) { m.objects.scopeNames(r, "networks", nil) },
		},
		{
			name:      "volume-name",
			treatment: Scope,
			reason:    "copies would share the data",
			apply:     func(r *rule) { m.objects.scopeNames(r, "volumes", m.emptied) },
		},
		{
			name:      "secret-name",
			treatment: Scope,
			reason:    "copies would share it, and the end of one would remove it",
			apply:     func(r *rule) { m.objects.scopeNames(r, "secrets", nil); m.objects.scopeNames(r, "configs", nil) },
		},
	}
}

// lengthRules come when all names are those of the copy.
func (m *stackNames) lengthRules() []rule {
	return []rule{{
		name:     "long-name",
		severity: Refuse,
		reason:   "a swarm has no longer names",
		hint:     "shorten it",
		apply:    m.longStackNames,
	}}
}

// emptied tells whether a volume of another driver is to become an empty one of
// the engine's own, which takes its name away as well.
func (m *stackNames) emptied(v container) bool {
	if driver := modeltree.Str(v.body, "driver"); driver == "" || driver == "local" || !m.volumes.mounted(v.name) {
		return false
	}
	to, ok := m.choice("Volumes", m.spec.Volumes, v.name, nameOf(v))
	return ok && to == "" || !ok && m.spec.Isolate
}

func (m *stackNames) longStackNames(r *rule) {
	report := func(c container, limit int) {
		name := cmp.Or(modeltree.Str(c.body, "name"), m.objects.ownName(c.name))
		if n := len(name) - len(stackName) + m.nameLength; n > limit && !strings.Contains(name, "{{") {
			m.report(r, c.at, m.src.find(c.at), fmt.Sprintf("with the name of the stack before it, the name has %d characters, %d too many", n, n-limit))
		}
	}
	for _, c := range m.containers() {
		report(c, longestService)
	}
	for _, kind := range []string{"secrets", "configs"} {
		for _, c := range m.resources(kind) {
			if !modeltree.Truth(c.body, "external") {
				report(c, longestContent)
			}
		}
	}
}
