// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// paths says what becomes of the paths of the machine that containers mount.
type paths struct {
	*document
	*decisions
	elsewhere *elsewhere
	empty     *emptying
	mounts    *mountReader

	pathNames []string // all that are mounted, as people write them
}

func (m *paths) pathRules() []rule {
	return []rule{{
		name:      "path",
		treatment: Substitute,
		severity:  Note,
		reason:    "as asked",
		doc: row{
			becomes: "with `Paths`: what the test names instead, which has to exist",
		},
		apply: m.substitutePaths,
	}, {
		name:     "docker-socket",
		severity: Refuse,
		reason:   "its container sees, and can stop, the containers of every other copy",
		doc: row{
			files:   "the socket of an engine, or of containerd, also read-only",
			becomes: "refused",
		},
		apply: m.dockerSocket,
	}, {
		name:     "host-directory",
		severity: Warning,
		reason:   "all copies write to the same files, and the next run starts with what this one left",
		hint:     "a file of your own, given last, can put a named volume at that place, or mount it read-only",
		doc: row{
			files:   "a directory or file of the checkout that a container may write to",
			becomes: "a copy for each run; an empty one if it does not exist, even if it is mounted read-only",
		},
		apply: m.copyDirectories,
	}, {
		name:      "absolute-path",
		treatment: Scope,
		severity:  Refuse,
		reason:    "everything on this machine that mounts it writes to the same files",
		doc: row{
			files: "a path elsewhere that a container may write to",
			becomes: "refused: `Paths` makes an empty volume, mounts another directory, or shares it. A path is one volume, whoever mounts it, also " +
				"read-only, and what lies below the path is a part of that volume (`subpath`, which takes engine 26; in a stack, or in an " +
				"override alone, it is another volume, with a warning). A path that the file lets you choose (`${DATA:-/mnt/data}/db`) is an " +
				"empty volume, with a warning, if nothing is there and it does not look like a file; otherwise it is asked about once, by its " +
				"variable. A value that the test gives to the variable by `Env` counts. In the place of a file, or of what is not there and has " +
				"the name of one, no volume is made. If the mount is read-only, it is a note. The clock and the like are left alone",
		},
		apply: m.elsewhere.absolutePaths,
	}, {
		name:     "missing-path",
		severity: Refuse,
		reason:   "docker compose does not start a service without it",
		doc: row{
			files: "a path that is not there",
			becomes: "refused where docker compose refuses it: `create_host_path: false`, a volume that is a directory. If it is only read, or has the " +
				"name of a file, it is an empty directory, with a warning",
		},
		apply: m.missingPaths,
	}, {
		name:     "system-directory",
		severity: Refuse,
		reason:   "its container sees what other copies do on this machine",
		doc: row{
			files: "`/`, `/proc`, `/sys`, `/dev`, `/run`, `/var/run`, `/var/log`, `/var/lib/docker`, …",
			becomes: "refused; a warning if it is read-only. With `Isolate` it is read-only, except `/`, `/dev`, `/run`, `/var/run` and what lies " +
				"below the last three, because a read-only mount does not keep anybody from writing to devices and sockets, such as the " +
				"engine's. `/dev/shm` is a volume in memory for each copy, and what does not exist below `/var/log` is an empty one",
		},
		apply: m.systemDirectories,
	}}
}

