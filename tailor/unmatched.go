// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// unmatchedWords refuses what the spec says of things that are not in the files.
type unmatchedWords struct {
	*document
	*decisions
	contexts *contexts
	networks *networks
	paths    *paths
	secrets  *secrets
	volumes  *volumes
}

// refuseUnmatched refuses what the spec says about things that are not in the files.
func (m *unmatchedWords) refuseUnmatched(_ *rule) {
	for _, f := range []struct {
		field string
		names []string
		there func() []string
	}{
		{"Networks", modeltree.Keys(m.spec.Networks), m.networks.foreignNetworks},
		{"Volumes", modeltree.Keys(m.spec.Volumes), m.volumes.foreignVolumes},
		{"Secrets", modeltree.Keys(m.spec.Secrets), func() []string { return m.secrets.declared("secrets") }},
		{"Configs", modeltree.Keys(m.spec.Configs), func() []string { return m.secrets.declared("configs") }},
		{"Paths", modeltree.Keys(m.spec.Paths), func() []string { return m.paths.pathNames }},
		{"Builds", modeltree.Keys(m.spec.Builds), m.contexts.contexts},
		{"Allow", m.spec.Allow, nil},
		{"Lock", m.spec.Lock, nil},
	} {
		for _, name := range f.names {
			if m.used[f.field+" "+name] {
				continue
			}
			hint := "leave it out"
			if f.there != nil {
				hint = "the files have none"
				if there := f.there(); len(there) > 0 {
					slices.Sort(there)
					hint = "the files have " + placeholder.ShownText(strings.Join(slices.Compact(there), ", "))
				}
			}
			if why := m.whyUnmatched(f.field, name); why != "" {
				hint = why
			}
			m.reportSpec(f.field, f.field+" has "+quote(name)+", which matches nothing", hint)
		}
	}
}

// whyUnmatched says of a network or volume that is in the files why the spec's word for
// it has no effect.
func (m *unmatchedWords) whyUnmatched(field, name string) string {
	kind, users, has := "networks", "joins", m.networks.joined
	switch field {
	case "Networks":
	case "Volumes":
		kind, users, has = "volumes", "mounts", m.volumes.mounted
	default:
		return ""
	}
	section := modeltree.Mapping(m.orig, kind)
	for _, key := range modeltree.Keys(section) {
		body := container{modeltree.Path{kind, key}, key, modeltree.Mapping(section, key)}
		if key != name && nameOf(body) != name {
			continue
		}
		one := strings.TrimSuffix(kind, "s") + " " + key
		opts := modeltree.Mapping(body.body, "driver_opts")
		switch {
		case kind == "volumes" && bindOptions(opts) != nil:
			return fmt.Sprintf("%s is the path %s, of which Paths or --path says what becomes", one, m.pathShown(absolute(m.in.dir, modeltree.Str(opts, "device"))))
		case kind == "volumes" && m.isStack() && isElsewhere(opts):
			return one + " is left as it is"
		case !has(key):
			return fmt.Sprintf("no service %s %s", users, one)
		}
		return fmt.Sprintf("%s is the %s's own, another one in each copy", one, m.kind())
	}
	return ""
}

// specRules come last, when it is known what was used.
func (m *unmatchedWords) specRules() []rule {
	return []rule{{name: "spec", doc: row{
		becomes: "what the spec says about things that are not in the files",
	}, apply: m.refuseUnmatched}, {name: "spec", apply: m.unknownProfiles}}
}

// unknownProfiles refuses profiles that no service has: Compose would start
// without a word what is in none.
func (m *unmatchedWords) unknownProfiles(_ *rule) {
	var there []string
	for _, c := range m.containers() {
		for _, p := range modeltree.List(c.body, "profiles") {
			there = append(there, fmt.Sprint(p))
		}
	}
	slices.Sort(there)
	hint := "the files have none"
	if len(there) > 0 {
		hint = "the files have " + strings.Join(slices.Compact(there), ", ")
	}
	for _, p := range m.spec.Profiles {
		if p != "*" && !slices.Contains(there, p) {
			m.reportSpec("Profiles", "Profiles has "+quote(p)+", which no service has", hint)
		}
	}
}
