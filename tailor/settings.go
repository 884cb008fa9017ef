// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// settings returns what [Plan.Settings] is to return. To find the place of each value takes
// time, and few plans are asked for it.
func (m *description) settings(service string) []Setting {
	var all []Setting
	var add func(value any, at modeltree.Path)
	add = func(value any, at modeltree.Path) {
		switch value := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				add(value[key], at.Join(key))
			}
		case []any:
			for i, item := range value {
				add(item, at.Join(i))
			}
		case nil:
		default:
			all = append(all, Setting{m.src.find(at).place(at), fmt.Sprint(value)})
		}
	}
	add(modeltree.Mapping(modeltree.Mapping(m.orig, "services"), service), modeltree.Path{"services", service})
	return all
}
