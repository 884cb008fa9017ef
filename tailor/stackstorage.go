// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackStorage puts volumes with copies in the place of directories.
type stackStorage struct {
	*document
	empty  *emptying
	mounts *mountReader
}

func (m *stackStorage) storageRules() []rule {
	return []rule{{
		name:      "host-directory",
		treatment: Scope,
		severity:  Warning,
		reason:    "all copies write to the same files, and the next run starts with what this one left",
		apply:     m.copiesToVolumes,
	}, {
		name:     "node-local",
		severity: Note,
		reason:   "each node of a swarm has its own, and rejects the task if it has none",
		apply:    m.nodeLocal,
	}, {
		name:     "volume-group",
		severity: Warning,
		reason:   "groups of cluster volumes are not the stack's own",
		apply:    m.volumeGroups,
	}}
}

// copiesToVolumes mounts volumes in the place of directories of which each copy
// of the stack is to have its own: unlike Compose, docker stack deploy reads one
// document, which has to say it. A volume is no file, so files stay.
func (m *stackStorage) copiesToVolumes(r *rule) {
	volumes := map[string]string{}
	m.plan.Copies = slices.DeleteFunc(m.plan.Copies, func(c Copy) bool {
		_, err := m.in.read(c.Source)
		if err == nil {
			m.report(r, c.at, m.spotOf(c.at), fmt.Sprintf("file %s is mounted read-write", m.pathShown(c.Source)),
				Fix{Field: "Paths", Key: m.pathShown(c.Source), Value: "FILE", Does: "mounts FILE instead"})
		}
		return err == nil
	})
	for i := range m.plan.Copies {
		c := &m.plan.Copies[i]
		if c.Volume = volumes[c.Source]; c.Volume == "" {
			c.Volume = m.empty.freshVolume("copy", c.Source)
			volumes[c.Source] = c.Volume
			m.edit(r, change{at: modeltree.Path{"volumes", c.Volume}, value: map[string]any{}, from: m.spotOf(c.at), quiet: true,
				what: fmt.Sprintf("%s → volume %s, with a copy of it", m.pathShown(c.Source), c.Volume)})
		}
		value := map[string]any{"type": "volume", "source": c.Volume, "target": c.Target, "volume": map[string]any{"nocopy": true}}
		m.edit(r, change{at: c.at, value: value, from: m.spotOf(c.at), what: fmt.Sprintf("%s → volume %s, with a copy of it", m.pathShown(c.Source), c.Volume)})
		m.mounts.settled[c.at.String()] = true
	}
	m.readCopies(r, volumes)
}

// readCopies lets those who read a directory see what others of the stack write
// there: the volume with the copy, read-only. Of a part of it there is no volume.
func (m *stackStorage) readCopies(r *rule, volumes map[string]string) {
	for _, b := range m.mounts.unsettled() {
		if !b.readOnly {
			continue
		}
		for _, source := range modeltree.Keys(volumes) {
			in, err := filepath.Rel(source, b.source)
			over, err2 := filepath.Rel(b.source, source)
			switch {
			case source == b.source:
				value := map[string]any{"type": "volume", "source": volumes[source], "target": b.target, "read_only": true}
				m.edit(r, change{at: b.at, value: value, from: b.from, treatment: Follow,
					what:   fmt.Sprintf("%s → volume %s, read-only", b.shown(m), volumes[source]),
					reason: "another service writes to it"})
				m.mounts.settled[b.at.String()] = true
			case err == nil && filepath.IsLocal(in), err2 == nil && filepath.IsLocal(over):
				partly := *r
				partly.reason = fmt.Sprintf("a service writes to %s, and each copy has its own of that", m.pathShown(source))
				m.report(&partly, b.at, b.from, b.shown(m)+" is mounted read-only, and not seen to change")
			}
		}
	}
}

// spotOf finds where a mount was written.
func (m *stackStorage) spotOf(at modeltree.Path) spot {
	for _, b := range m.mounts.mounts() {
		if b.at.String() == at.String() {
			return b.from
		}
	}
	return m.src.find(at)
}

func (m *stackStorage) nodeLocal(r *rule) {
	for _, b := range m.mounts.unsettled() {
		if b.readOnly && m.mounts.inCheckout(b) && m.in.exists(b.source) { // see missingPaths
			m.report(r, b.at, b.from, b.shown(m)+" is mounted read-only")
		}
	}
}

func (m *stackStorage) volumeGroups(r *rule) {
	for _, c := range m.containers() {
		for i, v := range modeltree.List(c.body, "volumes") {
			if source := modeltree.Str(v, "source"); strings.HasPrefix(source, "group:") {
				m.report(r, c.at.Join("volumes", i), spot{}, "volume "+source)
			}
		}
	}
}
