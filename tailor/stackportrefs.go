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

var stackPortReference = rule{
	name: "port-reference", treatment: Follow, severity: Note,
	reason: "whoever is told the old number reaches nothing, or another copy",
	hint:   "PortReferences: all rewrites it, if it is for others than the container itself",
}

// forOthers is in the names of values that tell others where to come.
var forOthers = regexp.MustCompile(`(?i)advertised|public|external`)

// portMention is a place where the files name a published port.
type portMention struct {
	at   path
	text string
	// address is what was found in text: localhost:8080.
	address string
	n       int
	// doubtful tells that it may mean the inside of the container.
	doubtful bool
}

// eachMention calls f for every host:port in the values of services that is a
// published port of the stack.
func (m *stackModel) eachMention(f func(portMention)) {
	published := map[int]bool{}
	for _, c := range m.containers() {
		for _, n := range m.originalPorts(c) {
			published[n] = true
		}
	}
	for _, c := range m.containers() {
		targets := m.targets(c)
		for _, keys := range [][]any{{"environment"}, {"command"}, {"entrypoint"}, {"labels"}, {"deploy", "labels"}} {
			at := c.at.join(keys...)
			eachLeaf(at, m.get(at), func(at path, text string) {
				for _, match := range localAddress.FindAllStringSubmatch(text, -1) {
					n, err := strconv.Atoi(match[1])
					if err != nil || !published[n] {
						continue
					}
					key, _ := at[len(at)-1].(string)
					inside := strings.HasPrefix(match[0], "0.0.0.0") || slices.Contains(targets, n) && !strings.HasPrefix(match[0], "host.")
					f(portMention{at, text, match[0], n, inside && !forOthers.MatchString(key)})
				}
			})
		}
	}
}

func (m *stackModel) originalPorts(c container) []int {
	var all []int
	ports, _ := lookup(m.orig, c.at.join("ports"))
	entries, _ := ports.([]any)
	for _, p := range entries {
		all = append(all, publishedOf(p)...)
	}
	return all
}

// mentionedPorts are the ports that have to be known before the start.
func (m *stackModel) mentionedPorts() map[int]bool {
	known := map[int]bool{}
	m.eachMention(func(p portMention) {
		if m.rewrites(p) {
			known[p.n] = true
		}
	})
	return known
}

func (m *stackModel) rewrites(p portMention) bool {
	return m.stack.PortReferences != "off" && (!p.doubtful || m.stack.PortReferences == "all")
}

// rewritePortReferences puts leased numbers where the files name the old ones.
func (m *stackModel) rewritePortReferences() {
	leased := map[int]StackLease{}
	for _, l := range slices.Backward(m.out.Leases) {
		leased[l.Published] = l
	}
	var order []string
	byValue := map[string][]portMention{}
	m.eachMention(func(p portMention) {
		key := p.at.String()
		if byValue[key] == nil {
			order = append(order, key)
		}
		byValue[key] = append(byValue[key], p)
	})
	for _, key := range order {
		m.rewriteMentions(byValue[key], leased)
	}
}

// rewriteMentions edits one value.
func (m *stackModel) rewriteMentions(mentions []portMention, leased map[int]StackLease) {
	r := stackPortReference
	at, fresh := mentions[0].at, mentions[0].text
	var what []string
	for _, p := range mentions {
		l, ok := leased[p.n]
		switch {
		case slices.Contains(m.stack.KeepPorts, p.n):
		case ok && m.rewrites(p):
			host := strings.TrimSuffix(p.address, strconv.Itoa(p.n))
			fresh = replaceAddress(fresh, p.address, host+placeholder(l.Variable))
			what = append(what, fmt.Sprintf("%s → %s${%s}", p.address, host, l.Variable))
		default:
			m.report(&r, at, spot{}, p.address+" may be the published port")
		}
	}
	if fresh != mentions[0].text {
		m.edit(&r, change{at: at, value: fresh, what: strings.Join(slices.Compact(what), ", ")})
	}
}

// replaceAddress replaces host:port where no digit follows.
func replaceAddress(text, old, fresh string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, old)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		rest := text[i+len(old):]
		b.WriteString(text[:i])
		if rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			b.WriteString(old)
		} else {
			b.WriteString(fresh)
		}
		text = rest
	}
}

// eachLeaf calls f for every string in a value.
func eachLeaf(at path, v any, f func(path, string)) {
	switch v := v.(type) {
	case string:
		f(at, v)
	case []any:
		for i, e := range v {
			eachLeaf(at.join(i), e, f)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			eachLeaf(at.join(key), v[key], f)
		}
	}
}
