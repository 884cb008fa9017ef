// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// stackCollisions finds what one deployment of the files takes twice.
type stackCollisions struct {
	*document
	*decisions
	addressing *addressing
	hostPorts  *hostPorts
	objects    *objects
	stackPorts *stackPorts
}

// What one deployment of the files takes twice is looked for first, as with
// Compose.
func (m *stackCollisions) collisionRules() []rule {
	return []rule{{
		name:     "self-collision",
		severity: Refuse,
		reason:   "docker stack deploy cannot deploy these files as they are in any swarm, and the copies would hide it",
		apply:    m.stackSelfCollisions,
	}}
}

func (m *stackCollisions) stackSelfCollisions(r *rule) {
	m.stackPorts.findPorts()
	m.collidingStackPorts(r)
	m.nodePorts(r)
	used := map[string]bool{}
	for _, c := range m.containers() {
		for _, key := range stackNetworks(c) {
			used[key] = true
		}
	}
	m.addressing.reportHostBits(m.addressing.subnets(), used)
	m.addressing.overlapping(r, used, func(a, b subnet) bool { return a.ofSwarm() && b.ofSwarm() })
	m.sameNames(r, used)
	m.objects.collidingObjects(r, "volumes")
}

// ofSwarm tells whether the swarm itself gives out the addresses.
func (s subnet) ofSwarm() bool {
	driver := modeltree.Str(s.n.body, "driver")
	return (driver == "" || driver == "overlay") && s.prefix.Addr().Is4()
}

// stackClaim is a published port of a service of a stack.
type stackClaim struct {
	claim
	host bool // of the node of each task, and not of all nodes
}

func (m *stackCollisions) stackClaims() []*stackClaim {
	var all []*stackClaim
	for _, c := range m.containers() {
		for i, p := range modeltree.List(c.body, "ports") {
			for _, n := range portentry.Published(p) {
				port := p.(map[string]any)
				at := c.at.Join("ports", i)
				from := m.hostPorts.portSpot(c.at, port)
				all = append(all, &stackClaim{claim{
					service: c.name, target: portentry.Target(p), count: 1, protocol: portentry.Protocol(p), first: n, last: n,
					at: at, from: from, place: from.place(at),
				}, port["mode"] == "host"})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *stackClaim) int { return a.place.compare(b.place, m.plan.order) })
	return all
}

// collidingStackPorts reports ports that a swarm gives once: one that it has on all
// nodes to one service, and of one service each number once. What is published on
// the nodes of the tasks alone may be free on another node.
func (m *stackCollisions) collidingStackPorts(r *rule) {
	nodes := *r
	nodes.severity, nodes.reason = Warning, "tasks of both find a place if the swarm has a node for each; in the copies they have other ports"
	type port struct {
		protocol string
		number   int
	}
	wanted := map[port][]*stackClaim{}
	var order []port
	for _, c := range m.stackClaims() {
		p := port{c.protocol, c.first}
		if wanted[p] == nil {
			order = append(order, p)
		}
		wanted[p] = append(wanted[p], c)
	}
	var sure, depends []conflict
	for _, p := range order {
		same := wanted[p]
		if len(same) < 2 {
			continue
		}
		all := conflict{nil, p.number, p.number}
		hard := false
		for i, c := range same {
			all.claims = append(all.claims, &c.claim)
			for _, other := range same[:i] {
				hard = hard || c.service == other.service || !c.host || !other.host
			}
		}
		if hard {
			sure = append(sure, all)
		} else {
			depends = append(depends, all)
		}
	}
	for _, c := range merged(sure) {
		m.refuse(r, c.last().at, c.last().from, "", c.what())
	}
	for _, c := range merged(depends) {
		m.refuse(&nodes, c.last().at, c.last().from, "", c.what())
	}
}

// nodePorts reports fixed ports on the nodes of the tasks that take more nodes than
// every swarm has: in the copies each task has a port of its own.
func (m *stackCollisions) nodePorts(r *rule) {
	for _, c := range m.containers() {
		deploy := modeltree.Mapping(c.body, "deploy")
		mode := modeltree.Str(deploy, "mode")
		tasks, counted := deploy["replicas"].(int)
		if !counted {
			tasks = 1
		}
		for i, p := range modeltree.List(c.body, "ports") {
			port, _ := p.(map[string]any)
			numbers := portentry.Published(p)
			if len(numbers) == 0 || port["mode"] != "host" {
				continue
			}
			m.hostPorts.roomFor(r, c.name, 1)
			at, from := c.at.Join("ports", i), m.hostPorts.portSpot(c.at, port)
			name := fmt.Sprintf("host port %d%s", numbers[0], portentry.Suffix(p))
			found := *r
			found.severity = Warning
			copies := "in the copies each has another port"
			if m.hostPorts.keptPort(numbers) {
				copies = "in the copies as well, where the port is kept"
			}
			if tasks > 1 && mode != "global" && mode != "global-job" {
				found.reason = fmt.Sprintf("it takes %d nodes, and the tasks that find none stay pending; %s", tasks, copies)
				m.refuse(&found, at, from, "", fmt.Sprintf("%d tasks want %s of their nodes", tasks, name))
			}
			for _, key := range []string{"update_config", "rollback_config"} {
				if modeltree.Str(modeltree.Mapping(deploy, key), "order") != "start-first" {
					continue
				}
				where := "the next task starts beside the one that has the port: on a node that is not free of it"
				if mode == "global" {
					where = "on each node the next task starts beside the one that has the port:"
				}
				found.reason = where + " it stays pending, and the update never ends; " + copies
				m.refuse(&found, at, from, "", fmt.Sprintf("%s of the node, and %s.order: start-first", name, key))
			}
		}
	}
}

// sameNames reports networks, secrets and configs that are to have one name. Of
// secrets and configs with the same content the second is the first. An external
// network has to be there before.
func (m *stackCollisions) sameNames(r *rule, used map[string]bool) {
	found := *r
	for _, kind := range []string{"networks", "secrets", "configs"} {
		first := map[string]container{}
		for _, n := range m.resources(kind) {
			name, external := modeltree.Str(n.body, "name"), modeltree.Truth(n.body, "external")
			if name == "" || external && kind != "networks" || kind == "networks" && !used[n.name] {
				continue
			}
			other, taken := first[name]
			if !taken {
				first[name] = n
				continue
			}
			if external && modeltree.Truth(other.body, "external") {
				continue // one network
			}
			found.reason = "docker stack deploy cannot make the second; in the copies they have other names"
			if external || modeltree.Truth(other.body, "external") {
				found.reason = "an external network has to be there before, and then docker stack deploy cannot make another one of its name"
			}
			if kind != "networks" {
				a, err := m.in.read(modeltree.Str(other.body, "file"))
				b, failed := m.in.read(modeltree.Str(n.body, "file"))
				if err != nil || failed != nil || bytes.Equal(a, b) {
					continue
				}
				found.reason = "the content is another one, which a swarm does not change; in the copies they have other names"
			}
			there := m.objects.placeOfObject(kind, other.name)
			place := m.src.find(there).place(there)
			m.refuse(&found, m.objects.placeOfObject(kind, n.name), spot{}, "", fmt.Sprintf("name %q is also that of %s%s", name, other.at.Subject(), place.within()))
		}
	}
}
