// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
)

// A name that a service uses and the files do not define is misspelt where it is written out,
// and else made of a variable that has another value than the files think: nobody finds
// "data" in a file that has ${PREFIX}data.

var undefinedName = regexp.MustCompile(`^service "([^"]+)" refers to undefined (volume|network|secret|config) ([^\s:]+)`)

// undefinedAt returns where the name is written of which the loader says that it is not
// defined, and what variables make it.
func (s *sources) undefinedAt(text string) (at spot, why string) {
	found := undefinedName.FindStringSubmatch(text)
	if found == nil {
		return spot{}, ""
	}
	service, kind, name := found[1], found[2]+"s", found[3]
	s.eachItem(modeltree.Path{"services", service, kind}, "source", func(item any, from spot) {
		if at.l == nil && nameIn(kind, item) == name {
			at = from
		}
	})
	if at.l == nil { // networks may be a mapping, in which the name is a key, and no variable is read
		return s.find(modeltree.Path{"services", service, kind, name}), ""
	}
	return at, at.variables(kind)
}

// nameIn returns the name that an item of a service's list refers to.
func nameIn(kind string, item any) string {
	text, is := item.(string)
	if !is {
		return modeltree.Str(item, "source")
	}
	if kind == "volumes" {
		text, _, _ = strings.Cut(text, ":")
	}
	return text
}

// variables says which variables make a name, and what they are: nothing of a name that is
// written out.
func (s spot) variables(kind string) string {
	if s.l == nil || s.n == nil || s.n.Kind != yaml.ScalarNode {
		return ""
	}
	written := s.n.Value
	if kind == "volumes" && s.key == nil {
		written = source(written)
	}
	var values []string
	for _, expression := range substitution.Expressions(written) {
		name := substitution.NameIn(expression)
		switch value, set := s.l.env[name]; {
		case !set:
			values = append(values, name+" is not set")
		case value == "":
			values = append(values, name+" is blank")
		default:
			values = append(values, fmt.Sprintf("%s is %q", name, value))
		}
	}
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf(", written %s: %s", written, strings.Join(values, ", "))
}

// source returns what stands before the first colon of a mount that is in no variable's braces.
func source(mount string) string {
	depth := 0
	for i := range len(mount) {
		switch mount[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth <= 0 {
				return mount[:i]
			}
		}
	}
	return mount
}
