// SPDX-License-Identifier: Apache-2.0

package modeltree

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Diff lists where two models differ.
func Diff(at Path, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		keys := slices.AppendSeq(slices.Collect(maps.Keys(w)), maps.Keys(g))
		slices.Sort(keys)
		var all []string
		for _, key := range slices.Compact(keys) {
			wv, inWant := w[key]
			gv, inGot := g[key]
			switch {
			case !inWant:
				all = append(all, fmt.Sprintf("%s: %v appears", at.Join(key), gv))
			case !inGot:
				all = append(all, fmt.Sprintf("%s: %v is lost", at.Join(key), wv))
			default:
				all = append(all, Diff(at.Join(key), wv, gv)...)
			}
		}
		return all
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		var all []string
		for i := range w {
			all = append(all, Diff(at.Join(i), w[i], g[i])...)
		}
		return all
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %v becomes %v", at, want, got)}
}
