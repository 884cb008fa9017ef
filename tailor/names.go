// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// containerNames gives up the names of containers, and follows them.
type containerNames struct {
	*document
	*decisions
}

func (m *containerNames) nameRules() []rule {
	return []rule{{
		name:     "project-name",
		severity: Note,
		reason:   "each copy gets a name of its own",
		doc: row{
			files:   "`name:` at the top",
			becomes: "not used",
		},
		apply: m.projectNameKey,
	}, {
		name:      "container-reference",
		treatment: Follow,
		severity:  Warning,
		reason:    "container names are given up",
		doc: row{
			files:   "`container:NAME`, external links",
			becomes: "a reference to the service that had the name; refused if no service of the files has it",
		},
		apply: m.followContainers,
	}, {
		name:      "container-name",
		treatment: Scope,
		severity:  Note,
		reason:    "an engine has each container name once",
		hint:      "a script that uses the name must ask for the new one",
		doc: row{
			files:   "a container name",
			becomes: "chosen by Compose; the old name stays as an alias of the service on all its networks",
		},
		apply: m.scopeContainerNames,
	}}
}

func (m *containerNames) projectNameKey(r *rule) {
	if name, ok := m.orig["name"].(string); ok && name != "" {
		m.report(r, modeltree.Path{"name"}, spot{}, fmt.Sprintf("the project's name %q is not used", name))
	}
}

// scopeContainerNames lets Compose name the containers, and keeps what they
// were called as an alias, because other services may call them by that name.
func (m *containerNames) scopeContainerNames(r *rule) {
	for _, c := range m.containers() {
		name := m.fixedName(c)
		if name == "" {
			continue
		}
		networks := c.networks()
		what := fmt.Sprintf("container name %q → chosen by Compose", name)
		switch {
		case len(networks) == 0:
			m.report(r, c.at.Join("container_name"), spot{},
				fmt.Sprintf("container name %q is given up, and network_mode %v leaves no network to keep it as an alias on", name, c.body["network_mode"]))
		case name == c.name:
			what += ", the service has that name anyway"
		}
		m.edit(r, change{at: c.at.Join("container_name"), drop: true, what: what})
		if name != c.name {
			m.alias(r, c, name, m.src.find(c.at.Join("container_name")))
		}
	}
}

// fixedName returns a container name that two copies would both ask for.
func (m *containerNames) fixedName(c container) string {
	name := modeltree.Str(c.body, "container_name")
	if strings.Contains(name, placeholder.Project) {
		return ""
	}
	return name
}

// alias lets a service answer to a name on all of its networks.
func (m *containerNames) alias(r *rule, c container, name string, from spot) {
	for _, network := range c.networks() {
		at := c.at.Join("networks", network, "aliases")
		old, _ := m.get(at).([]any)
		if slices.Contains(old, any(name)) {
			continue
		}
		m.edit(r, change{
			at: at, value: append(slices.Clone(old), name), from: from, treatment: Alias,
			what:   fmt.Sprintf("%q → an alias on network %s", name, network),
			reason: "other services may call it by that name",
		})
	}
}

// followContainers turns references to container names of these files into
// references to the services. Others are to containers outside the project.
func (m *containerNames) followContainers(r *rule) {
	owner := map[string]container{}
	for _, c := range slices.Backward(m.containers()) {
		if name := m.fixedName(c); name != "" && c.at[0] == "services" {
			if _, taken := owner[name]; !taken || m.active(c.name) {
				owner[name] = c
			}
		}
	}
	for _, c := range m.containers() {
		for _, key := range []string{"network_mode", "pid", "ipc"} {
			if name, ok := strings.CutPrefix(modeltree.Str(c.body, key), "container:"); ok {
				m.follow(r, c.at.Join(key), name, "service:", owner)
			}
		}
		for i, v := range modeltree.List(c.body, "volumes_from") {
			if name, ok := strings.CutPrefix(fmt.Sprint(v), "container:"); ok {
				m.follow(r, c.at.Join("volumes_from", i), name, "", owner)
			}
		}
		m.followLinks(r, c, owner)
	}
}

// follow edits one reference. The name may have a mode after it: "db:ro".
func (m *containerNames) follow(r *rule, at modeltree.Path, name, prefix string, owner map[string]container) {
	name, mode, hasMode := strings.Cut(name, ":")
	target, ok := owner[name]
	if !ok {
		if !strings.Contains(name, placeholder.Project) {
			m.reportOutside(r, at, name)
		}
		return
	}
	value := prefix + target.name
	if hasMode {
		value += ":" + mode
	}
	m.edit(r, change{at: at, value: value, what: fmt.Sprintf("container %q → service %s", name, target.name)})
}

// followLinks replaces external_links to containers of these files by
// aliases: the link names a container, which has another name in each copy.
func (m *containerNames) followLinks(r *rule, c container, owner map[string]container) {
	for i, v := range modeltree.List(c.body, "external_links") {
		at := c.at.Join("external_links", i)
		name, alias, _ := strings.Cut(fmt.Sprint(v), ":")
		target, ok := owner[name]
		if !ok {
			if !strings.Contains(name, placeholder.Project) {
				m.reportOutside(r, at, name)
			}
			continue
		}
		from := m.src.find(at)
		m.edit(r, change{at: at, drop: true, what: fmt.Sprintf("link to container %q → service %s", name, target.name), from: from})
		if alias != "" && alias != target.name {
			m.alias(r, target, alias, from)
		}
	}
}

func (m *containerNames) reportOutside(r *rule, at modeltree.Path, name string) {
	outside := *r
	outside.severity, outside.reason = Refuse, "all copies use that one container"
	outside.hint = "put that container into the project, as a service of another file"
	m.refuse(&outside, at, spot{}, name, fmt.Sprintf("container %q is not part of this project", name))
}
