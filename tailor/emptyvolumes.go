// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// emptying mounts empty volumes in the place of paths.
type emptying struct {
	*document

	emptyVolumes map[string]string // their keys, by path
}

// freshVolume is the key of a volume that is not there yet.
func (m *emptying) freshVolume(kind, source string) string {
	words := strings.FieldsFunc(strings.ToLower(filepath.Base(source)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	base := strings.Join(append([]string{kind}, words...), "-")
	name := base
	for i := 2; modeltree.Has(modeltree.Mapping(m.tree, "volumes"), name); i++ { // one with nothing in it, too
		name = fmt.Sprintf("%s-%d", base, i)
	}
	return name
}

// emptyVolume mounts a volume of the project in the place of a path, or a part of the
// one for a directory above it: one volume for each path, however many containers mount it.
func (m *emptying) emptyVolume(r *rule, b mount, reason string) {
	root, part := m.emptyAt(b.source)
	if part != "" && !m.canMountParts(b) {
		partly := *r
		partly.severity, partly.reason = Warning, fmt.Sprintf("who mounts %s has an empty volume of that, and does not see this", root)
		m.report(&partly, b.at, b.from, b.shown(m)+" is another volume, empty in each copy")
		root = ""
	}
	if root == "" {
		root, part = m.in.real(b.source), ""
	}
	name := m.emptyVolumes[root]
	what := func() string { return fmt.Sprintf("%s → volume %s, empty in each copy", b.shown(m), name) }
	if name == "" {
		name = m.freshVolume("empty", b.source)
		m.emptyVolumes[root] = name
		m.edit(r, change{at: modeltree.Path{"volumes", name}, value: map[string]any{}, from: b.from, treatment: Scope, quiet: true, what: what(), reason: reason})
	}
	text, options := what(), map[string]any{"nocopy": true}
	if part != "" {
		text, options["subpath"] = fmt.Sprintf("%s → %s in volume %s, empty in each copy", b.shown(m), part, name), part
		m.plan.addPart(name, part)
	}
	value := map[string]any{"type": "volume", "source": name, "target": b.target, "volume": options}
	if b.readOnly {
		value["read_only"] = true
	}
	m.edit(r, change{at: b.at, value: value, from: b.from, treatment: Scope, what: text, reason: reason})
}

// memoryVolume mounts a volume in memory in the place of the machine's shared memory: one
// for all containers that mount it, as they may talk to each other by way of it.
func (m *emptying) memoryVolume(r *rule, b mount, reason string) {
	name := m.emptyVolumes[b.source]
	what := func() string { return fmt.Sprintf("%s → volume %s, in memory, of each copy", b.shown(m), name) }
	if name == "" {
		name = m.freshVolume("memory", b.source)
		m.emptyVolumes[b.source] = name
		made := map[string]any{"driver": "local", "driver_opts": map[string]any{"type": "tmpfs", "device": "tmpfs"}}
		m.edit(r, change{at: modeltree.Path{"volumes", name}, value: made, from: b.from, treatment: Scope, quiet: true, what: what(), reason: reason})
	}
	value := map[string]any{"type": "volume", "source": name, "target": b.target, "volume": map[string]any{"nocopy": true}}
	m.edit(r, change{at: b.at, value: value, from: b.from, treatment: Scope, what: what(), reason: reason})
}

// emptyAt returns the path that is an empty volume, which is this one or a directory above
// it, and what part of that this one is. It is none if there is no such volume.
func (m *emptying) emptyAt(source string) (root, part string) {
	source = m.in.real(source)
	for at := range m.emptyVolumes {
		if rel, err := filepath.Rel(at, source); err == nil && filepath.IsLocal(rel) && len(at) > len(root) {
			root, part = at, filepath.ToSlash(rel)
		}
	}
	if part == "." {
		part = ""
	}
	return root, part
}

// isEmptiedIn tells whether something in a directory is an empty volume.
func (m *emptying) isEmptiedIn(source string) bool {
	return slices.ContainsFunc(modeltree.Keys(m.emptyVolumes), func(at string) bool {
		rel, err := filepath.Rel(m.in.real(source), at)
		return err == nil && filepath.IsLocal(rel)
	})
}

// canMountParts tells whether a part of a volume can be mounted: somebody has to make the
// directory in it before the container starts, and it has to be one.
func (m *emptying) canMountParts(b mount) bool {
	return !m.isStack() && !m.in.overrideOnly && !b.isFile()
}

// addPart notes that a directory has to be in a volume.
func (p *Plan) addPart(volume, part string) {
	if p.VolumeParts == nil {
		p.VolumeParts = map[string][]string{}
	}
	if !slices.Contains(p.VolumeParts[volume], part) {
		p.VolumeParts[volume] = append(p.VolumeParts[volume], part)
		slices.Sort(p.VolumeParts[volume])
	}
}
