// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

// elsewhere settles what containers mount from outside of the checkout.
type elsewhere struct {
	*document
	*decisions
	empty  *emptying
	mounts *mountReader
}

// absolutePaths settles, or reports, what containers mount from elsewhere on the machine.
// Those that write come first: who reads is to see what they write.
func (m *elsewhere) absolutePaths(r *rule) {
	var read []mount
	offered := map[string][]mount{}
	for _, b := range highestFirst(m.elsewhere()) {
		name := m.offeredBy(b)
		switch {
		case b.readOnly:
			read = append(read, b)
		case m.spec.Isolate && !b.isFile():
			m.empty.emptyVolume(r, b, r.reason)
		case m.isBlankTold(b):
		case name != "":
			offered[name] = append(offered[name], b)
		case b.isFile():
			found := *r
			found.hint = "it is a file, or has the name of one, and what takes its place has to be one, too"
			m.report(&found, b.at, b.from, fmt.Sprintf("%s is mounted read-write", b.shown(m)),
				Fix{Field: "Paths", Key: b.shown(m), Value: "FILE", Does: "mounts FILE instead"},
				Fix{Field: "Paths", Key: b.shown(m), Value: b.source, Does: "shares it"})
		default:
			m.report(r, b.at, b.from, fmt.Sprintf("%s is mounted read-write", b.shown(m)),
				Fix{Field: "Paths", Key: b.shown(m), Does: "makes an empty volume for each copy"},
				Fix{Field: "Paths", Key: b.shown(m), Value: "DIR", Does: "mounts DIR instead"},
				Fix{Field: "Paths", Key: b.shown(m), Value: b.source, Does: "shares it"}, isolate)
		}
	}
	for _, name := range modeltree.Keys(offered) {
		m.settleOffered(r, name, offered[name])
	}
	for _, b := range read {
		found := *r
		root, part := m.empty.emptyAt(b.source)
		switch {
		case root != "" && (part == "" || m.empty.canMountParts(b)):
			m.empty.emptyVolume(r, b, "another service writes to it")
		case root != "" || m.empty.isEmptiedIn(b.source):
			found.severity, found.reason = Warning, "a service writes there, and each copy has its own of that"
			m.report(&found, b.at, b.from, b.shown(m)+" is mounted read-only, and not seen to change")
		case m.in.exists(b.source): // see missingPaths
			found.severity, found.reason = Note, "it has to be on every machine"
			m.report(&found, b.at, b.from, fmt.Sprintf("%s is mounted read-only", b.shown(m)))
		}
	}
}

// elsewhere are the mounts of paths that are neither the project's nor the system's, and
// of which the spec says nothing.
func (m *elsewhere) elsewhere() []mount {
	return slices.DeleteFunc(m.mounts.unsettled(), func(b mount) bool {
		return m.mounts.inCheckout(b) || machinepath.IsSocket(b.source) || machinepath.IsSystem(b.source) || machinepath.IsHarmless(b.source)
	})
}

// highestFirst sorts mounts so that a directory comes before what lies in it.
func highestFirst(all []mount) []mount {
	return slices.SortedStableFunc(slices.Values(all), func(a, b mount) int { return cmp.Compare(len(a.source), len(b.source)) })
}

// offeredBy returns the variable by which the files let a path be chosen, where they have
// a value for it, as ${DATA:-/mnt/data}/db has. Variables of the machine are none.
func (m *elsewhere) offeredBy(b mount) string {
	n := resolve(b.from.n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	all := substitution.Expressions(n.Value)
	if len(all) == 0 || !strings.HasPrefix(n.Value, all[0]) || b.from.l.interpolate(all[0]) == "" {
		return ""
	}
	name := substitution.NameIn(all[0])
	_, given := m.in.process[name]
	if _, own := m.spec.Env[name]; given && !own || name == "PWD" || slices.Contains(baseNames, name) {
		return ""
	}
	return name
}

// isBlankTold tells whether a mount is refused for a blank in its path.
func (m *elsewhere) isBlankTold(b mount) bool {
	n := resolve(b.from.n)
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool {
		return f.Severity == Refuse && f.Rule == vitalVariable.name && slices.Contains(f.written, n)
	})
}

// settleOffered does what the spec says by a variable about the paths that it leads to.
// Else they become empty volumes if there is nothing at any of them; what is there is asked
// about once.
func (m *elsewhere) settleOffered(r *rule, name string, all []mount) {
	var paths []string
	for _, b := range all {
		if path := b.shown(m); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	first := slices.MinFunc(all, func(a, b mount) int { return a.from.place(a.at).compare(b.from.place(b.at), m.plan.order) })
	what := fmt.Sprintf("variable %s leads to %s", name, strings.Join(paths, ", "))
	found, other := *r, Fix{Field: "Env", Key: name, Value: "DIR", Does: "takes DIR instead: an absolute path, or one that begins with ./"}
	_, given := m.spec.Env[name]
	switch {
	case given:
		found.severity, found.reason = Note, "as asked; copies that are given the same value share it"
		m.report(&found, first.at, first.from, what)
	case slices.ContainsFunc(all, m.isThere):
		if len(paths) == 1 && first.isFile() {
			other.Value, other.Does = "FILE", "takes FILE instead: an absolute path, or one that begins with ./"
		}
		ways := []Fix{other}
		if !slices.ContainsFunc(all, mount.isFile) {
			if len(paths) == 1 {
				ways = append(ways, Fix{Field: "Paths", Key: paths[0], Does: "makes an empty volume for each copy"})
			}
			ways = append(ways, isolate)
		}
		m.report(r, first.at, first.from, what+", mounted read-write", ways...)
	default:
		for _, b := range all {
			m.empty.emptyVolume(r, b, r.reason)
		}
		found.severity, found.reason = Warning, "each copy has an empty volume there"
		m.report(&found, first.at, first.from, what+", of which nothing is on this machine", other)
	}
}

// isThere tells whether an empty directory may be wrong in the place of a path.
func (m *elsewhere) isThere(b mount) bool {
	return b.mustExist || m.in.exists(b.source) || b.isFile()
}
