// SPDX-License-Identifier: Apache-2.0

package parallel_test

import (
	"slices"
	"testing"

	"github.com/seatrial/seatrial/internal/parallel"
)

// What is mapped comes in the order of the items, and a panic over one leaves the others.
func TestMap(t *testing.T) {
	t.Parallel()
	got, err := parallel.Map([]int{3, 0, 1}, func(n int) int { return 6 / n })
	if want := []int{2, 0, 6}; !slices.Equal(got, want) || err == nil {
		t.Errorf("%v, %v, want %v and the panic", got, err, want)
	}
}
