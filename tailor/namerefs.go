// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/option"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// nameTexts follows names of networks, volumes and containers into the texts of containers.
type nameTexts struct {
	*document
	mounts   *mountReader
	networks *networks
	objects  *objects
	texts    *textReader
}

// nameReferenceRules come when networks, volumes and containers have the names that they
// keep. Who starts containers beside the project's, or looks for them, is told these names.
func (m *nameTexts) nameReferenceRules() []rule {
	return []rule{{
		name:      "name-reference",
		treatment: Follow,
		severity:  Note,
		reason:    "it has another name in each copy; this is left alone, as it may mean something else",
		doc: row{
			files: "a setting, option or label whose value is the name of a network, volume or container that has another name in the copies, or is " +
				"the name that docker compose gives it (`PROJECT_default`, `PROJECT-web-1`)",
			becomes: "replaced by the new name if its own name says what it is (`JOB_NETWORK`, `--volume`, `RUNNER_CONTAINER`) and the service talks " +
				"to an engine, through a socket or an address, or if its own name says that too (`DOCKER_NETWORK`, " +
				"`--providers.docker.network`). Otherwise, if it may be such a name, it is a note. Parts of longer values, and the same word in " +
				"another meaning, stay",
		},
		apply: m.followNames,
	}}
}

// A namedKind is a kind of objects of an engine, and the words by which a setting says
// that its value is the name of one.
type namedKind struct {
	name  string
	words []string
}

var namedKinds = []namedKind{
	{"network", []string{"network", "networks", "net"}},
	{"volume", []string{"volume", "volumes", "vol"}},
	{"container", []string{"container", "containers"}},
}

// engineWords are those by which a setting says that it is about an engine.
var engineWords = []string{"docker", "podman", "swarm", "compose"}

// movedNames returns the names that objects of the project have where the files are used as
// they are, and those that they have in the copies, by kind.
func (m *nameTexts) movedNames() map[string]map[string]string {
	moved := map[string]map[string]string{}
	move := func(kind, old, fresh string) {
		if moved[kind] == nil {
			moved[kind] = map[string]string{}
		}
		if old != fresh {
			moved[kind][old] = fresh
		}
	}
	for _, kind := range []string{"networks", "volumes"} {
		section := modeltree.Mapping(m.orig, kind)
		keys := modeltree.Keys(section)
		if kind == "networks" && !slices.Contains(keys, "default") && m.networks.joined("default") {
			keys = append(keys, "default")
		}
		for _, key := range keys {
			body, fresh := modeltree.Mapping(modeltree.Mapping(m.tree, kind), key), m.objects.ownName(m.objects.firstOf(kind, key))
			if name := modeltree.Str(body, "name"); name != "" {
				fresh = name
			} else if modeltree.Truth(body, "external") {
				continue
			}
			if old := m.objects.shippedNameOf(kind, key); old != fresh && !strings.Contains(old, placeholder.Start) {
				move(strings.TrimSuffix(kind, "s"), old, fresh)
			}
		}
	}
	if m.isStack() {
		return moved
	}
	for _, c := range m.containers() {
		body, _ := m.shippedBody(c)
		if c.at[0] != "services" {
			continue
		}
		first := placeholder.Project + "-" + c.name + "-1"
		move("container", m.objects.asShipped(first), first)
		if name := modeltree.Str(body, "container_name"); name != "" && modeltree.Str(c.body, "container_name") == "" {
			move("container", name, first)
		}
	}
	return moved
}

// followNames adapts the settings, options and labels of programs that talk to an engine
// where they say that their value is such a name, and notes others.
func (m *nameTexts) followNames(r *rule) {
	moved := m.movedNames()
	talkers := map[string]bool{}
	for _, c := range m.containers() {
		talkers[c.at.String()] = m.talksToEngine(c)
	}
	services := modeltree.Mapping(m.tree, "services")
	m.texts.eachText(func(t text) {
		value, what := t.value, []string{}
		for _, p := range slices.Backward(option.Parts(t.key, m.texts.before(t), t.value)) {
			for _, kind := range namedKinds {
				name, rest := p.Value, ""
				if kind.name == "volume" { // NAME:/data
					if first, after, ok := strings.Cut(name, ":/"); ok {
						name, rest = first, ":/"+after
					}
				}
				fresh, isMoved := moved[kind.name][name]
				says := saysOne(p.Name, kind.words)
				known := talkers[t.c.at.String()] || saysOne(p.Name, engineWords)
				switch {
				case !isMoved:
				case says && known:
					value = value[:p.Start] + fresh + rest + value[p.End:]
					what = append(what, fmt.Sprintf("%s %q in %s → %s", kind.name, name, p.Name, fresh))
				case says, known && kind.name != "container" && rest == "" && !modeltree.Has(services, name):
					from := t.from
					if from.l == nil {
						from = m.src.find(t.find)
					}
					m.report(r, t.at, from, fmt.Sprintf("%s has the name of %s %q", p.Name, kind.name, name))
				}
			}
		}
		if len(what) == 0 {
			return
		}
		slices.Reverse(what)
		at, prefix, from := t.at, t.prefix, t.from
		if from.l != nil {
			at, prefix = m.texts.settingOf(t.c, t.key)
		} else {
			from = m.src.find(t.find)
		}
		m.edit(r, change{at: at, value: prefix + value, from: from, what: strings.Join(what, ", "), reason: "it has another name in each copy"})
	})
}

// talksToEngine tells whether a container reaches an engine: by its socket, or by an
// address that it is told.
func (m *nameTexts) talksToEngine(c container) bool {
	if modeltree.Truth(c.body, "use_api_socket") || m.texts.sets(c, "DOCKER_HOST") {
		return true
	}
	talks := slices.ContainsFunc(m.mounts.mounts(), func(b mount) bool { return b.c.at.String() == c.at.String() && machinepath.IsSocket(b.source) })
	for _, key := range []string{"environment", "command", "entrypoint"} {
		m.texts.textsAt(func(t text) {
			for _, sign := range []string{"docker.sock", ":2375", ":2376"} {
				talks = talks || strings.Contains(t.value, sign)
			}
		}, c, c.at.Join(key))
	}
	return talks
}
