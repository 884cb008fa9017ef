// SPDX-License-Identifier: Apache-2.0

package portentry

import (
	"slices"
	"strconv"
	"strings"
)

// Within reports whether a number lies in one of the ranges.
func Within(ranges [][2]int, n int) bool {
	return slices.ContainsFunc(ranges, func(r [2]int) bool { return r[0] <= n && n <= r[1] })
}

// Range reads 8080, 8080/tcp and 8000-8090.
func Range(text string) [][2]int {
	text, _, _ = strings.Cut(text, "/")
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err != nil || err2 != nil {
		return nil
	}
	return [][2]int{{first, last}}
}
