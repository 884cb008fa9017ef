// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// insidePorts are those on which something listens in a container, as far as
// the files say: as the target of a published port, or in so many words, by
// expose or a health check.
type insidePorts struct{ targets, words [][2]int }

func (p insidePorts) published(n int) bool { return portentry.Within(p.targets, n) }
func (p insidePorts) said(n int) bool      { return portentry.Within(p.words, n) }

// inside returns those of a container, and of those with which it shares a
// network.
func (m *portReader) inside(c container) insidePorts {
	if known, ok := m.insides[c.at.String()]; ok {
		return known
	}
	var all insidePorts
	home := func(c container) string {
		if service := m.networks.networkOf(c); service != "" {
			return service
		}
		return c.name
	}
	for _, other := range m.containers() {
		if home(other) != home(c) {
			continue
		}
		ports, _ := modeltree.Lookup(m.orig, other.at.Join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			if n, ok := p.(map[string]any)["target"].(int); ok {
				all.targets = append(all.targets, [2]int{n, n})
			}
		}
		for _, e := range modeltree.List(other.body, "expose") {
			all.words = append(all.words, portentry.Range(fmt.Sprint(e))...)
		}
		all.words = append(all.words, askedInside(other)...)
	}
	m.insides[c.at.String()] = all
	return all
}

// askedInside returns the ports that a health check asks, which runs inside.
func askedInside(c container) [][2]int {
	var all [][2]int
	test := modeltree.Mapping(c.body, "healthcheck")["test"]
	for _, match := range localAddress.FindAllStringSubmatch(fmt.Sprint(test), -1) {
		all = append(all, portentry.Range(match[4])...)
	}
	return all
}

// listening are the words for a setting or an option that says where a program
// is to listen.
var listening = regexp.MustCompile(`(?i)listen|bind`)

// listens tells whether a text may say where its program listens: by the name
// of its setting or option, or by an option in it where nothing says which one it is.
func (m *portReader) listens(t text, name string) bool {
	return listening.MatchString(name) || name == "" && listening.MatchString(t.value)
}
