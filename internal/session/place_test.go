// SPDX-License-Identifier: Apache-2.0

package session

import (
	"regexp"
	"testing"
)

// A helper calls a verb: people look for the line of their test, which go test prints.
func TestPlace(t *testing.T) {
	t.Parallel()
	if got := place(); !regexp.MustCompile(`^place_test\.go:\d+$`).MatchString(got) {
		t.Errorf("place = %q", got)
	}
	if got := helper(); !regexp.MustCompile(`^place_test\.go:\d+, called at place_test\.go:\d+$`).MatchString(got) {
		t.Errorf("in a helper, place = %q", got)
	}
	said := make(chan string)
	go func() { said <- helper() }() // nobody knows which test it is of
	if got := <-said; !regexp.MustCompile(`^place_test\.go:\d+$`).MatchString(got) {
		t.Errorf("in a goroutine, place = %q", got)
	}
}

//go:noinline
func helper() string { return place() }
