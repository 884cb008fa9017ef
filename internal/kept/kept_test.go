// SPDX-License-Identifier: Apache-2.0

package kept

import (
	"slices"
	"strings"
	"testing"
)

func TestLost(t *testing.T) {
	t.Parallel()
	names := func(words ...string) map[string][]string {
		all := map[string][]string{}
		for _, w := range words {
			network, some, _ := strings.Cut(w, ":")
			all[network] = strings.Fields(some)
		}
		return all
	}
	tests := []struct {
		about         string
		before, after Container
		want          []string // the beginnings
	}{
		{"the same", Container{Names: names("front:web shop"), Ports: []int{80}}, Container{Names: names("front:shop web"), Ports: []int{80}}, nil},
		{"names", Container{Names: names("back:web", "front:web shop web")}, Container{Names: names("back:web", "front:")},
			[]string{"is not reached as shop, web any more in network front: docker compose made the network anew"}},
		{"one name, in both", Container{Names: names("back:web x", "front:web x")}, Container{Names: names("back:web", "front:web")},
			[]string{"is not reached as x any more in network back", "is not reached as x any more in network front"}},
		{"more names", Container{Names: names("front:web")}, Container{Names: names("front:web shop")}, nil},
		{"a network", Container{Names: names("front:web")}, Container{}, nil},
		{"ports", Container{Ports: []int{80, 443}}, Container{Why: "nothing leads out"}, []string{"does not publish its ports 80, 443 any more: nothing leads out"}},
		{"a port that comes a moment later", Container{Ports: []int{80}}, Container{}, nil},
		{"it had none", Container{}, Container{Why: "nothing leads out"}, nil},
	}
	for _, test := range tests {
		got := Lost(test.before, test.after)
		if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
			t.Errorf("%s: Lost = %q, want %q", test.about, got, test.want)
		}
	}
}
