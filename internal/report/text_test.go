// SPDX-License-Identifier: Apache-2.0

package report

import "testing"

func TestThere(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{"there are none": nil, "there is a": {"a"}, "there are a, b": {"a", "b"}} {
		if got := There(names); got != want {
			t.Errorf("of %q: got %q, want %q", names, got, want)
		}
	}
}
