// SPDX-License-Identifier: Apache-2.0

package dockerd

import "testing"

// Root in an ordinary container is no root that could start an engine.
func TestPrivileged(t *testing.T) {
	t.Parallel()
	for status, may := range map[string]bool{
		"Name:\tx\nCapPrm:\t0\nCapEff:\t000001ffffffffff\n": true,
		"Name:\tx\nCapEff:\t00000000a80425fb\n":             false, // of docker run
		"":                                                  true,
	} {
		if err := privileged(status); (err == nil) != may {
			t.Errorf("%q: %v", status, err)
		}
	}
}
