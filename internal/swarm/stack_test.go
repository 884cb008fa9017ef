// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"testing"

	"github.com/seatrial/seatrial/tailor"
)

// Two keys of one name are one network, which is called by one of them.
func TestNetworkOfTwoKeys(t *testing.T) {
	t.Parallel()
	k := &Stack{Name: "shop"}
	k.revision.Store(&stackRevision{plan: &tailor.StackPlan{Plan: tailor.Plan{Networks: []string{"front", "back"}, SameNetworks: map[string]string{"back": "front"}}}})
	for _, key := range []string{"front", "back"} {
		if got, err := k.Network(key); got != "shop_front" || err != nil {
			t.Errorf("Network(%q) = %q, %v, want shop_front", key, got, err)
		}
	}
}
