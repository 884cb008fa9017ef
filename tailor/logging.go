// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// lifecycle keeps logs and labels such that containers can be followed.
type lifecycle struct {
	*document
}

func (m *lifecycle) lifecycleRules() []rule {
	return []rule{{
		name:      "remote-log",
		treatment: Scope,
		reason:    "all copies would log into one place, and what a container says could not be read from it",
		doc: row{
			files:   "a logging driver that sends logs elsewhere",
			becomes: "json-file",
		},
		apply: m.localLogs,
	}, {
		name:      "lost-log",
		treatment: Scope,
		reason:    "what a container says could not be waited for, nor be read after a failure",
		doc: row{
			files:   "a logging driver that keeps nothing (`none`), only the end (`max-size`), or only what it has time for (`mode: non-blocking`)",
			becomes: "json-file; a limit that nobody reaches; blocking",
		},
		apply: m.keptLogs,
	}, {
		name:      "owned-label",
		treatment: Scope,
		reason:    "Compose tells copies apart by its own labels",
		doc: row{
			files:   "`com.docker.compose.*` labels",
			becomes: "removed",
		},
		apply: m.ownedLabels,
	}, {
		name:     "ignored",
		severity: Note,
		reason:   "Compose ignores it; it is for docker stack deploy",
		doc: row{
			files:   "`deploy` keys for stacks",
			becomes: "a note",
		},
		apply: m.ignored,
	}, {
		name:     "long-name",
		severity: Warning,
		reason:   "a name in the DNS has at most 63 characters, so that other services can't resolve it",
		doc: row{
			files:   "names longer than 63 characters",
			becomes: "a warning",
		},
		apply: m.longNames,
	}}
}

func (m *lifecycle) localLogs(r *rule) {
	for _, c := range m.containers() {
		logging := modeltree.Mapping(c.body, "logging")
		switch driver := modeltree.Str(logging, "driver"); driver {
		case "", "json-file", "local", "none", "journald":
		default:
			m.edit(r, change{at: c.at.Join("logging", "driver"), value: "json-file", what: fmt.Sprintf("logging driver %s → json-file", driver)})
			if logging["options"] != nil {
				m.edit(r, change{at: c.at.Join("logging", "options"), drop: true, what: "its options → none"})
			}
		}
	}
}

// keptLogs has the engine keep what it would drop: all that a container says, or the
// beginning of it.
func (m *lifecycle) keptLogs(r *rule) {
	const all = "1t" // as good as no limit, which the engine's own configuration may set
	for _, c := range m.containers() {
		logging := modeltree.Mapping(c.body, "logging")
		options := modeltree.Mapping(logging, "options")
		switch driver := modeltree.Str(logging, "driver"); driver {
		case "none":
			m.edit(r, change{at: c.at.Join("logging", "driver"), value: "json-file", what: "logging driver none → json-file"})
			if logging["options"] != nil {
				m.edit(r, change{at: c.at.Join("logging", "options"), drop: true, what: "its options → none", quiet: true})
			}
			continue
		case "", "json-file", "local":
			if size := options["max-size"]; size != nil && size != all {
				m.edit(r, change{at: c.at.Join("logging", "options", "max-size"), value: all, what: fmt.Sprintf("limit of the log (max-size) %v → %s", size, all)})
			}
		}
		if modeltree.Str(options, "mode") == "non-blocking" { // the engine drops what it has no time for
			m.edit(r, change{at: c.at.Join("logging", "options", "mode"), value: "blocking", what: "mode of the log non-blocking → blocking"})
			if options["max-buffer-size"] != nil {
				m.edit(r, change{at: c.at.Join("logging", "options", "max-buffer-size"), drop: true, what: "its buffer → none", quiet: true})
			}
		}
	}
}

func (m *lifecycle) ownedLabels(r *rule) {
	for _, c := range m.containers() {
		at := c.at.Join("labels")
		for i, key := range labelKeys(m.get(at)) {
			if !strings.HasPrefix(key, "com.docker.compose.") {
				continue
			}
			step := any(key)
			if _, ok := m.get(at).([]any); ok {
				step = i
			}
			m.edit(r, change{at: at.Join(step), drop: true, from: m.src.find(at.Join(key)), what: "label " + key + " → none"})
		}
	}
}

// labelKeys returns the keys of labels, which are a mapping or a list, in the
// order of the list or else sorted.
func labelKeys(labels any) []string {
	switch labels := labels.(type) {
	case map[string]any:
		return modeltree.Keys(labels)
	case []any:
		names := make([]string, len(labels))
		for i, e := range labels {
			names[i], _, _ = strings.Cut(fmt.Sprint(e), "=")
		}
		return names
	}
	return nil
}

func (m *lifecycle) ignored(r *rule) {
	for _, c := range m.containers() {
		for _, key := range []string{"placement", "update_config", "rollback_config", "endpoint_mode"} {
			if at := c.at.Join("deploy", key); m.get(at) != nil {
				m.report(r, at, spot{}, "deploy."+key)
			}
		}
	}
}

func (m *lifecycle) longNames(r *rule) {
	const most = 63
	for _, c := range m.containers() {
		if len(c.name) > most {
			m.report(r, c.at, spot{}, fmt.Sprintf("the name has %d characters", len(c.name)))
		}
		for _, network := range c.networks() {
			at := c.at.Join("networks", network, "aliases")
			aliases, _ := m.get(at).([]any)
			for _, a := range aliases {
				if name := fmt.Sprint(a); len(name) > most && !slices.Contains([]string{c.name}, name) {
					m.report(r, at, spot{}, fmt.Sprintf("alias %s has %d characters", name, len(name)))
				}
			}
		}
	}
}
