// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// extended returns the services that n extends.
func (s *sources) extended(l *layer, kind string, n *yaml.Node, depth int) []spot {
	ext, _ := child(n, "extends")
	if ext == nil || depth > maxDepth {
		return nil
	}
	from, ref := l, ""
	if ext = resolve(ext); ext.Kind == yaml.ScalarNode {
		ref = l.interpolate(ext.Value)
	} else {
		if v := l.textsAt(ext, "service"); len(v) > 0 {
			ref = v[0]
		}
		if v := l.textsAt(ext, "file"); len(v) > 0 {
			if from = s.base(l, v[0]); from == nil {
				return nil
			}
			if s.used[from] == nil {
				s.used[from] = map[string]bool{}
			}
			s.used[from][ref] = true
		}
	}
	for _, l := range append([]*layer{from}, from.includes...) {
		section, _ := child(l.root, kind)
		if key, base := entry(section, ref); base != nil {
			return append([]spot{{l, base, key}}, s.extended(l, kind, base, depth+1)...)
		}
	}
	return nil
}

// extendedFiles returns the files that were only extended, sorted by name.
// Those are known once every service was looked at.
func (s *sources) extendedFiles() []*layer {
	for _, l := range s.layers {
		for _, kind := range []string{"services", "jobs"} {
			section, _ := child(l.root, kind)
			if section = resolve(section); section == nil || section.Kind != yaml.MappingNode {
				continue
			}
			for i := 1; i < len(section.Content); i += 2 {
				s.extended(l, kind, section.Content[i], 0)
			}
		}
	}
	var all []*layer
	for _, name := range slices.Sorted(maps.Keys(s.bases)) {
		if b := s.bases[name]; b != nil {
			all = append(all, b)
		}
	}
	return all
}
