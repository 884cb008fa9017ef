// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var portReferenceRules = []rule{{
	name:     "port-reference",
	severity: Warning,
	reason:   "the engine chooses another port, so whoever is told this one reaches nothing, or another copy",
	hint:     "leave it if it is for use inside the container; otherwise the test must not rely on it",
	apply:    portReferences,
}}

var localAddress = regexp.MustCompile(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal):(\d+)\b`)

// portReferences reports values that tell others to come to a host port that
// was given up: advertised listeners, URLs of the application. Health checks
// are left out, as they run inside the container.
func portReferences(m *model, r *rule) {
	owners := m.freedPorts()
	for _, c := range m.containers() {
		for _, key := range []string{"environment", "command", "entrypoint", "labels"} {
			eachText(c.at.join(key), c.body[key], func(at path, text string) {
				for _, match := range localAddress.FindAllStringSubmatch(text, -1) {
					n, _ := strconv.Atoi(match[1])
					owner, ok := owners[n]
					if !ok {
						continue
					}
					found := *r
					if slices.Contains(m.targets(c), n) { // may well mean itself
						found.severity = Note
					}
					m.report(&found, at, spot{}, fmt.Sprintf("%s is the host port of service %s", match[0], owner))
				}
			})
		}
	}
}

// freedPorts returns the services that had a host port in the files, by port.
func (m *model) freedPorts() map[int]string {
	owners := map[int]string{}
	for _, e := range m.plan.Edits {
		if e.Rule != "fixed-port" || e.Service == "" {
			continue
		}
		before, _ := lookup(m.orig, e.at)
		for _, n := range publishedOf(before) {
			owners[n] = e.Service
		}
	}
	return owners
}

// targets returns the ports on which a container listens, as far as it says.
func (m *model) targets(c container) []int {
	var all []int
	ports, _ := lookup(m.orig, c.at.join("ports"))
	entries, _ := ports.([]any)
	for _, p := range entries {
		if n, ok := p.(map[string]any)["target"].(int); ok {
			all = append(all, n)
		}
	}
	return all
}

// eachText calls f for every string in a value that is a string, a list or a
// mapping of strings. KEY=value in a list has the path of the key.
func eachText(at path, v any, f func(path, string)) {
	switch v := v.(type) {
	case string:
		f(at, v)
	case []any:
		for i, e := range v {
			text := fmt.Sprint(e)
			if key, value, ok := strings.Cut(text, "="); ok && !strings.HasPrefix(key, "-") {
				f(at.join(key), value)
			} else {
				f(at.join(i), text)
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			f(at.join(key), fmt.Sprint(v[key]))
		}
	}
}
