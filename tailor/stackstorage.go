// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var stackStorageRules = []stackRule{
	{rule{
		name:      "external-volume",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "every copy would read and write the same data",
	}, externalStackVolumes},
	{rule{
		name:      "host-path",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "the test says so",
	}, stackPaths},
	{rule{
		name:     "docker-socket",
		severity: Refuse,
		reason:   "its container sees, and can stop, the containers of every other copy",
	}, stackSockets},
	{rule{
		name:      "host-directory",
		treatment: Scope,
		severity:  Refuse,
		reason:    "all copies write to the same files, and the next run starts with what this one left",
	}, stackDirectories},
	{rule{
		name:     "system-directory",
		severity: Refuse,
		reason:   "its container sees what other copies do on this machine",
	}, stackSystem},
	{rule{
		name:     "node-local",
		severity: Note,
		reason:   "each node of a swarm has its own, and a task is rejected on a node that has none",
	}, nodeLocal},
	{rule{
		name:     "volume-group",
		severity: Warning,
		reason:   "groups of cluster volumes are not the stack's own",
	}, volumeGroups},
	fromCompose(storageRules, "volume-driver"),
}

func externalStackVolumes(m *stackModel, r *rule) {
	wanted := decisionsOf(m, "Volumes", m.stack.Volumes)
	for _, v := range m.resources("volumes") {
		if !truth(v.body, "external") {
			continue
		}
		name := str(v.body, "name")
		value, decided := wanted.of(v.name, name)
		from := m.src.find(v.at.join("external"))
		switch {
		case !decided && !m.stack.Isolate:
			refuse := *r
			refuse.hint = fmt.Sprintf(`say it in Volumes: {%q: ""} makes an empty one for each copy, {%q: NAME} takes another one of the test, {%q: %q} shares it`, name, name, name, name)
			m.report(&refuse, v.at, from, fmt.Sprintf("volume %q is external", name))
		case value == name:
			m.noteShared(r, v, "volume", name)
		case value == "":
			m.edit(r, change{at: v.at, value: map[string]any{}, from: from, treatment: Scope, what: fmt.Sprintf("external volume %q → an empty one of the stack's own", name)})
		default:
			m.edit(r, change{at: v.at.join("name"), value: value, what: fmt.Sprintf("volume %q → %q", name, value), reason: "the test says so"})
		}
	}
	wanted.unused(r, "the files have no external volume")
}

// bind is a host path that a service mounts.
type bind struct {
	at       path
	from     spot
	source   string // absolute
	readOnly bool
}

// stackBinds returns the host paths that are left as they were.
func (m *stackModel) stackBinds() []bind {
	var all []bind
	m.binds(func(at path, from spot, source string, readOnly bool) {
		if from.l == nil {
			from = m.src.find(at)
		}
		all = append(all, bind{at, from, source, readOnly})
	})
	return all
}

// stackPaths puts the paths of the spec in the place of those in the files.
func stackPaths(m *stackModel, r *rule) {
	given := map[string]string{}
	asWritten := map[string]string{}
	for key, value := range m.stack.Paths {
		full := m.fullPath(key)
		given[full], asWritten[full] = value, key
	}
	wanted := decisionsOf(m, "Paths", given)
	for _, b := range m.stackBinds() {
		value, ok := wanted.of(b.source)
		if !ok {
			continue
		}
		if value == "" {
			m.mountVolume(r, b, "", "the test says so")
			continue
		}
		abs, err := filepath.Abs(value)
		if err != nil {
			abs = value
		}
		if abs == b.source {
			note := rule{name: r.name, severity: Note, reason: "all copies share it"}
			m.report(&note, b.at, b.from, m.pathShown(b.source)+" is shared")
			m.settled = append(m.settled, b.at.String())
			continue
		}
		m.edit(r, change{at: b.at.join("source"), value: abs, from: b.from, what: fmt.Sprintf("%s → %s", m.pathShown(b.source), value)})
		m.settled = append(m.settled, b.at.String())
	}
	for i, name := range wanted.named {
		wanted.named[i] = m.pathShown(name)
	}
	for full, key := range asWritten {
		if full != key && !wanted.used[full] {
			wanted.given[key] = given[full]
			delete(wanted.given, full)
		}
	}
	wanted.unused(r, "the files mount no path of the machine")
}

// fullPath is the absolute path that a path in the files stands for.
func (m *stackModel) fullPath(name string) string {
	if strings.HasPrefix(name, "~") {
		if home, ok := m.in.env["HOME"]; ok {
			name = home + name[1:]
		}
	}
	return absolute(m.in.dir, name)
}

