// SPDX-License-Identifier: Apache-2.0

package meant

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the name that is close enough to a word to be what was meant, or "".
func Nearest(word string, names []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, name := range names {
		d := levenshtein.Distance(word, name, nil)
		if strings.HasPrefix(name, word) || sorted(name) == sorted(word) { // two letters changed places
			d = min(d, 1)
		}
		if d < least {
			best, least = name, d
		}
	}
	return best
}

func sorted(word string) string {
	letters := []rune(word)
	slices.Sort(letters)
	return string(letters)
}