// substitutePaths mounts what the spec says in the place of what the files say.
func (m *paths) substitutePaths(r *rule) {
	done := map[string]bool{}
	for _, b := range highestFirst(m.mounts.mounts()) {
		m.pathNames = append(m.pathNames, b.shown(m))
		to, ok := m.pathChoice(b)
		if !ok || done[b.where.String()] {
			continue
		}
		m.mounts.settled[b.at.String()] = true
		abs, err := filepath.Abs(to)
		shared := abs == b.source || to == b.source
		switch {
		case err != nil:
			m.reportSpec("Paths", fmt.Sprintf("Paths has %q: %v", to, err), "")
		case to == "":
			m.empty.emptyVolume(r, b, r.reason)
		case !m.in.exists(abs) && !(shared && (machinepath.IsSystem(b.source) || machinepath.IsSocket(b.source))): // an engine may have those for itself
			m.reportSpec("Paths", fmt.Sprintf("Paths has %s, which is missing", to), "make it; an empty value is an empty volume for each copy")
		case shared:
			m.report(r, b.at, b.from, fmt.Sprintf("%s is shared by all copies", b.shown(m)))
		default:
			done[b.where.String()] = true
			m.edit(r, change{at: b.where, value: abs, from: b.from, what: fmt.Sprintf("%s → %s", b.shown(m), to)})
		}
	}
}

// pathChoice returns what the spec has for a path: ./data, data and its
// absolute name are one.
func (m *paths) pathChoice(b mount) (to string, ok bool) {
	for _, key := range modeltree.Keys(m.spec.Paths) {
		if key == b.written || absolute(m.in.dir, key) == filepath.Clean(b.source) {
			m.used["Paths "+key] = true
			if !ok {
				to, ok = m.spec.Paths[key], true
			}
		}
	}
	return to, ok
}

func (m *paths) dockerSocket(r *rule) {
	for _, b := range m.mounts.unsettled() {
		if machinepath.IsSocket(b.source) {
			m.refuse(r, b.at, b.from, "", fmt.Sprintf("the engine's socket %s is mounted", b.source))
		}
	}
	for _, c := range m.containers() {
		if modeltree.Truth(c.body, "use_api_socket") {
			m.refuse(r, c.at.Join("use_api_socket"), spot{}, "", "the engine's socket is mounted")
		}
	}
}

// copyDirectories plans copies of what containers may write to in the checkout.
func (m *paths) copyDirectories(r *rule) {
	for _, b := range m.mounts.unsettled() {
		if b.readOnly || !m.mounts.inCheckout(b) || machinepath.IsSocket(b.source) {
			continue
		}
		if m.in.overrideOnly {
			m.report(r, b.at, b.from, fmt.Sprintf("%s is mounted read-write", b.shown(m)))
			continue
		}
		name := b.shown(m)
		if strings.HasPrefix(b.written, "../../") { // it is the project's all the same
			name = b.written
		}
		m.plan.Copies = append(m.plan.Copies, Copy{
			Place: b.from.place(b.at), Source: b.source, Target: b.target, Why: r.reason,
			at: b.at, what: name + " → a copy for each run",
		})
	}
}

// missingPaths reports what is to be there and is not. Of a directory that a
// container may write to nobody expects it: docker compose makes it, also in the place of a
// file.
func (m *paths) missingPaths(r *rule) {
	for _, b := range m.mounts.unsettled() {
		if machinepath.IsSocket(b.source) || machinepath.IsSystem(b.source) || machinepath.IsHarmless(b.source) || m.in.exists(b.source) || b.readOnly && m.writtenBySomebody(b.source) {
			continue
		}
		what, found := b.shown(m)+" is mounted", *r
		if m.isStack() {
			found.reason = "a node that has it neither rejects the task"
		}
		if b.readOnly {
			what += " read-only"
		}
		given := m.replacedBy(b)
		switch {
		case given != "":
			m.reportSpec("Replace", fmt.Sprintf("Replace has %q, by which %s is mounted, which is missing", given, b.shown(m)), "make it, or give another one")
		case m.isOff(b.c), !b.readOnly && !m.mounts.inCheckout(b): // absolutePaths says what there is to say
		case b.mustExist || b.where[0] == "volumes":
			m.report(&found, b.at, b.from, what+", and is missing", m.pathWays(b)...)
		case b.readOnly:
			found.severity = Warning
			if !m.isStack() {
				found.reason = "containers find an empty directory there: docker compose makes one, and leaves it"
			}
			m.report(&found, b.at, b.from, what+", and is missing", m.pathWays(b)...)
		case b.isFile(): // what is no directory is not made by a start
			found.severity, found.reason = Warning, "containers find an empty directory there, where the files mean a file"
			m.report(&found, b.at, b.from, what+", and is missing",
				Fix{Field: "Paths", Key: b.shown(m), Value: "FILE", Does: "mounts FILE instead"})
		}
	}
}

