// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// volumes says what becomes of volumes that copies would share.
type volumes struct {
	*document
	*decisions
	objects *objects
}

func (m *volumes) volumeRules() []rule {
	return []rule{{
		name:      "volume-name",
		treatment: Scope,
		reason:    "copies would share the data, and the end of one would remove it",
		apply:     func(r *rule) { m.objects.scopeNames(r, "volumes", nil) },
	}, {
		name:      "external-volume",
		treatment: Scope,
		severity:  Refuse,
		reason:    "every copy would read and write the same data",
		doc: row{
			with:    []string{"volume-driver"},
			files:   "an external volume that a service mounts, another driver, a network share, a disk, an overlay",
			becomes: "refused: `Volumes` makes an empty one, shares it, or takes another",
		},
		apply: m.externalVolumes,
	}, {
		name:      "volume-driver",
		treatment: Scope,
		severity:  Refuse,
		reason:    "copies would share what is behind it",
		apply:     m.volumeDrivers,
	}}
}

func (m *volumes) externalVolumes(r *rule) {
	for _, v := range m.resources("volumes") {
		if modeltree.Truth(v.body, "external") && m.mounted(v.name) {
			m.settleVolume(r, v, v.at, "external", fmt.Sprintf("volume %q is external", nameOf(v)))
		}
	}
}

func (m *volumes) volumeDrivers(r *rule) {
	for _, v := range m.resources("volumes") {
		driver, opts := modeltree.Str(v.body, "driver"), modeltree.Mapping(v.body, "driver_opts")
		switch {
		case modeltree.Truth(v.body, "external") || !m.mounted(v.name):
		case driver != "" && driver != "local":
			m.settleVolume(r, v, v.at.Join("driver"), "driver", "driver "+driver)
		case isElsewhere(opts):
			m.settleVolume(r, v, v.at.Join("driver_opts", "device"), "driver_opts", fileSystem(modeltree.Str(opts, "type"), opts))
		}
	}
}

// isElsewhere tells whether a volume of the engine's own driver is what others may have,
// too. One that is a path of the machine is judged as that.
func isElsewhere(opts map[string]any) bool {
	return modeltree.Str(opts, "device") != "" && modeltree.Str(opts, "type") != "tmpfs" && bindOptions(opts) == nil
}

// fileSystem names what a volume of the engine's own driver mounts.
func fileSystem(kind string, opts map[string]any) string {
	device := modeltree.Str(opts, "device")
	switch {
	case kind == "overlay":
		return fmt.Sprintf("overlay of %v", opts["o"])
	case strings.HasPrefix(kind, "nfs"), kind == "cifs", strings.HasPrefix(kind, "smb"):
		return kind + " share " + device
	}
	return strings.TrimSpace(kind + " file system on " + device)
}

// settleVolume does what the spec says about a volume that is not the
// project's own: another volume, the same for all, or an empty one for each.
func (m *volumes) settleVolume(r *rule, v container, at modeltree.Path, field, what string) {
	name := nameOf(container{v.at, v.name, modeltree.Mapping(modeltree.Mapping(m.orig, "volumes"), v.name)})
	from := m.src.find(v.at.Join(field))
	if field == "driver_opts" {
		from = m.src.find(at)
	}
	to, ok := m.choice("Volumes", m.spec.Volumes, v.name, name)
	reason := "as asked"
	if !ok && m.spec.Isolate {
		ok, reason = true, r.reason
	}
	switch {
	case !ok:
		m.report(r, at, from, what,
			Fix{Field: "Volumes", Key: v.name, Does: "makes an empty one for each copy"},
			Fix{Field: "Volumes", Key: v.name, Value: name, Does: "shares it"},
			Fix{Field: "Volumes", Key: v.name, Value: "NAME", Does: "takes another one that is there"}, isolate)
	case to == "":
		what += " → an empty one of the " + m.kind() + "'s own"
		for _, key := range []string{"external", "name", "driver", "driver_opts"} {
			if v.body[key] != nil {
				m.edit(r, change{at: v.at.Join(key), drop: true, from: from, what: what, reason: reason, quiet: key == "name"})
				what = key + " → none"
			}
		}
	case to == name:
		shared := *r
		shared.severity, shared.reason = Note, reason
		m.report(&shared, at, from, what+", and shared by all copies")
	case field == "external":
		m.edit(r, change{at: v.at.Join("name"), value: to, from: from, treatment: Substitute, what: fmt.Sprintf("volume %q → %s", name, to), reason: reason})
	default:
		m.edit(r, change{at: v.at, value: map[string]any{"external": true, "name": to}, from: from, treatment: Substitute, what: what + " → volume " + to, reason: reason})
	}
}

// mounted tells whether a container mounts the volume.
func (m *volumes) mounted(key string) bool {
	for _, c := range m.containers() {
		for _, v := range modeltree.List(c.body, "volumes") {
			if modeltree.Str(v, "type") == "volume" && modeltree.Str(v, "source") == key {
				return true
			}
		}
	}
	return false
}

// foreignVolumes are those for which the spec may have something.
func (m *volumes) foreignVolumes() []string {
	var all []string
	section := modeltree.Mapping(m.orig, "volumes")
	for _, key := range modeltree.Keys(section) {
		driver, opts := modeltree.Str(section[key], "driver"), modeltree.Mapping(section[key], "driver_opts")
		if isForeign := modeltree.Truth(section[key], "external") || driver != "" && driver != "local" || isElsewhere(opts) && !m.isStack(); isForeign && m.mounted(key) {
			all = append(all, key)
		}
	}
	return all
}
