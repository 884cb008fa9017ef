// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"
)

// The command gives the same hints about an engine's troubles as a test.
func TestFailedHints(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	code := (&call{stderr: &said}).failed("start", errors.New("creating network front: all predefined address pools have been fully subnetted"))
	if got := said.String(); code != exitNo || !strings.Contains(got, "\n    hint: the engine has no subnet left") {
		t.Errorf("code %d, and it says %q", code, got)
	}
}
