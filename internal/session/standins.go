// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"maps"
	"os"
	"strings"
)

// StandIns adds to those of a spec what SEATRIAL_STAND_INS has: OLD=NEW, with spaces between.
func StandIns(given map[string]string) (map[string]string, error) {
	words := strings.Fields(os.Getenv("SEATRIAL_STAND_INS"))
	if len(words) == 0 {
		return given, nil
	}
	all := map[string]string{}
	for _, word := range words {
		old, ref, ok := strings.Cut(word, "=")
		if !ok || old == "" || ref == "" || strings.ContainsAny(word, ",;") {
			return nil, fmt.Errorf("SEATRIAL_STAND_INS has %q: want OLD=NEW, two references of images, and spaces between such pairs", word)
		}
		all[old] = ref
	}
	maps.Copy(all, given)
	return all, nil
}
