// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// WriteJSON makes a file of a value, or of the JSON of an engine or of docker compose.
// Secrets are hidden in it. Variables that look like passwords are hidden only where they
// are set: if the value were hidden everywhere, a password "postgres" would spoil every line
// of PostgreSQL's log.
func (d *Dir) WriteJSON(name string, value any) error {
	var content strings.Builder
	e := json.NewEncoder(&content)
	e.SetEscapeHTML(false) // people read it
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("writing artifact %q: %w", name, err)
	}
	_, err := d.Write(name, []byte(d.Redact(hideVariables(content.String()))))
	return err
}

var (
	// A variable in JSON: "NAME=value" in a list, "NAME": "value" in an object.
	listed = regexp.MustCompile(`"([A-Za-z_][\w.-]*)=((?:[^"\\]|\\.)+)"`)
	keyed  = regexp.MustCompile(`"([A-Za-z_][\w.-]*)": "((?:[^"\\]|\\.)+)"`)

	password = regexp.MustCompile(`(?i)passw(or)?d|passphrase|secret|token|credential|(api|access|private|encryption|signing)_?key|(^|_)(pass|pwd|pw)$`)
	filename = regexp.MustCompile(`(?i)_(file|path|dir|name|id)$`) // the place of a secret, not its value
)

// hideVariables hides the values of variables whose names look like passwords.
func hideVariables(text string) string {
	hide := func(variable *regexp.Regexp, shown string) {
		text = variable.ReplaceAllStringFunc(text, func(match string) string {
			name := variable.FindStringSubmatch(match)[1]
			if !looksSecret(name) {
				return match
			}
			return fmt.Sprintf(shown, name)
		})
	}
	hide(listed, `"%s=`+Hidden+`"`)
	hide(keyed, `"%s": "`+Hidden+`"`)
	return text
}

func looksSecret(name string) bool {
	return name != "PWD" && !strings.EqualFold(name, "OLDPWD") && password.MatchString(name) && !filename.MatchString(name)
}
