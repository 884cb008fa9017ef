// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"fmt"
	"slices"
	"strings"
)

func checkPort(port int) error {
	if port < 1 || port > 65535 {
		return fmt.Errorf("port %d is not from 1 to 65535", port)
	}
	return nil
}

// listPorts lists addresses, with the port alone for a listener on all addresses.
func listPorts(all []Listener) string {
	var words []string
	for _, l := range all {
		a := l.Addr
		word := a.String()
		if a.Addr().IsUnspecified() {
			word = fmt.Sprint(a.Port())
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
