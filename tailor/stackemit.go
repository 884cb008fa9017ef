// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// stackDocument writes a stack as the one document that is deployed.
type stackDocument struct {
	*document

	out *StackPlan
}

// The versions of the file format that a document can have, the lowest first.
// Nothing that 3.9 has was taken away later.
var stackVersions = []string{"3.9", "3.10", "3.11", "3.12", "3.13"}

// emit writes the document and checks it.
func (m *stackDocument) emit() error {
	if m.err != nil {
		return bug(m.err)
	}
	m.longKeys()
	if m.refused() {
		return nil
	}
	m.out.tree = tidyStack(modeltree.Compact(modeltree.Clone(m.tree)).(map[string]any))
	after := listed(modeltree.Clone(m.out.tree)).(map[string]any)
	var err error
	for _, version := range stackVersions {
		document := renderStack(after, version)
		if err = m.checkDocument(document); err == nil {
			m.out.Version, m.out.document = version, document
			return nil
		}
	}
	return bug(err)
}

// renderStack writes a model as one JSON document: a document that a YAML parser
// reads in the same way.
func renderStack(tree map[string]any, version string) []byte {
	document := maps.Clone(tree)
	document["version"] = version
	if document["services"] == nil {
		document["services"] = map[string]any{}
	}
	var b bytes.Buffer
	writeJSON(&b, document, "\n")
	b.WriteString("\n")
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, v any, newline string) {
	deeper := newline + "  "
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		b.WriteString("{")
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(deeper)
			writeString(b, key)
			b.WriteString(": ")
			writeJSON(b, v[key], deeper)
		}
		b.WriteString(newline + "}")
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		b.WriteString("[")
		for i, e := range v {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(deeper)
			writeJSON(b, e, deeper)
		}
		b.WriteString(newline + "]")
	case string:
		// Variables of the files were replaced when they were read: every dollar
		// that is left stands for itself. Keys have none that count.
		writeString(b, placeholder.ShownText(strings.ReplaceAll(v, "$", "$$")))
	case nil:
		b.WriteString("null")
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	default:
		fmt.Fprint(b, v)
	}
}

// writeString quotes a string so that JSON and YAML mean the same by it: YAML has
// no surrogates, takes more characters for line breaks, and refuses what cannot
// be printed.
func writeString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ', r >= 0x7f && r <= 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xfff0 && r <= 0xffff && r != utf8.RuneError:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// longestKey is how long a key may be, as it is written: YAML wants to see the
// colon after at most 1024 characters.
const longestKey = 1000

var longKey = rule{
	name: "long-key", severity: Refuse,
	reason: "YAML, as which docker reads the document, has no longer keys here",
	hint:   "shorten it",
}

// longKeys writes mappings with long keys as lists, where docker takes both, and
// refuses the others.
func (m *stackDocument) longKeys() {
	for _, kind := range []string{"services", "networks", "volumes", "secrets", "configs"} {
		for _, c := range m.resources(kind) {
			m.longKeysIn(c.at, c.body)
			if tooLong(c.name) {
				m.report(&longKey, c.at, m.src.find(c.at), fmt.Sprintf("key %.20s… has %d characters", c.name, len(c.name)))
			}
		}
	}
}

func (m *stackDocument) longKeysIn(at modeltree.Path, v any) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			m.longKeysIn(at.Join(i), e)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if tooLong(key) && !canBeListed(at, v) {
				m.report(&longKey, at.Join(key), m.src.find(at.Join(key)), fmt.Sprintf("key %.20s… has %d characters", key, len(key)))
			}
			m.longKeysIn(at.Join(key), v[key])
		}
	}
}

// canBeListed tells whether docker takes a mapping as a list of KEY=VALUE, too.
func canBeListed(at modeltree.Path, v map[string]any) bool {
	switch at[len(at)-1] {
	case "environment", "labels", "sysctls":
	default:
		return false
	}
	for key := range v {
		if strings.Contains(key, "=") {
			return false
		}
	}
	return len(at) > 2
}

// listed writes what has long keys as lists.
func listed(tree any) any {
	return listedIn(nil, tree)
}

func listedIn(at modeltree.Path, v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if len(at) > 0 && slices.ContainsFunc(slices.Collect(maps.Keys(m)), tooLong) && canBeListed(at, m) {
		var items []any
		for _, key := range slices.Sorted(maps.Keys(m)) {
			item := key
			if m[key] != nil {
				item += "=" + fmt.Sprint(m[key])
			}
			items = append(items, item)
		}
		return items
	}
	for key, e := range m {
		m[key] = listedIn(at.Join(key), e)
	}
	return m
}

func tooLong(key string) bool {
	var b bytes.Buffer
	writeString(&b, key)
	return utf8.RuneCount(b.Bytes()) > longestKey
}
