// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"sync"
	"testing"
)

func TestThere(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{"there are none": nil, "there is a": {"a"}, "there are a, b": {"a", "b"}} {
		if got := There(names); got != want {
			t.Errorf("of %q: got %q, want %q", names, got, want)
		}
	}
}

// Both streams of a command may be written at the same time: go test -race sees it if they cannot.
func TestBuffer(t *testing.T) {
	t.Parallel()
	var b Buffer
	var streams sync.WaitGroup
	for range 2 {
		streams.Go(func() {
			for range 1000 {
				_, _ = b.Write([]byte("a line of it, a line of it, a line of it\n"))
			}
		})
	}
	streams.Wait()
	if got := b.String(); len(got) != 64<<10 || !strings.HasPrefix(got, "a line") {
		t.Errorf("it has %d bytes: %.20s", len(got), got)
	}
}
