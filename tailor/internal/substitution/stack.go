// SPDX-License-Identifier: Apache-2.0

package substitution

import (
	"regexp"
	"strings"
)

// stackReference is how docker stack deploy recognizes a variable. A default has
// no variables in it: it ends at the first brace.
var stackReference = regexp.MustCompile(`(?i)\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)(?:(:?[-?])([^}]*))?\})`)

// MissingInStack returns the references in text that env leaves without a value.
func MissingInStack(text string, env map[string]string) []Variable {
	if !strings.Contains(text, "$") {
		return nil
	}
	var all []Variable
	for _, match := range stackReference.FindAllStringSubmatch(text, -1) {
		name := match[2] + match[3]
		if match[1] != "" {
			continue
		}
		value, set := env[name]
		if strings.HasPrefix(match[4], ":") {
			set = set && value != ""
		}
		switch {
		case set || strings.HasSuffix(match[4], "-"):
		case strings.HasSuffix(match[4], "?"):
			all = append(all, Variable{Name: name, Required: true, Message: match[5]})
		default:
			all = append(all, Variable{Name: name})
		}
	}
	return all
}
