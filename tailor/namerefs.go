// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
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
			becomes: "replaced by the new name if its own name says what it is (`JOB_NETWORK`, `--volume`, `RUNNER_CONTAINER`, options of docker run) and the service talks " +
				"to an engine, through a socket or an address, or if its own name says that too (`DOCKER_NETWORK`, " +
				"`--providers.docker.network`). Otherwise, if it may be such a name, also as a word of a docker command, it is a note. Parts of longer values, and the same word in " +
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
	look := func(t text) {
		value, what, seen := t.value, []string{}, map[int]bool{}
		for _, p := range slices.Backward(option.Parts(t.key, m.texts.before(t), t.value)) {
			known := talkers[t.c.at.String()] || saysOne(p.Name, engineWords)
			for _, use := range slices.Backward(usesOf(p)) {
				name := t.value[use.start:use.end]
				fresh, isMoved := moved[use.kind][name]
				switch {
				case !isMoved:
				case use.says && known:
					seen[use.start] = true
					value = value[:use.start] + fresh + value[use.end:]
					what = append(what, fmt.Sprintf("%s %q in %s → %s", use.kind, name, p.Name, fresh))
				case use.says, known && use.kind != "container" && use.end == p.End && !modeltree.Has(services, name):
					seen[use.start] = true
					m.reportName(r, t, p.Name, use.kind, name)
				}
			}
		}
		if talkers[t.c.at.String()] && m.isEngineCommand(t) {
			for _, at := range commandWord.FindAllStringIndex(t.value, -1) {
				name, _, _ := strings.Cut(t.value[at[0]:at[1]], ":")
				for _, kind := range namedKinds {
					if _, isMoved := moved[kind.name][name]; isMoved && !seen[at[0]] && !modeltree.Has(services, name) {
						seen[at[0]] = true
						m.reportName(r, t, "the docker command", kind.name, name)
					}
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
	}
	m.texts.eachText(look)
	m.texts.hookTexts(look)
	m.texts.textsIn(look, "healthcheck.test")
}

// A nameUse is a place in a text where the name of an object of an engine may stand.
type nameUse struct {
	kind       string
	start, end int
	// says tells that the setting or option says that it is one.
	says bool
}

// usesOf returns the places in the value of a setting or option where names may stand, in
// their order. Options of docker run have more in their values.
func usesOf(p option.Part) []nameUse {
	part := func(kind, before, name string) []nameUse {
		start := p.Start + len(before)
		return []nameUse{{kind, start, start + len(name), true}}
	}
	first, after, hasRest := strings.Cut(p.Value, ":")
	switch isPath := strings.HasPrefix(after, "/"); {
	case p.Name == "-v" && isPath:
		return part("volume", "", first)
	case p.Name == "--volumes-from", p.Name == "--link" && hasRest:
		return part("container", "", first)
	case (p.Name == "--net" || p.Name == "--network") && first == "container" && hasRest:
		return part("container", "container:", after)
	case p.Name == "--mount":
		var all []nameUse
		at := 0
		for field := range strings.SplitSeq(p.Value, ",") {
			if key, name, _ := strings.Cut(field, "="); key == "source" || key == "src" {
				all = append(all, part("volume", p.Value[:at]+key+"=", name)...)
			}
			at += len(field) + 1
		}
		return all
	}
	var all []nameUse
	for _, kind := range namedKinds {
		end := p.End
		if kind.name == "volume" && strings.HasPrefix(after, "/") { // NAME:/data
			end = p.Start + len(first)
		}
		all = append(all, nameUse{kind.name, p.Start, end, saysOne(p.Name, kind.words)})
	}
	return all
}

// commandWord is a word of a command in a text.
var commandWord = regexp.MustCompile(`[^\s"';]+`)

// isEngineCommand tells whether a text is, or is a word of, a command for an engine, as
// docker exec NAME is.
func (m *nameTexts) isEngineCommand(t text) bool {
	texts := []any{t.value}
	if _, isItem := t.at[len(t.at)-1].(int); isItem && t.key == "" {
		texts, _ = m.get(t.at[:len(t.at)-1]).([]any)
	}
	return slices.ContainsFunc(texts, func(v any) bool {
		return slices.ContainsFunc(commandWord.FindAllString(fmt.Sprint(v), -1), func(word string) bool { return word == "docker" || word == "podman" })
	})
}

func (m *nameTexts) reportName(r *rule, t text, where, kind, name string) {
	from := t.from
	if from.l == nil {
		from = m.src.find(t.find)
	}
	m.report(r, t.at, from, fmt.Sprintf("%s has the name of %s %q", where, kind, name))
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
