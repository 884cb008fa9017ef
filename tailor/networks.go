// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// networks says which networks containers are on, and what becomes of those that copies would share.
type networks struct {
	*document
	*decisions
	addressing *addressing
	objects    *objects

	// shared are the keys of networks that other copies may be on.
	shared []string
}

func (m *networks) networkRules() []rule {
	return []rule{{
		name:      "network-name",
		treatment: Scope,
		reason:    "copies that share a network resolve each other's services",
		doc: row{
			with:  []string{"volume-name"},
			files: "a name for a network or volume",
			becomes: "the project's own. Two keys with one name are one network or volume in the copies too, even if one or both are external; if " +
				"their options differ, they are refused (`self-collision`). A stack with a network of its own and an external one of the same " +
				"name is refused, because no swarm deploys it",
		},
		apply: func(r *rule) { m.objects.scopeNames(r, "networks", nil) },
	}, {
		name:      "external-network",
		treatment: Scope,
		severity:  Refuse,
		reason:    "every copy would join it, and the services of one would answer the other",
		doc: row{
			files: "an external network that a service joins, also by `network_mode: NAME`",
			becomes: "refused: `Networks` makes one for each copy, shares it, or takes another. Several such networks are one question. There is no " +
				"question, but one for each copy and a warning, if everything on it waits for the proxy of another project (labels of Traefik or " +
				"Caddy, `VIRTUAL_HOST`), publishes no port and joins no other such network. Labels that name the network (`*.network`) follow. " +
				"`bridge` is left alone",
		},
		apply: m.externalNetworks,
	}, {
		name:     "shared-name",
		severity: Warning,
		reason:   "on a network that copies share, the name belongs to all of them",
		doc: row{
			files:   "a hostname on a network that is shared",
			becomes: "a warning",
		},
		apply: m.sharedNames,
	}, {
		name:      "network-driver",
		treatment: Scope,
		severity:  Refuse,
		doc: row{
			files:   "overlay, macvlan, ipvlan, host, a plugin",
			becomes: "refused: `Networks` takes the engine's bridge instead, or another network. A file with overlay networks may be one for stacks",
		},
		apply: m.networkDrivers,
	}, {
		name:      "bridge-name",
		treatment: Free,
		reason:    "it is one interface of the machine",
		doc: row{
			files:   "the name of a bridge on the machine",
			becomes: "chosen by the engine",
		},
		apply: m.freeBridges,
	}}
}

// externalNetworks does what the spec says about networks that the project does
// not make: another network, the same for all, or one for each copy.
func (m *networks) externalNetworks(r *rule) {
	m.settleExternal(r, container.networks, func(n container, from spot, reason string) {
		name := nameOf(n)
		m.edit(r, change{at: n.at.Join("external"), drop: true, from: from, what: fmt.Sprintf("external network %q → one of the project's own", name), reason: reason})
		if n.body["name"] != nil {
			m.edit(r, change{at: n.at.Join("name"), drop: true, from: from, quiet: true, what: fmt.Sprintf("name %q → the project's own", name), reason: reason})
		}
		m.objects.followNetwork(r, name, m.objects.ownName(m.objects.firstOf("networks", n.name)))
		m.addressing.dropAddresses(r, n)
	})
}

// settleExternal does what the spec says about the external networks that are joined, of
// a project or a stack. How one of its own is made is for each of them to say. Those that
// every engine has are no place where services find each other.
func (m *networks) settleExternal(r *rule, networksOf func(container) []string, makeOwn func(n container, from spot, reason string)) {
	for _, n := range m.resources("networks") {
		joins := func(c container) bool { return slices.Contains(networksOf(c), n.name) }
		if !modeltree.Truth(n.body, "external") || !slices.ContainsFunc(m.containers(), joins) {
			continue
		}
		name := nameOf(n)
		from := m.src.find(n.at.Join("external"))
		to, ok := m.choice("Networks", m.spec.Networks, n.name, name)
		reason := "as asked"
		builtin := isBuiltin(name)
		if !ok && m.spec.Isolate && !builtin {
			ok, reason = true, r.reason
		}
		switch {
		case !ok && name == "host":
			m.refuseHost(n.at, from, n.name)
		case !ok && builtin: // where services don't find each other
		case !ok && m.isForProxy(n, networksOf):
			m.reportProxy(r, n, from, name)
			makeOwn(n, from, r.reason)
		case !ok:
			m.report(r, n.at, from, fmt.Sprintf("network %q is external", name),
				Fix{Field: "Networks", Key: n.name, Does: "makes one for each copy"},
				Fix{Field: "Networks", Key: n.name, Value: name, Does: "shares it"},
				Fix{Field: "Networks", Key: n.name, Value: "NAME", Does: "takes another one that is there"}, isolate)
		case to == "":
			makeOwn(n, from, reason)
		case to == name:
			shared := *r
			shared.severity, shared.reason = Note, reason
			m.report(&shared, n.at, from, fmt.Sprintf("network %q is shared by all copies", name))
			m.share(n.name)
		default:
			m.edit(r, change{at: n.at.Join("name"), value: to, from: from, treatment: Substitute, what: fmt.Sprintf("network %q → %s", name, to), reason: reason})
			m.objects.followNetwork(r, name, to)
			m.share(n.name)
		}
	}
}

