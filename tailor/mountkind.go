// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/machinepath"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

// inCheckout tells whether the path belongs to the project: it lies in the
// project's directory, or is written relative to it and leads to somewhere near.
// With enough dots it leads everywhere. What is written otherwise is the project's
// if another mount, of the same place or a directory above it, is.
func (m *mountReader) inCheckout(b mount) bool {
	if m.isNear(b) {
		return true
	}
	if !filepath.IsAbs(b.source) || machinepath.IsSystem(b.source) {
		return false
	}
	if m.near == nil {
		m.near = []string{}
		for _, o := range m.mounts() {
			if o.where[0] != "volumes" && m.isNear(o) {
				m.near = append(m.near, m.in.real(o.source))
			}
		}
	}
	source := m.in.real(b.source)
	return slices.ContainsFunc(m.near, func(at string) bool { return source == at || machinepath.IsBelow(source, at) })
}

// isNear tells it by the path alone.
func (m *mountReader) isNear(b mount) bool {
	if machinepath.IsWindows(b.source) && !filepath.IsAbs(b.source) {
		return false
	}
	root := filepath.Dir(m.in.dir) == m.in.dir
	if rel, err := filepath.Rel(m.in.dir, b.source); err == nil && filepath.IsLocal(rel) && !root {
		return true
	}
	isRelative := !filepath.IsAbs(b.written) && !strings.HasPrefix(b.written, "~") || b.fromHere()
	if !isRelative || machinepath.IsSystem(b.source) && (root || !machinepath.IsSystem(m.in.dir)) {
		return false
	}
	return root || machinepath.FirstStep(b.source) == machinepath.FirstStep(m.in.dir)
}

// isFile tells whether a path is that of a file, in whose place no volume can be: it is one
// on this machine, or it is not there and has the name of one.
func (b mount) isFile() bool {
	if info, err := os.Stat(b.source); err == nil {
		return !info.IsDir()
	}
	return machinepath.LooksLikeFile(b.source) || machinepath.LooksLikeFile(b.target)
}

// fromHere tells whether a path is written as one below the directory in which docker
// compose is started: ${PWD}/../data.
func (b mount) fromHere() bool {
	n := resolve(b.from.n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return false
	}
	all := substitution.Expressions(n.Value)
	return len(all) > 0 && strings.HasPrefix(n.Value, all[0]) && substitution.NameIn(all[0]) == "PWD"
}