// writtenBySomebody tells whether another container may make what is in a path.
func (m *paths) writtenBySomebody(source string) bool {
	return slices.ContainsFunc(m.plan.Copies, func(c Copy) bool {
		in, err := filepath.Rel(c.Source, source)
		return err == nil && filepath.IsLocal(in)
	})
}

// isOff tells whether nothing is started of a container's service.
func (m *paths) isOff(c container) bool { return c.at[0] == "services" && !m.active(c.name) }

// replacedBy returns the key of Replace by which a path came to be what it is.
func (m *paths) replacedBy(b mount) string {
	for _, key := range modeltree.Keys(m.spec.Replace) {
		to := m.spec.Replace[key]
		isPath := strings.ContainsAny(to, `/\\`) || to == b.written
		if isPath && strings.Contains(b.written, to) && !strings.Contains(b.written, key) {
			return key
		}
	}
	return ""
}

func (m *paths) pathWays(b mount) []Fix {
	return []Fix{
		{Field: "Paths", Key: b.shown(m), Value: "DIR", Does: "mounts DIR instead"},
		{Field: "Paths", Key: b.shown(m), Does: "makes an empty volume for each copy"},
	}
}

func (m *paths) systemDirectories(r *rule) {
	var read []mount // settled last: who reads is to see what others write
	for _, b := range m.mounts.unsettled() {
		if !machinepath.IsSystem(b.source) || machinepath.IsSocket(b.source) || machinepath.IsHarmless(b.source) || m.mounts.inCheckout(b) {
			continue
		}
		if b.readOnly {
			read = append(read, b)
			continue
		}
		settle := m.isolatedSystem(r, b)
		switch {
		case settle == nil:
			m.refuse(r, b.at, b.from, b.source, fmt.Sprintf("%s is mounted read-write", b.source))
		case m.spec.Isolate && !m.listed("Allow", m.spec.Allow, r.name, r.name+":"+b.source):
			settle()
		default:
			m.refuse(r, b.at, b.from, b.source, fmt.Sprintf("%s is mounted read-write", b.source), isolate)
		}
	}
	for _, b := range read {
		if root, part := m.empty.emptyAt(b.source); root != "" && (part == "" || m.empty.canMountParts(b)) {
			m.empty.emptyVolume(r, b, "another service writes to it")
		} else {
			m.seenReadOnly(r, b)
		}
	}
}

// isolatedSystem returns what Isolate does with a system directory that is mounted
// read-write, nil if it leaves it: devices and sockets can be written to however they
// are mounted.
func (m *paths) isolatedSystem(r *rule, b mount) func() {
	switch {
	case b.source == "/dev/shm":
		return func() { m.empty.memoryVolume(r, b, "copies would share it") }
	case machinepath.IsBelow(b.source, "/var/log") && !m.in.exists(b.source) && b.isFile():
		return nil
	case machinepath.IsBelow(b.source, "/var/log") && !m.in.exists(b.source):
		return func() { m.empty.emptyVolume(r, b, "copies would share it") }
	case machinepath.HoldsEndpoints(b.source):
		return nil
	}
	return func() {
		m.edit(r, change{at: b.at.Join("read_only"), value: true, from: b.from, treatment: Scope, what: b.source + " → read-only", reason: "copies would share it"})
		m.seenReadOnly(r, b)
	}
}

func (m *paths) seenReadOnly(r *rule, b mount) {
	found := *r
	found.severity = Warning
	m.report(&found, b.at, b.from, b.source+" is mounted read-only")
}
