// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// invalidImages refuses images whose names are none: docker compose reads them as they stand,
// and the engine then says so without the service and the line.
func (m *broughtImages) invalidImages(r *rule) {
	for _, u := range m.built.imageUses() {
		written, _ := modeltree.Lookup(m.orig, u.at)
		if u.kind != ownImage && u.kind != sideImage || written != u.ref { // which the spec has replaced
			continue
		}
		_, err := reference.ParseAnyReference(u.ref)
		if err == nil || m.isBlank(u.at) {
			continue
		}
		what, hint := err.Error(), ""
		if trimmed := strings.TrimSpace(u.ref); trimmed != u.ref {
			where := "ends"
			if strings.HasSuffix(u.ref, trimmed) {
				where = "begins"
			}
			what, hint = where+" with a blank", fmt.Sprintf("write %s", trimmed)
		} else {
			what = "is no reference: " + what
		}
		wrong := *r
		wrong.hint = hint
		m.report(&wrong, u.at, spot{}, fmt.Sprintf("image %q %s", u.ref, what))
	}
}
