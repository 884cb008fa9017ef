// SPDX-License-Identifier: Apache-2.0

package isolate

import (
	"strings"
	"testing"
)

func TestPanicking(t *testing.T) {
	t.Parallel()
	during := func(f func()) (at string) {
		defer func() { _ = recover() }()
		defer func() { at = Panicking() }()
		f()
		return ""
	}
	var none map[string]int
	for name, f := range map[string]func(){"the runtime's": func() { none["x"] = 1 }, "its own": func() { panic("no") }} {
		if at := during(f); !strings.HasPrefix(at, "panicking_test.go:") {
			t.Errorf("%s: %q", name, at)
		}
	}
	if at := during(func() {}); at != "" {
		t.Errorf("without a panic: %q", at)
	}
}
