// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Diff returns what the edits change in the loaded model, before and after, in
// the manner of diff: a place in the files and in the model, the old value in
// JSON after a minus, the new one after a plus.
func (p *Plan) Diff() string {
	var b strings.Builder
	for _, e := range p.Edits {
		at := ""
		if e.File != "" {
			at = fmt.Sprintf("%s:%d:%d ", e.File, e.Line, e.Column)
		}
		fmt.Fprintf(&b, "@@ %s%s @@\n", at, e.Path)
		if e.Old != nil {
			b.WriteString("-" + flat(e.Old))
		}
		if e.New != nil {
			b.WriteString("+" + flat(e.New))
		}
	}
	return b.String()
}

// flat is a value in JSON on a line.
func flat(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintln(v)
	}
	return b.String()
}
