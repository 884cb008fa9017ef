// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"maps"
	"regexp"
	"slices"

	"github.com/compose-spec/compose-go/v2/interpolation"
	modelpath "github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
)

// casts leaves out the conversions of values, of text to numbers and the like, whose keys are in
// none of the files: compose-go compares the path of every value with the path of every
// conversion, of which there are some sixty, and a file needs a handful.
func casts(all map[modelpath.Path]interpolation.Cast, files []types.ConfigFile) map[modelpath.Path]interpolation.Cast {
	if slices.ContainsFunc(files, func(f types.ConfigFile) bool { return hidesKeys.Match(f.Content) }) {
		return all
	}
	found := map[string]bool{}
	there := func(key string) bool {
		if is, known := found[key]; known {
			return is
		}
		found[key] = key == modelpath.PathMatchAll || key == modelpath.PathMatchList ||
			slices.ContainsFunc(files, func(f types.ConfigFile) bool { return bytes.Contains(f.Content, []byte(key)) })
		return found[key]
	}
	used := maps.Clone(all)
	maps.DeleteFunc(used, func(path modelpath.Path, _ interpolation.Cast) bool {
		return slices.ContainsFunc(path.Parts(), func(key string) bool { return !there(key) })
	})
	return used
}

// hidesKeys matches what may have keys that cannot be seen in it: other files are read for it, it
// spells letters as numbers, breaks words, or is no UTF-8.
var hidesKeys = regexp.MustCompile(`include|extends|\\[xuU\r\n]|\x00`)
