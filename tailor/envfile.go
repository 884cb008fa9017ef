// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// envFileRule wants the env files of services to be there.
type envFileRule struct {
	*document
}

func (m *envFileRule) environmentRules() []rule {
	return []rule{{
		name:     "env-file",
		severity: Refuse,
		reason:   "Compose does not start a service without it",
		doc: row{
			files:   "an env file that is not there, or is not one",
			becomes: "refused; the message names the example that is shipped, if there is one",
		},
		apply: m.envFiles,
	}}
}

// envFiles reports env files that are not there. Often only an example is shipped.
func (m *envFileRule) envFiles(r *rule) {
	for _, c := range m.containers() {
		if c.at[0] == "services" && !m.active(c.name) {
			continue
		}
		for i, f := range modeltree.List(c.body, "env_file") {
			name := modeltree.Str(f, "path")
			if name == "" {
				continue
			}
			_, err := m.in.read(name) // also one that may be missing: whoever reads for us learns of it
			if required, ok := f.(map[string]any)["required"].(bool); err == nil || ok && !required {
				continue
			}
			at := c.at.Join("env_file", i)
			missing := *r
			missing.hint = "make it, or add `required: false`"
			if example := m.exampleOf(name); example != "" {
				missing.hint = fmt.Sprintf("%s is shipped: copy it to %s", example, m.pathShown(name))
			}
			from := m.src.item(c.at.Join("env_file"), "path", func(item any) bool {
				if long, ok := item.(map[string]any); ok {
					item = long["path"]
				}
				return filepath.Base(fmt.Sprint(item)) == filepath.Base(name)
			})
			what := fmt.Sprintf("env file %s is missing", m.pathShown(name))
			if !errors.Is(err, fs.ErrNotExist) {
				missing.hint, what = "", fmt.Sprintf("env file %s: %v", m.pathShown(name), plain(err))
			}
			m.report(&missing, at, from, what)
		}
	}
}
