// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
)

func TestOwnSwarm(t *testing.T) {
	t.Parallel()
	cannot := errors.New("it needs root")
	for _, tt := range []struct {
		named  string
		cannot error
		lacks  error
	}{{"", nil, nil}, {"", cannot, cannot}, {"tcp://a tcp://b", cannot, nil}} {
		if got := ownSwarm(tt.named, tt.cannot); got.lacks != tt.lacks || got.needed {
			t.Errorf("with the swarm %q, %v: %+v", tt.named, tt.cannot, got)
		}
	}
}
