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

// And so are two keys of one volume.
func TestVolumeOfTwoKeys(t *testing.T) {
	t.Parallel()
	k := &Stack{Name: "shop"}
	k.revision.Store(&stackRevision{plan: &tailor.StackPlan{Plan: tailor.Plan{Volumes: []string{"a", "b", "c"}, SameVolumes: map[string]string{"b": "a"}}}})
	for key, want := range map[string]string{"a": "shop_a", "b": "shop_a", "c": "shop_c"} {
		if got, err := k.Volume(key); got != want || err != nil {
			t.Errorf("Volume(%q) = %q, %v, want %s", key, got, err, want)
		}
	}
	if got, err := k.Volume("d"); err == nil {
		t.Errorf("Volume of a key that the file has not is %q", got)
	}
}
