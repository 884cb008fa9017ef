// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"slices"
	"strings"
)

// stageNeeds has the stages that each stage needs. BuildKit builds only those that the
// target needs, directly or indirectly.
// https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go
type stageNeeds struct {
	needs [][]int
	// bases are the stages on which stages are based, or -1; later what ONBUILD adds
	// to the needs of stages that are based on one.
	bases []int
	later [][]int
}

func (f *File) stageNeeds() *stageNeeds {
	return &stageNeeds{needs: make([][]int, len(f.stages)), later: make([][]int, len(f.stages)), bases: slices.Repeat([]int{-1}, len(f.stages))}
}

// add notes that a place refers to a stage.
func (n *stageNeeds) add(u use, stage int) {
	switch u.kind {
	case inFrom:
		n.bases[u.stage] = stage
		n.needs[u.stage] = append(n.needs[u.stage], stage)
	case inOnbuild:
		n.later[u.stage] = append(n.later[u.stage], stage)
	default:
		n.needs[u.stage] = append(n.needs[u.stage], stage)
	}
}

// built reports for each stage whether it is built for a target.
func (n *stageNeeds) built(target int) []bool {
	all := make([]bool, len(n.needs))
	var visit func(stage int)
	visit = func(stage int) {
		if all[stage] {
			return
		}
		all[stage] = true
		for _, needed := range n.needs[stage] {
			visit(needed)
		}
		if base := n.bases[stage]; base >= 0 {
			for _, needed := range n.later[base] {
				visit(needed)
			}
		}
	}
	visit(target)
	return all
}

// target returns the index of the stage that is built: the named one, or the last one.
func (f *File) target(s Settings) int {
	if i := lastIndex(f.stages, strings.ToLower(s.Target)); i >= 0 && s.Target != "" {
		return i
	}
	return len(f.stages) - 1
}

// lastIndex returns the index of the last name that equals the word, or -1: of two
// stages with one name BuildKit takes the last.
func lastIndex(names []string, word string) int {
	for i, name := range slices.Backward(names) {
		if name == word && name != "" {
			return i
		}
	}
	return -1
}
