// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
)

// ownedByRun returns those of the objects that were made in this session's run: names alone
// prove nothing.
func (sc *session) ownedByRun(kind string, objects []engine.Object) []engine.Object {
	var all []engine.Object
	for _, o := range objects {
		if tuple, ok := owner.Read(kind, o.Name, o.Labels); ok && tuple.Run == sc.owner.Run {
			all = append(all, o)
		}
	}
	return all
}
