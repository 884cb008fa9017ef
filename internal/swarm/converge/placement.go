// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
)

// eligible returns how many nodes get a task of a service that has one on each.
func eligible(s engine.Service, nodes map[string]engine.Node) int {
	n := 0
	for _, one := range nodes {
		if one.Status == "ready" && one.Availability == "active" && !slices.ContainsFunc(s.Constraints, func(c string) bool { return !meets(one, c) }) {
			n++
		}
	}
	return n
}

// away reports whether a node that would take tasks does not answer the swarm.
func away(nodes map[string]engine.Node) bool {
	for _, n := range nodes {
		if n.Status != "ready" && n.Availability == "active" {
			return true
		}
	}
	return false
}

// absent names the nodes that take no tasks.
func absent(nodes map[string]engine.Node) []string {
	var all []string
	for _, n := range nodes {
		switch {
		case n.Status != "ready":
			all = append(all, fmt.Sprintf("node %s is %s", n.Hostname, n.Status))
		case n.Availability == "drain":
			all = append(all, fmt.Sprintf("node %s is drained", n.Hostname))
		case n.Availability != "active":
			all = append(all, fmt.Sprintf("node %s is %sd", n.Hostname, n.Availability)) // paused
		}
	}
	slices.Sort(all)
	return all
}

// why says what keeps a service's tasks from all nodes, as far as we can tell: the
// swarm itself only counts nodes.
func why(s engine.Service, nodes map[string]engine.Node) string {
	var up []engine.Node
	for _, n := range nodes {
		if n.Status == "ready" && n.Availability == "active" {
			up = append(up, n)
		}
	}
	if len(up) == 0 {
		return ": no node is ready and active: " + strings.Join(absent(nodes), ", ")
	}
	var all []string
	for _, c := range s.Constraints {
		if !slices.ContainsFunc(up, func(n engine.Node) bool { return meets(n, c) }) {
			all = append(all, fmt.Sprintf("no node meets the constraint %q%s", c, valuesOf(up, c)))
		}
	}
	if len(s.Constraints) > 1 && all == nil && eligible(s, nodes) == 0 {
		all = append(all, fmt.Sprintf("no node meets all of the constraints %q", s.Constraints))
	}
	var memory, cpus int64
	for _, n := range up {
		memory, cpus = max(memory, n.MemoryBytes), max(cpus, n.NanoCPUs)
	}
	if s.MemoryBytes > memory {
		all = append(all, fmt.Sprintf("it reserves %s of memory, and no node has more than %s", bytesOf(s.MemoryBytes), bytesOf(memory)))
	}
	if s.NanoCPUs > cpus {
		all = append(all, fmt.Sprintf("it reserves %g CPUs, and no node has more than %g", float64(s.NanoCPUs)/1e9, float64(cpus)/1e9))
	}
	if s.PerNode > 0 && s.Wanted > s.PerNode*eligible(s, nodes) {
		all = append(all, fmt.Sprintf("max_replicas_per_node is %d, which is too few for %d tasks; nodes for them: %d", s.PerNode, s.Wanted, eligible(s, nodes)))
	}
	for _, p := range s.Ports {
		if p.Host && p.Published != 0 && s.Wanted > eligible(s, nodes) {
			all = append(all, fmt.Sprintf("%d tasks publish port %d in host mode, one on a node; nodes for them: %d", s.Wanted, p.Published, eligible(s, nodes)))
		}
	}
	if all == nil {
		for _, p := range s.Ports {
			if p.Host && p.Published != 0 {
				all = append(all, fmt.Sprintf("it publishes port %d in host mode", p.Published))
			}
		}
	}
	all = append(all, absent(nodes)...)
	if all == nil {
		return ""
	}
	return ": " + strings.Join(all, "; ")
}

// meets reports whether a node meets a constraint, as swarm reads it.
// https://github.com/moby/swarmkit/blob/master/manager/constraint/constraint.go
func meets(n engine.Node, constraint string) bool {
	key, value, equal := strings.Cut(constraint, "==")
	if !equal {
		var differs bool
		if key, value, differs = strings.Cut(constraint, "!="); !differs {
			return true
		}
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if strings.EqualFold(key, "node.ip") {
		return inRange(n.Address, value) == equal
	}
	has, known := attribute(n, key)
	return known && strings.EqualFold(has, value) == equal
}

// attribute returns what a node has under a key. There is none that no node has:
// neither is equal to it nor differs.
func attribute(n engine.Node, key string) (value string, known bool) {
	lower := strings.ToLower(key)
	switch lower {
	case "node.id":
		return n.ID, true
	case "node.hostname":
		return n.Hostname, true
	case "node.role":
		return n.Role, true
	case "node.platform.os":
		return n.OS, true
	case "node.platform.arch":
		return n.Arch, true
	}
	if strings.HasPrefix(lower, "node.labels.") {
		return n.Labels[key[len("node.labels."):]], true
	}
	if strings.HasPrefix(lower, "engine.labels.") {
		return n.EngineLabels[key[len("engine.labels."):]], true
	}
	return "", false
}

func inRange(address, value string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if one, err := netip.ParseAddr(value); err == nil {
		return one == ip
	}
	many, err := netip.ParsePrefix(value)
	return err == nil && many.Contains(ip)
}

// valuesOf says what the nodes have instead of what a constraint wants.
func valuesOf(nodes []engine.Node, constraint string) string {
	key, _, _ := strings.Cut(strings.Replace(constraint, "!=", "==", 1), "==")
	key = strings.TrimSpace(key)
	values := map[string]bool{}
	for _, n := range nodes {
		value, known := attribute(n, key)
		switch {
		case !known:
			return fmt.Sprintf(": a node has no %s", key)
		case value != "":
			values[value] = true
		}
	}
	if len(values) == 0 {
		return ": no node has " + key
	}
	return fmt.Sprintf(": %s is %s", key, strings.Join(slices.Sorted(maps.Keys(values)), ", "))
}

func bytesOf(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d bytes", n)
}
