// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// objects tells networks and volumes by their names. Two keys that carry one name are one
// network or volume: the first of them stands for both.
type objects struct {
	*document
	*decisions

	// oneNames are, by kind, the keys that have the name of another one, and that one.
	oneNames map[string]map[string]string
}

// oneNameRules come after all that changes networks and volumes.
func (m *objects) oneNameRules() []rule {
	return []rule{
		{name: "network-name", treatment: Scope, reason: "it is one network with the other", apply: func(r *rule) { m.keepOne(r, "networks") }},
		{name: "volume-name", treatment: Scope, reason: "it is one volume with the other", apply: func(r *rule) { m.keepOne(r, "volumes") }},
	}
}

// firstOf returns the key that stands for a network or volume: another one if it has
// the name of that, or else its own.
func (m *objects) firstOf(kind, key string) string {
	if first := m.sharedNames(kind)[key]; first != "" {
		return first
	}
	return key
}

// sharedNames returns the keys that have the name of another one, and that one. Two with
// other options, of which a start makes one, are two. It is the files that count, so
// they are looked for once. A swarm refuses to make two networks of one name.
func (m *objects) sharedNames(kind string) map[string]string {
	if all := m.oneNames[kind]; all != nil {
		return all
	}
	all := map[string]string{}
	m.oneNames[kind] = all
	m.eachSharedName(kind, func(t sharedName) {
		if (t.inUse || len(t.differing) == 0) && (t.external || !m.isStack() || kind != "networks") {
			all[t.key] = t.first
		}
	})
	return all
}

// A sharedName is a key that has the name of another one, the first.
type sharedName struct {
	first, key string
	// differing are the options in which both differ. Of an external one the files say
	// no more than what it is called.
	differing []string
	// external tells that one of them is external, and inUse that a plain start wants both.
	external, inUse bool
}

// eachSharedName calls for each key of the files that has the name of another one. The other
// is one that is made, if there is one, and has options, unless the test brings what
// is external. Of two external ones the test may make two.
func (m *objects) eachSharedName(kind string, do func(sharedName)) {
	const named, used, brought = 1, 2, 3
	section, use, rank := modeltree.Mapping(m.orig, kind), map[string]int{}, map[string]int{}
	for _, c := range m.containers() {
		how := named
		if m.isStarted(c) {
			how = used
		}
		for _, key := range m.usedOf(kind, c) {
			use[key] = max(use[key], how)
		}
	}
	all := slices.DeleteFunc(modeltree.Keys(section), func(key string) bool { return modeltree.Truth(section[key], "external") && use[key] == 0 })
	if _, declared := section["default"]; kind == "networks" && !declared && use["default"] > 0 {
		all = append(all, "default") // the one that nobody has to declare
	}
	for _, key := range all {
		rank[key] = 2 * use[key]
		if modeltree.Truth(section[key], "external") {
			rank[key]--
			if to, _ := m.chosen(kind, key); to != "" {
				rank[key] = 2 * brought
			}
		}
	}
	first := map[string]string{}
	for _, key := range slices.SortedStableFunc(slices.Values(all), func(a, b string) int { return rank[b] - rank[a] }) {
		name := m.shippedNameOf(kind, key)
		other, taken := first[name]
		if !taken {
			first[name] = key
			continue
		}
		one, isChosen := m.chosen(kind, key)
		if another, ok := m.chosen(kind, other); ok && isChosen && one != another {
			continue
		}
		t := sharedName{first: other, key: key, inUse: use[other] == used && use[key] == used}
		if t.external = modeltree.Truth(section[key], "external") || modeltree.Truth(section[other], "external"); !t.external {
			t.differing = differing(section[other], section[key])
		}
		do(t)
	}
}

// chosen is what the spec has for an external network or volume.
func (m *objects) chosen(kind, key string) (to string, ok bool) {
	choices := m.spec.Networks
	if kind == "volumes" {
		choices = m.spec.Volumes
	}
	for _, name := range []string{key, m.shippedNameOf(kind, key)} {
		if to, ok := choices[name]; ok {
			return to, ok
		}
	}
	return "", false
}

