// SPDX-License-Identifier: Apache-2.0

package placeholder

import (
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// A leased variable stands in the model as a mark that nobody else writes, as
// the project's name does, and is written out as the variable. When the override
// is checked, the variable's value is the mark. That of a path is an absolute
// path, so that the loader leaves it alone.
const (
	Start     = "seatrial0leased0"
	PathStart = "/" + Start + "path0"
	End       = "zz"
)

// Marks finds marks, and in each the name of the variable.
var Marks = regexp.MustCompile(`(?:` + PathStart + `|` + Start + `)(SEATRIAL_[A-Z0-9_]+)` + End)

// Project stands for the name that the project gets when it runs. It is
// unlikely enough to be recognized wherever the files put it, and is written
// out as ProjectVariable.
const (
	Project         = "seatrial0project0name"
	ProjectVariable = "${COMPOSE_PROJECT_NAME}"
)

// Shown writes the placeholder for the project's name as people and Compose
// write it.
func Shown(v any) any {
	switch v := v.(type) {
	case string:
		return ShownText(v)
	case map[string]any:
		for k, e := range v {
			v[k] = Shown(e)
		}
	case []any:
		for i, e := range v {
			v[i] = Shown(e)
		}
	case modeltree.Removed:
		return nil
	}
	return v
}

// ShownText is Shown for a text.
func ShownText(s string) string {
	s = strings.ReplaceAll(s, Project, ProjectVariable)
	if strings.Contains(s, Start) {
		s = Marks.ReplaceAllString(s, "$${$1}")
	}
	return s
}
