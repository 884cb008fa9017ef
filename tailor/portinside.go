// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// insidePorts are those on which something listens in a container, as far as
// the files say: as the target of a published port, or in so many words, by
// expose or a health check.
type insidePorts struct{ targets, words [][2]int }

func (p insidePorts) published(n int) bool { return within(p.targets, n) }
func (p insidePorts) said(n int) bool      { return within(p.words, n) }

func within(ranges [][2]int, n int) bool {
	return slices.ContainsFunc(ranges, func(r [2]int) bool { return r[0] <= n && n <= r[1] })
}

// inside returns those of a container, and of those with which it shares a
// network.
func (m *model) inside(c container) insidePorts {
	if known, ok := m.insides[c.at.String()]; ok {
		return known
	}
	var all insidePorts
	home := func(c container) string {
		if service := m.networkOf(c); service != "" {
			return service
		}
		return c.name
	}
	for _, other := range m.containers() {
		if home(other) != home(c) {
			continue
		}
		ports, _ := lookup(m.orig, other.at.join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			if n, ok := p.(map[string]any)["target"].(int); ok {
				all.targets = append(all.targets, [2]int{n, n})
			}
		}
		for _, e := range list(other.body, "expose") {
			all.words = append(all.words, portRange(fmt.Sprint(e))...)
		}
		all.words = append(all.words, askedInside(other)...)
	}
	m.insides[c.at.String()] = all
	return all
}

// portRange reads 8080, 8080/tcp and 8000-8090.
func portRange(text string) [][2]int {
	text, _, _ = strings.Cut(text, "/")
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err != nil || err2 != nil {
		return nil
	}
	return [][2]int{{first, last}}
}

// askedInside returns the ports that a health check asks, which runs inside.
func askedInside(c container) [][2]int {
	var all [][2]int
	test := mapping(c.body, "healthcheck")["test"]
	for _, match := range localAddress.FindAllStringSubmatch(fmt.Sprint(test), -1) {
		all = append(all, portRange(match[4])...)
	}
	return all
}

// listening are the words for a setting or an option that says where a program
// is to listen.
var listening = regexp.MustCompile(`(?i)listen|bind`)

// listens tells whether a text may say where its program listens: by the name
// of its setting, by an option in it, or by the one before it.
func (m *model) listens(t text) bool {
	before := ""
	if i, ok := t.at[len(t.at)-1].(int); ok && i > 0 && t.key == "" {
		before, _ = m.get(t.at[:len(t.at)-1].join(i - 1)).(string)
		if !strings.HasPrefix(before, "-") {
			before = ""
		}
	}
	return listening.MatchString(t.key) || t.key == "" && listening.MatchString(t.value) || listening.MatchString(before)
}