// shippedNameOf is the name that a network or volume has where the files are used as
// they are.
func (m *objects) shippedNameOf(kind, key string) string {
	body := modeltree.Mapping(modeltree.Mapping(m.orig, kind), key)
	switch name := modeltree.Str(body, "name"); {
	case name != "":
		return m.asShipped(name)
	case modeltree.Truth(body, "external"):
		return key
	}
	if m.isStack() { // which the files don't know the name of
		return stackName + "_" + key
	}
	return m.shippedName() + "_" + key
}

// usedOf are the keys of the networks, volumes, secrets or configs that a container
// uses.
func (m *objects) usedOf(kind string, c container) []string {
	var all []string
	switch {
	case kind == "networks" && m.isStack():
		return stackNetworks(c)
	case kind == "networks":
		return c.networks()
	case kind == "secrets", kind == "configs":
		for _, use := range slices.Concat(modeltree.List(c.body, kind), modeltree.List(modeltree.Mapping(c.body, "build"), kind)) {
			all = append(all, modeltree.Str(use, "source"))
		}
		return all
	}
	for _, v := range modeltree.List(c.body, "volumes") {
		if modeltree.Str(v, "type") == "volume" {
			all = append(all, modeltree.Str(v, "source"))
		}
	}
	return all
}

// differing returns the keys in which the options of two networks or volumes differ.
func differing(a, b any) []string {
	one, _ := a.(map[string]any)
	other, _ := b.(map[string]any)
	var names []string
	for _, options := range []map[string]any{one, other} {
		for key := range options {
			if key != "name" && !reflect.DeepEqual(one[key], other[key]) {
				names = append(names, key)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// collidingObjects reports networks and volumes that are one, and that the files want
// to be different.
func (m *objects) collidingObjects(r *rule, kinds ...string) {
	for _, kind := range kinds {
		found := *r
		found.reason = fmt.Sprintf("docker makes one %s of both, with the options of one of them, which is chance; the copies would hide it", strings.TrimSuffix(kind, "s"))
		m.eachSharedName(kind, func(t sharedName) {
			if !t.inUse || len(t.differing) == 0 {
				return
			}
			at, there := m.placeOfObject(kind, t.key), m.placeOfObject(kind, t.first)
			m.refuse(&found, at, m.src.find(at), "", fmt.Sprintf("name %q is also that of %s%s, with other %s",
				m.shippedNameOf(kind, t.key), modeltree.Path{kind, t.first}.Subject(), m.src.find(there).place(there).within(), strings.Join(t.differing, ", ")))
		})
	}
}

func (m *objects) placeOfObject(kind, key string) modeltree.Path {
	if at := (modeltree.Path{kind, key, "name"}); m.get(at) != nil {
		return at
	}
	return modeltree.Path{kind, key}
}

// scopeNames gives up the names of what a project or stack makes: Docker puts the name of that
// before the key then. Which of a kind have their names taken otherwise is for the caller to
// know. A template in a name of a stack stays, as each node or task is to have its own; and
// so does the name of a secret or config, by which versions of its content are told apart.
func (m *objects) scopeNames(r *rule, kind string, otherwise func(container) bool) {
	whose := "project"
	if m.isStack() {
		whose = "stack"
	}
	for _, n := range m.resources(kind) {
		name := modeltree.Str(n.body, "name")
		switch {
		case name == "" || modeltree.Truth(n.body, "external") || strings.Contains(name, placeholder.Project):
			continue
		case (kind == "networks" || kind == "volumes") && m.firstOf(kind, n.name) != n.name || otherwise != nil && otherwise(n):
			continue
		}
		ch := change{at: n.at.Join("name"), drop: true, what: fmt.Sprintf("name %q → the %s's own", name, whose)}
		if m.isStack() && (strings.Contains(name, "{{") || kind == "secrets" || kind == "configs") {
			ch.drop, ch.value = false, m.ownVersion(kind, n.name, name)
			ch.what = fmt.Sprintf("name %q → the stack's name before it", name)
		}
		m.edit(r, ch)
		if kind == "networks" && ch.drop {
			m.followNetwork(r, name, m.ownName(n.name))
		}
	}
}

// keepOne makes those that are one the same in the copies, too, by name and options.
func (m *objects) keepOne(r *rule, kind string) {
	twins := m.sharedNames(kind)
	for _, key := range slices.Sorted(maps.Keys(twins)) {
		first, at := twins[key], modeltree.Path{kind, key}
		body, _ := modeltree.Clone(m.get(modeltree.Path{kind, first})).(map[string]any)
		if body == nil {
			body = map[string]any{}
		}
		if !modeltree.Truth(body, "external") {
			if name := modeltree.Str(modeltree.Mapping(modeltree.Mapping(m.orig, kind), key), "name"); name != "" && kind == "networks" {
				m.followNetwork(r, name, m.ownName(first))
			}
			if modeltree.Str(body, "name") == "" {
				body["name"] = m.ownName(first)
			}
		}
		if !reflect.DeepEqual(m.get(at), any(body)) {
			m.edit(r, change{at: at, value: body, from: m.src.find(m.placeOfObject(kind, key)),
				what: fmt.Sprintf("name %q → that of %s", m.shippedNameOf(kind, key), modeltree.Path{kind, first}.Subject())})
		}
	}
}

// ownVersion is a name that the files give to something of a stack, as the copy's own. No
// key without a name has that one.
func (m *objects) ownVersion(kind, key, name string) string {
	other := modeltree.Mapping(modeltree.Mapping(m.orig, kind), name)
	if other != nil && name != key && modeltree.Str(other, "name") == "" {
		return m.ownName(key + "_" + name)
	}
	return m.ownName(name)
}

// ownName is the name of a network or volume of the copy's own.
func (m *objects) ownName(key string) string {
	if m.isStack() {
		return stackName + "_" + key
	}
	return placeholder.Project + "_" + key
}

// shippedName is the name that the project has where the files are used as they
// are: that of .env, of the files, or of the directory.
func (m *objects) shippedName() string {
	return loader.NormalizeProjectName(cmp.Or(m.givenName(), filepath.Base(m.in.dir)))
}

// givenName is that of .env or of the files, if they have one.
func (m *objects) givenName() string {
	name := cmp.Or(m.in.ownName, modeltree.Str(m.orig, "name"))
	if strings.Contains(name, placeholder.Project) {
		return ""
	}
	return name
}

// asShipped is a text with the name that the project has where the files are used as
// they are.
func (m *objects) asShipped(text string) string {
	return strings.ReplaceAll(text, placeholder.Project, m.shippedName())
}

// followNetwork adapts labels that tell a proxy which network to use:
// traefik.docker.network and its like.
func (m *objects) followNetwork(r *rule, name, fresh string) {
	for _, c := range m.containers() {
		for _, at := range []modeltree.Path{c.at.Join("labels"), c.at.Join("deploy", "labels")} {
			switch labels := m.get(at).(type) {
			case map[string]any:
				for _, k := range modeltree.Keys(labels) {
					if strings.HasSuffix(k, ".network") && labels[k] == name {
						m.followLabel(r, at.Join(k), fresh, k, name)
					}
				}
			case []any:
				for i, e := range labels {
					k, v, _ := strings.Cut(fmt.Sprint(e), "=")
					if strings.HasSuffix(k, ".network") && v == name {
						m.followLabel(r, at.Join(i), k+"="+fresh, k, name)
					}
				}
			}
		}
	}
}

func (m *objects) followLabel(r *rule, at modeltree.Path, value, key, name string) {
	m.edit(r, change{
		at: at, value: value, treatment: Follow,
		what:   fmt.Sprintf("label %s: network %q → %s", key, name, strings.TrimPrefix(value, key+"=")),
		reason: "the network has another name in each copy",
	})
}
