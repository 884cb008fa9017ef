// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

var hostRules = []rule{{
	name:     "host-namespace",
	severity: Warning,
	reason:   "its processes see and can disturb those of every other copy",
	apply:    hostNamespaces,
}, {
	name:     "device",
	severity: Warning,
	reason:   "copies would use one device at the same time",
	apply:    devices,
}, {
	name:     "privileged",
	severity: Note,
	reason:   "it can change the machine that all copies run on",
	apply:    privileged,
}, {
	name:     "external-secret",
	severity: Warning,
	reason:   "Compose has no external secrets and configs and will not start the project",
	hint:     "a file of your own, given last, can give it a value with `external: !reset null` and `file:` or `environment:`",
	apply:    externalSecrets,
}, {
	name:     "provider",
	severity: Warning,
	reason:   "a program on the machine makes it, in its own way, for every copy",
	apply:    providers,
}, {
	name:     "remote-log",
	severity: Warning,
	reason:   "all copies log into one place, and what a container says cannot be read from it",
	hint:     "a file of your own, given last, can have the engine keep it: `logging: {driver: json-file, options: !reset null}`",
	apply:    remoteLogs,
}, {
	name:     "cgroup-parent",
	severity: Warning,
	reason:   "copies share its limits, and it has to be there",
	apply:    cgroupParents,
}, {
	name:     "owned-label",
	severity: Warning,
	reason:   "Compose tells copies apart by its own labels",
	hint:     "take the label out",
	apply:    ownedLabels,
}}

func hostNamespaces(m *model, r *rule) {
	for _, c := range m.containers() {
		for _, key := range []string{"pid", "ipc", "uts", "userns_mode"} {
			if c.body[key] == "host" {
				m.report(r, c.at.join(key), spot{}, key+": host")
			}
		}
	}
}

func devices(m *model, r *rule) {
	for _, c := range m.containers() {
		for i, d := range list(c.body, "devices") {
			source := str(d, "source")
			at := c.at.join("devices", i)
			m.report(r, at, spot{}, fmt.Sprintf("device %s", source))
		}
	}
}

func privileged(m *model, r *rule) {
	for _, c := range m.containers() {
		if truth(c.body, "privileged") {
			m.report(r, c.at.join("privileged"), spot{}, "it is privileged")
		}
	}
}

func externalSecrets(m *model, r *rule) {
	for _, kind := range []string{"secrets", "configs"} {
		for _, s := range m.resources(kind) {
			if truth(s.body, "external") {
				m.report(r, s.at, m.src.find(s.at.join("external")), "it is external")
			}
		}
	}
}

func providers(m *model, r *rule) {
	for _, c := range m.containers() {
		if p := mapping(c.body, "provider"); p != nil {
			m.report(r, c.at.join("provider"), spot{}, fmt.Sprintf("provider %v", p["type"]))
		}
	}
}

func remoteLogs(m *model, r *rule) {
	for _, c := range m.containers() {
		switch driver := str(mapping(c.body, "logging"), "driver"); driver {
		case "", "json-file", "local", "none", "journald":
		default:
			m.report(r, c.at.join("logging", "driver"), spot{}, "logging driver "+driver)
		}
	}
}

func cgroupParents(m *model, r *rule) {
	for _, c := range m.containers() {
		if parent := str(c.body, "cgroup_parent"); parent != "" {
			m.report(r, c.at.join("cgroup_parent"), spot{}, "cgroup "+parent)
		}
	}
}

func ownedLabels(m *model, r *rule) {
	for _, c := range m.containers() {
		at := c.at.join("labels")
		for i, key := range labelKeys(m.get(at)) {
			if strings.HasPrefix(key, "com.docker.compose.") {
				step := any(key)
				if _, ok := m.get(at).([]any); ok {
					step = i
				}
				m.report(r, at.join(step), m.src.find(at.join(key)), "label "+key)
			}
		}
	}
}

// labelKeys returns the keys of labels, which are a mapping or a list, in the
// order of the list or else sorted.
func labelKeys(labels any) []string {
	switch labels := labels.(type) {
	case map[string]any:
		return slices.Sorted(maps.Keys(labels))
	case []any:
		keys := make([]string, len(labels))
		for i, e := range labels {
			keys[i], _, _ = strings.Cut(fmt.Sprint(e), "=")
		}
		return keys
	}
	return nil
}
