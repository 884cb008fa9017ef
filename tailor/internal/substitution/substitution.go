// SPDX-License-Identifier: Apache-2.0

package substitution

import "strings"

// Variable is a reference to a variable that has no value where it is needed.
type Variable struct {
	Name string
	// required is set for ${NAME:?message} and ${NAME?message}.
	Required bool
	Message  string
}

// Missing returns the references in text that env leaves without a value:
// those that Compose replaces by nothing, and those on which it gives up. A
// reference inside the default of another one counts if that default is used.
func Missing(text string, env map[string]string) []Variable {
	var all []Variable
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 >= len(text) {
			return all
		}
		text = text[i+1:]
		switch {
		case text[0] == '$':
			text = text[1:]
		case text[0] == '{':
			body, rest, ok := braces(text[1:])
			if !ok {
				return all
			}
			all = append(all, missingIn(body, env)...)
			text = rest
		default:
			n := nameLength(text)
			if _, ok := env[text[:n]]; n > 0 && !ok {
				all = append(all, Variable{Name: text[:n]})
			}
			text = text[n:]
		}
	}
}

// missingIn looks at what stands between braces.
func missingIn(body string, env map[string]string) []Variable {
	n := nameLength(body)
	if n == 0 {
		return nil
	}
	name, rest := body[:n], body[n:]
	value, set := env[name]
	colon := strings.HasPrefix(rest, ":")
	if colon {
		rest = rest[1:]
		set = set && value != ""
	}
	switch {
	case rest == "" && !set:
		return []Variable{{Name: name}}
	case strings.HasPrefix(rest, "-") && !set, strings.HasPrefix(rest, "+") && set:
		return Missing(rest[1:], env)
	case strings.HasPrefix(rest, "?") && !set:
		return []Variable{{Name: name, Required: true, Message: rest[1:]}}
	}
	return nil
}

// braces splits text after the brace that closes the one before it.
func braces(text string) (body, rest string, ok bool) {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

func nameLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(text)
}