// left are the binds about which nothing was decided.
func (m *stackModel) left() []bind {
	return slices.DeleteFunc(m.stackBinds(), func(b bind) bool { return slices.Contains(m.settled, b.at.String()) })
}

// allowed tells whether the spec lets something through.
func (m *stackModel) allowed(name string) bool { return slices.Contains(m.stack.Allow, name) }

func (m *stackModel) refuseUnlessAllowed(r *rule, b bind, what string) {
	found := *r
	found.hint = fmt.Sprintf("Allow: {%q} accepts it, and Paths can mount something else", r.name)
	if m.allowed(r.name) {
		found.severity, found.hint = Note, ""
	}
	m.report(&found, b.at, b.from, what)
}

func stackSockets(m *stackModel, r *rule) {
	for _, b := range m.left() {
		if isSocket(b.source) {
			m.refuseUnlessAllowed(r, b, fmt.Sprintf("the engine's socket %s is mounted", b.source))
		}
	}
}

// stackDirectories gives each copy of the stack its own copy of what services
// write to: a volume, to be filled before the stack is deployed.
func stackDirectories(m *stackModel, r *rule) {
	for _, b := range m.left() {
		switch {
		case b.readOnly || isSocket(b.source) || isSystem(b.source) || isClock(b.source):
		case m.inside(b.source):
			m.mountVolume(r, b, b.source, r.reason)
		case m.stack.Isolate:
			m.mountVolume(r, b, "", r.reason)
		default:
			refuse := *r
			refuse.hint = fmt.Sprintf(`say it in Paths: {%q: ""} makes an empty volume for each copy, {%q: DIR} mounts another one, {%q: %q} shares it; read-only needs nothing`, b.source, b.source, b.source, b.source)
			m.report(&refuse, b.at, b.from, fmt.Sprintf("%s is mounted read-write", m.pathShown(b.source)))
		}
	}
}

// inside tells whether a path belongs to the files: it is in their directory, or
// beside it.
func (m *stackModel) inside(name string) bool { return m.pathShown(name) != name }

// mountVolume mounts a volume of the stack in the place of a host path: one that
// gets a copy of what is at source, or an empty one.
func (m *stackModel) mountVolume(r *rule, b bind, source, reason string) {
	old, _ := m.get(b.at).(map[string]any)
	volume := ""
	for _, c := range m.out.Copies {
		if c.Source == b.source && (source == "") == c.Empty {
			volume = c.Volume
		}
	}
	if volume == "" {
		volume = "seatrial-" + strconv.Itoa(len(m.out.Copies)+1)
		for m.get(path{"volumes", volume}) != nil {
			volume += "-"
		}
		m.out.Copies = append(m.out.Copies, StackVolume{Volume: volume, Source: b.source, Empty: source == ""})
		m.edit(r, change{at: path{"volumes", volume}, value: map[string]any{}, from: b.from, what: fmt.Sprintf("volume %s → one more", volume), reason: "it takes the place of " + m.pathShown(b.source)})
	}
	fresh := map[string]any{"type": "volume", "source": volume, "target": old["target"]}
	if b.readOnly {
		fresh["read_only"] = true
	}
	what := fmt.Sprintf("%s → a copy in volume %s", m.pathShown(b.source), volume)
	if source == "" {
		what = fmt.Sprintf("%s → the empty volume %s", m.pathShown(b.source), volume)
	}
	m.edit(r, change{at: b.at, value: fresh, from: b.from, what: what, reason: reason})
	m.settled = append(m.settled, b.at.String())
}

func stackSystem(m *stackModel, r *rule) {
	for _, b := range m.left() {
		switch {
		case !isSystem(b.source) || isSocket(b.source):
		case b.readOnly:
			note := *r
			note.severity = Warning
			m.report(&note, b.at, b.from, fmt.Sprintf("%s is mounted read-only", b.source))
		default:
			m.refuseUnlessAllowed(r, b, fmt.Sprintf("%s is mounted read-write", b.source))
		}
	}
}

func nodeLocal(m *stackModel, r *rule) {
	for _, b := range m.left() {
		if b.readOnly && !isSystem(b.source) && !isSocket(b.source) && !isClock(b.source) {
			m.report(r, b.at, b.from, fmt.Sprintf("%s is on the node", m.pathShown(b.source)))
		}
	}
}

func volumeGroups(m *stackModel, r *rule) {
	for _, c := range m.containers() {
		for i, v := range list(c.body, "volumes") {
			if source := str(v, "source"); strings.HasPrefix(source, "group:") {
				m.report(r, c.at.join("volumes", i), spot{}, "volume "+source)
			}
		}
	}
}
