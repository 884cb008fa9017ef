// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"math"
	"strings"
	"testing"
)

// Only volumes that the engine has named may be there in addition, and nothing may be gone.
func TestForgotten(t *testing.T) {
	t.Parallel()
	a, b := "volume "+strings.Repeat("a1", 32)+"\n", "volume "+strings.Repeat("b2", 32)+"\n"
	for _, tt := range []struct {
		before, after []string
		want          int
	}{
		{[]string{a}, []string{a}, 0},
		{[]string{a}, []string{a, b}, 1},
		{nil, []string{a, b}, 2},
		{nil, []string{"volume data\n"}, math.MaxInt},
		{nil, []string{a, "container web\n"}, math.MaxInt},
		{[]string{"volume data\n"}, []string{a}, math.MaxInt},
	} {
		if got := forgotten(tt.before, tt.after); got != tt.want {
			t.Errorf("forgotten(%q, %q) = %d, want %d", tt.before, tt.after, got, tt.want)
		}
	}
}
