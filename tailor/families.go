// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// families tells over which protocols the engine publishes ports of a container:
// those of the networks from which something leads out, as they will be when the
// test's words about them are done.
func (m *networks) families(c container) (four, six bool) {
	switch mode := modeltree.Str(c.body, "network_mode"); {
	case mode == "" || mode == "default":
	case mode == "bridge", strings.Contains(mode, placeholder.Project):
		return true, false
	case namesNetwork(mode):
		to, given := m.spec.Networks[mode]
		switch {
		case !given && !m.spec.Isolate:
			return m.engineFamilies(mode)
		case to != "":
			return m.engineFamilies(to)
		}
		return familiesOf(modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), m.networkNamed(mode)))
	default: // the network of the machine, of another container, or none
		return false, false
	}
	for _, key := range c.networks() {
		f, s := m.networkFamilies(key)
		four, six = four || f, six || s
	}
	return four, six
}

// networkFamilies does the same for a network of the files.
func (m *networks) networkFamilies(key string) (four, six bool) {
	body := modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), key)
	name := nameOf(container{name: key, body: body})
	external, driver := modeltree.Truth(body, "external"), modeltree.Str(body, "driver")
	to, given := m.spec.Networks[key]
	if !given {
		to, given = m.spec.Networks[name]
	}
	foreign := external || driverTrouble(driver) != ""
	switch given = given || m.spec.Isolate && !isBuiltin(name); {
	case foreign && given && to != "":
		return m.engineFamilies(to)
	case external && !given:
		return m.engineFamilies(name)
	case foreign && given: // it becomes a bridge without options
		body = maps.Clone(body)
		delete(body, "driver_opts")
	case strings.HasSuffix(driver, "vlan"): // the machine's neighbours reach it, not the machine
		return false, false
	}
	if modeltree.Truth(body, "internal") {
		return false, false
	}
	return familiesOf(body)
}

// engineFamilies does the same for a network that is there already: IPv4, if nobody
// says otherwise.
func (m *networks) engineFamilies(name string) (four, six bool) {
	six = m.in.sixOnly(name)
	return !six, six
}

// familiesOf tells which addresses a network of the project gets.
func familiesOf(network map[string]any) (four, six bool) {
	wants := func(key string, otherwise bool) bool {
		if v, ok := network[key].(bool); ok {
			return v
		}
		switch modeltree.Str(modeltree.Mapping(network, "driver_opts"), "com.docker.network."+key) {
		case "true", "1":
			return true
		case "false", "0":
			return false
		}
		return otherwise
	}
	return wants("enable_ipv4", true), wants("enable_ipv6", false)
}
