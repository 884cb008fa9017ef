// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// What a majority of the managers believes is true, also of those that a test killed: a minority
// may still follow a leader that has lost the others.
func TestAgreed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about   string
		leaders map[string]string // whom the managers that answer take for their leader
		off     []string
		want    string // the manager whose opinion counts
	}{
		{"all", map[string]string{"b": "a", "a": "a", "c": "a"}, nil, "a"},
		{"the leader has not answered yet", map[string]string{"b": "a", "c": "a"}, nil, "b"},
		{"one alone", map[string]string{"a": "a"}, nil, ""},
		{"the one that is left", map[string]string{"c": "a"}, []string{"a", "b"}, ""},
		{"the leader that is left", map[string]string{"a": "a"}, []string{"b", "c"}, ""},
		{"those that are left", map[string]string{"a": "a", "c": "a"}, []string{"b"}, "a"},
		{"a leader that was cut off", map[string]string{"a": "a", "b": "b", "c": "b"}, nil, "b"},
		{"no leader", map[string]string{"a": "", "b": "", "c": ""}, nil, ""},
	} {
		s, known := &Swarm{}, []engine.Node{}
		for _, id := range []string{"a", "b", "c", "worker"} {
			s.nodes = append(s.nodes, &Node{ID: id, Hostname: id, api: &engine.Engine{}})
			known = append(known, engine.Node{ID: id, Manages: id != "worker"})
		}
		var all []opinion
		for _, n := range s.nodes {
			for _, id := range test.off {
				if n.ID == id {
					n.off.Store(true)
				}
			}
			if leader, answers := test.leaders[n.ID]; answers {
				all = append(all, opinion{n, leader, known})
			}
		}
		got := ""
		if best := s.agreed(all); best != nil {
			got = best.of.ID
		}
		if got != test.want {
			t.Errorf("%s: the opinion of %q counts, want that of %q", test.about, got, test.want)
		}
	}
}
