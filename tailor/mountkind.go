// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
)

// inCheckout tells whether the path belongs to the project: it lies in the
// project's directory, or is written relative to it and leads to somewhere near.
// With enough dots it leads everywhere.
func (m *mountReader) inCheckout(b mount) bool {
	if machinepath.IsWindows(b.source) && !filepath.IsAbs(b.source) {
		return false
	}
	root := filepath.Dir(m.in.dir) == m.in.dir
	if rel, err := filepath.Rel(m.in.dir, b.source); err == nil && filepath.IsLocal(rel) && !root {
		return true
	}
	if filepath.IsAbs(b.written) || strings.HasPrefix(b.written, "~") || machinepath.IsSystem(b.source) && (root || !machinepath.IsSystem(m.in.dir)) {
		return false
	}
	return root || machinepath.FirstStep(b.source) == machinepath.FirstStep(m.in.dir)
}
