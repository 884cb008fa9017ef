// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	composetypes "github.com/docker/cli/cli/compose/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// stackScanner looks at the files of a stack before they are loaded.
type stackScanner struct {
	*document
	scanner *scanner
}

var (
	forbiddenKey = rule{
		name: "format", severity: Refuse,
		reason: "docker stack deploy does not read files that have it",
	}
	stackTopName = rule{
		name: "stack-name", severity: Note,
		reason: "each copy gets a name of its own, and docker stack deploy does not read files that have one",
	}
	moreDocuments = rule{
		name: "format", severity: Warning,
		reason: "docker stack deploy reads the first document of a file",
		hint:   "put it into a file of its own, and name that as well",
	}
	ignoredKey = rule{
		name: "ignored", severity: Note,
		reason: "docker stack deploy has no use for it",
	}
)

// What docker stack deploy refuses by name, and what to do about it.
var forbiddenHints = map[string]string{
	"extends":       "write the service out, or keep what services share under x-… with an anchor, and merge it with <<",
	"volume_driver": "say the driver of the volume in the section volumes at the top",
	"volumes_from":  "name the volume in the section volumes at the top, and mount it in both services",
}

// beforeLoading looks at what would make the loader give up at the first of
// several problems. It tells whether loading is bound to fail.
func (m *stackScanner) beforeLoading() (hopeless bool) {
	m.plan.Texts = m.in.texts
	m.scanner.reportReplaced()
	placeholders := m.scanner.leftPlaceholders()
	before := len(m.plan.Findings)
	for _, l := range slices.Backward(m.src.layers) { // in the order of the files
		if m.scanner.firstFormat(l) {
			return true
		}
		m.topKeys(l)
		m.serviceKeys(l)
		m.contentKeys(l)
		m.scanStack(l)
	}
	return placeholders || slices.ContainsFunc(m.plan.Findings[before:], func(f Finding) bool {
		return f.Severity == Refuse && (f.Rule == requiredVariable.name || f.Rule == forbiddenKey.name)
	})
}

func (m *stackScanner) topKeys(l *layer) {
	if l.rest != nil {
		m.report(&moreDocuments, modeltree.Path{}, spot{l: l, n: l.rest}, "another document begins here")
	}
	if k, v := entry(l.root, "name"); k != nil {
		m.in.ownName = l.interpolate(v.Value)
		m.report(&stackTopName, modeltree.Path{"name"}, spot{l, v, k}, fmt.Sprintf("the stack's name %q is not used", v.Value))
	}
	if k, v := entry(l.root, "include"); k != nil {
		r := forbiddenKey
		r.hint = "name the included files as well"
		m.report(&r, modeltree.Path{"include"}, spot{l, v, k}, "files are included")
	}
	if k, v := entry(l.root, "version"); k != nil && v.Kind == yaml.ScalarNode {
		if version := l.interpolate(v.Value); strings.HasPrefix(version, "2") || strings.HasPrefix(version, "1") {
			r := forbiddenKey
			r.hint = "say version: \"3.9\", if the file is meant for a swarm"
			m.report(&r, modeltree.Path{"version"}, spot{l, v, k}, fmt.Sprintf("version %s is not for stacks", version))
		}
	}
}

// serviceKeys reports what docker stack deploy refuses in services, and what it
// has no use for.
func (m *stackScanner) serviceKeys(l *layer) {
	section, _ := child(l.root, "services")
	eachEntry(section, func(name string, _, service *yaml.Node) {
		at := modeltree.Path{"services", name}
		for _, key := range keysOf(composetypes.ForbiddenProperties) {
			if k, v := entry(service, key); k != nil {
				r := forbiddenKey
				if r.hint = forbiddenHints[key]; r.hint == "" {
					r.hint = "say limits under deploy.resources"
				}
				m.report(&r, at.Join(key), spot{l, v, k}, key+" is not for stacks")
			}
		}
		if k, v := entry(service, "depends_on"); k != nil && resolve(v).Kind == yaml.MappingNode {
			var names []string
			eachEntry(v, func(name string, _, _ *yaml.Node) { names = append(names, name) })
			r := forbiddenKey
			r.hint = fmt.Sprintf("write the list, depends_on: [%s]; in a swarm it orders nothing, services must try again", strings.Join(names, ", "))
			m.report(&r, at.Join("depends_on"), spot{l, v, k}, "depends_on has conditions")
		}
		for _, key := range append(slices.Clone(composetypes.UnsupportedProperties), keysOf(composetypes.DeprecatedProperties)...) {
			// build is a rule of its own, and restart has an effect after all.
			if k, v := entry(service, key); k != nil && key != "build" && key != "restart" {
				m.report(&ignoredKey, at.Join(key), spot{l, v, k}, key+" is ignored")
			}
		}
	})
}

// contentKeys reports secrets and configs that only Compose has.
func (m *stackScanner) contentKeys(l *layer) {
	for _, kind := range []string{"secrets", "configs"} {
		section, _ := child(l.root, kind)
		eachEntry(section, func(name string, _, body *yaml.Node) {
			for _, key := range []string{"environment", "content"} {
				if k, v := entry(body, key); k != nil {
					r := forbiddenKey
					r.hint = "say file:, or external: true and give the content in " + specField(kind)
					m.report(&r, modeltree.Path{kind, name, key}, spot{l, v, k}, fmt.Sprintf("%s as the source of a %s is not for stacks", key, strings.TrimSuffix(kind, "s")))
				}
			}
		})
	}
}

func keysOf(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
