// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
)

var storageRules = []rule{{
	name:      "volume-name",
	treatment: Scope,
	reason:    "copies would share the data, and the end of one would remove it",
	apply:     scopeVolumes,
}, {
	name:     "external-volume",
	severity: Refuse,
	reason:   "every copy would read and write the same data",
	apply:    externalVolumes,
}, {
	name:     "docker-socket",
	severity: Warning,
	reason:   "its container sees, and can stop, the containers of every other copy",
	hint:     "a file of your own, given last, can mount something else at that place",
	apply:    dockerSocket,
}, {
	name:     "host-directory",
	severity: Warning,
	reason:   "all copies write to the same files, and the next run starts with what this one left",
	hint:     "a file of your own, given last, can put a named volume at that place, or mount it read-only",
	apply:    hostDirectories,
}, {
	name:     "system-directory",
	severity: Warning,
	reason:   "its container sees what other copies do on this machine",
	apply:    systemDirectories,
}, {
	name:     "volume-driver",
	severity: Warning,
	reason:   "copies would share what is behind it",
	apply:    volumeDrivers,
}}

func scopeVolumes(m *model, r *rule) {
	for _, v := range m.resources("volumes") {
		name := str(v.body, "name")
		if name == "" || truth(v.body, "external") || strings.Contains(name, projectName) {
			continue
		}
		m.edit(r, change{at: v.at.join("name"), drop: true, what: fmt.Sprintf("name %q → the project's own", name)})
	}
}

func externalVolumes(m *model, r *rule) {
	for _, v := range m.resources("volumes") {
		if !truth(v.body, "external") {
			continue
		}
		name := str(v.body, "name")
		if name == "" {
			name = v.name
		}
		external := *r
		external.hint = fmt.Sprintf("decide which volume each copy uses; a file of your own, given last, makes an empty one: {volumes: {%s: {external: !reset null, name: !reset null}}}", yamlKey(v.name))
		m.report(&external, v.at, m.src.find(v.at.join("external")), fmt.Sprintf("volume %q is external", name))
	}
}

// binds calls f for every host path that a container mounts.
func (m *model) binds(f func(at path, from spot, source string, readOnly bool)) {
	for _, c := range m.containers() {
		for i, v := range list(c.body, "volumes") {
			if str(v, "type") != "bind" {
				continue
			}
			target := str(v, "target")
			from := m.src.item(c.at.join("volumes"), "source", func(item any) bool {
				if long, ok := item.(map[string]any); ok {
					return str(long, "target") == target
				}
				short, err := format.ParseVolume(fmt.Sprint(item))
				return err == nil && filepath.Clean(short.Target) == filepath.Clean(target)
			})
			f(c.at.join("volumes", i), from, str(v, "source"), truth(v, "read_only"))
		}
	}
}

func dockerSocket(m *model, r *rule) {
	m.binds(func(at path, from spot, source string, _ bool) {
		if isSocket(source) {
			m.report(r, at, from, fmt.Sprintf("the engine's socket %s is mounted", source))
		}
	})
	for _, c := range m.containers() {
		if truth(c.body, "use_api_socket") {
			m.report(r, c.at.join("use_api_socket"), spot{}, "the engine's socket is mounted")
		}
	}
}

func hostDirectories(m *model, r *rule) {
	m.binds(func(at path, from spot, source string, readOnly bool) {
		if !readOnly && !isSocket(source) && !isSystem(source) && !isClock(source) {
			m.report(r, at, from, fmt.Sprintf("%s is mounted read-write", m.pathShown(source)))
		}
	})
	for _, v := range m.resources("volumes") {
		opts := mapping(v.body, "driver_opts")
		o := strings.Split(fmt.Sprint(opts["o"]), ",")
		if slices.Contains(o, "bind") && !slices.Contains(o, "ro") {
			m.report(r, v.at.join("driver_opts", "device"), spot{}, fmt.Sprintf("%s is mounted read-write", m.pathShown(str(opts, "device"))))
		}
	}
}

func systemDirectories(m *model, r *rule) {
	m.binds(func(at path, from spot, source string, readOnly bool) {
		if isSystem(source) && !isSocket(source) {
			mode := "read-write"
			if readOnly {
				mode = "read-only"
			}
			m.report(r, at, from, fmt.Sprintf("%s is mounted %s", source, mode))
		}
	})
}

func volumeDrivers(m *model, r *rule) {
	for _, v := range m.resources("volumes") {
		driver := str(v.body, "driver")
		opts := mapping(v.body, "driver_opts")
		switch {
		case driver != "" && driver != "local":
			m.report(r, v.at.join("driver"), spot{}, "driver "+driver)
		case str(opts, "type") == "nfs" || str(opts, "type") == "nfs4" || str(opts, "type") == "cifs":
			m.report(r, v.at.join("driver_opts", "device"), spot{}, fmt.Sprintf("%s share %s", str(opts, "type"), str(opts, "device")))
		}
	}
}

// pathShown writes a host path as it most likely is in the file: relative to
// the project directory if it is in it, or beside it.
func (m *model) pathShown(name string) string {
	rel, err := filepath.Rel(m.in.dir, name)
	rel = filepath.ToSlash(rel)
	switch {
	case err == nil && filepath.IsLocal(rel):
		return "./" + rel
	case err == nil && strings.HasPrefix(rel, "../") && !strings.HasPrefix(rel, "../.."):
		return rel
	}
	return name
}

func isSocket(source string) bool {
	return strings.HasSuffix(source, "/docker.sock") || strings.HasSuffix(source, `\docker_engine`)
}

func isClock(source string) bool {
	return source == "/etc/localtime" || source == "/etc/timezone"
}

// isSystem tells whether the path is a part of the operating system that
// shows what goes on outside the project.
func isSystem(source string) bool {
	if source == "/" {
		return true
	}
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker", "/var/log", "/boot", "/lib/modules"} {
		if source == dir || strings.HasPrefix(source, dir+"/") {
			return true
		}
	}
	return false
}