// share notes that other copies may be on a network, by whichever key.
func (m *networks) share(key string) {
	m.shared = append(m.shared, key)
	for other, first := range m.objects.sharedNames("networks") {
		if first == key {
			m.shared = append(m.shared, other)
		}
	}
}

// isBuiltin tells whether every engine has a network of this name.
func isBuiltin(name string) bool { return slices.Contains([]string{"host", "bridge", "none"}, name) }

// sharedNames reports what makes a name ambiguous on a network of others.
func (m *networks) sharedNames(r *rule) {
	for _, c := range m.containers() {
		for _, key := range c.networks() {
			if !slices.Contains(m.shared, key) {
				continue
			}
			for _, field := range []string{"hostname", "domainname", "mac_address"} {
				if v := modeltree.Str(c.body, field); v != "" {
					m.report(r, c.at.Join(field), spot{}, fmt.Sprintf("%s %s on network %s", field, v, key))
				}
			}
		}
	}
}

// networkDrivers takes networks off what Compose cannot make twice, or not
// without a swarm.
func (m *networks) networkDrivers(r *rule) {
	for _, n := range m.resources("networks") {
		driver := modeltree.Str(n.body, "driver")
		found := *r
		found.reason = driverTrouble(driver)
		if driver == "overlay" {
			found.hint = "the file may be one for swarm stacks: Deploy, or seatrial tailor --stack, takes it as that"
		}
		if found.reason == "" || modeltree.Truth(n.body, "external") || !m.joined(n.name) {
			continue
		}
		at := n.at.Join("driver")
		to, ok := m.choice("Networks", m.spec.Networks, n.name, nameOf(n))
		reason := "as asked"
		if !ok && m.spec.Isolate {
			ok, reason = true, found.reason
		}
		switch {
		case !ok:
			m.refuse(&found, at, spot{}, driver, "driver "+driver, Fix{Field: "Networks", Key: n.name, Does: "takes the engine's bridge"}, isolate)
		case to == "":
			m.edit(r, change{at: at, drop: true, what: "driver " + driver + " → the engine's bridge", reason: reason})
			if n.body["driver_opts"] != nil {
				m.edit(r, change{at: n.at.Join("driver_opts"), drop: true, what: "its options → none", reason: reason})
			}
		default:
			m.edit(r, change{at: n.at, value: map[string]any{"external": true, "name": to}, treatment: Substitute, what: "driver " + driver + " → network " + to, reason: reason})
		}
	}
}

// driverTrouble says what is wrong with a network's driver, if anything.
func driverTrouble(driver string) string {
	switch driver {
	case "", "default", "bridge", "nat":
		return ""
	case "overlay":
		return "it needs an engine in swarm mode"
	case "macvlan", "ipvlan", "transparent", "l2bridge", "l2tunnel":
		return "it is on an interface of the machine, which copies would share"
	case "host", "none", "null":
		return "an engine has one such network, and makes no other"
	}
	return "a plugin makes it, which has to be on every machine and may know nothing of copies"
}

const bridgeName = "com.docker.network.bridge.name"

func (m *networks) freeBridges(r *rule) {
	for _, n := range m.resources("networks") {
		if v := modeltree.Mapping(n.body, "driver_opts")[bridgeName]; v != nil {
			m.edit(r, change{at: n.at.Join("driver_opts", bridgeName), drop: true, what: fmt.Sprintf("bridge %v → named by the engine", v)})
		}
	}
}

// joined tells whether a container is on the network: Compose does not make or
// look for others.
func (m *networks) joined(key string) bool {
	return slices.ContainsFunc(m.containers(), func(c container) bool { return slices.Contains(c.networks(), key) })
}

// foreignNetworks are those for which the spec may have something.
func (m *networks) foreignNetworks() []string {
	var all []string
	section, _ := m.orig["networks"].(map[string]any)
	for _, key := range modeltree.Keys(section) {
		if body := section[key]; (modeltree.Truth(body, "external") || driverTrouble(modeltree.Str(body, "driver")) != "") && m.joined(key) {
			all = append(all, key)
		}
	}
	services, _ := m.orig["services"].(map[string]any)
	for _, s := range services {
		if mode := modeltree.Str(s, "network_mode"); mode == "host" || namesNetwork(mode) {
			all = append(all, mode)
		}
	}
	return all
}

// networkNamed returns the key of the files' network that has the name, "" if
// none has.
func (m *networks) networkNamed(name string) string {
	for _, n := range m.resources("networks") {
		if !modeltree.Truth(n.body, "external") && modeltree.Str(n.body, "name") == name {
			return n.name
		}
	}
	return ""
}

// networkOf returns the service in whose network a container is, "" if in its own.
func (m *networks) networkOf(c container) string {
	mode := modeltree.Str(c.body, "network_mode")
	if service, ok := strings.CutPrefix(mode, "service:"); ok {
		return service
	}
	name, ok := strings.CutPrefix(mode, "container:")
	for _, other := range m.containers() {
		if ok && name != "" && modeltree.Str(other.body, "container_name") == name {
			return other.name
		}
	}
	return ""
}

// namesNetwork tells whether a network mode is the name of a network that the
// engine has, or will have.
func namesNetwork(mode string) bool {
	return mode != "" && mode != "default" && !isBuiltin(mode) && !strings.Contains(mode, ":") && !strings.Contains(mode, placeholder.Project)
}
