// SPDX-License-Identifier: Apache-2.0

package placeholder

import (
	"fmt"
	"testing"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

func TestShown(t *testing.T) {
	t.Parallel()
	got := Shown(map[string]any{"a": []any{Project + "-web", "http://localhost:" + Start + "SEATRIAL_PORT_WEB_80" + End + "/x"},
		"b": PathStart + "SEATRIAL_CONTEXT_WEB" + End, "c": modeltree.Removed{}, "d": 3})
	if want := "map[a:[${COMPOSE_PROJECT_NAME}-web http://localhost:${SEATRIAL_PORT_WEB_80}/x] b:${SEATRIAL_CONTEXT_WEB} c:<nil> d:3]"; fmt.Sprint(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
