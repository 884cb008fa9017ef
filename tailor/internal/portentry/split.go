// SPDX-License-Identifier: Apache-2.0

package portentry

// Split splits a port in the short form before the port of the container.
// The long form has the host port alone.
func Split(s string, long bool) (host, target string) {
	if long {
		return s, ""
	}
	depth, at := 0, -1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth == 0 {
				at = i
			}
		}
	}
	if at < 0 {
		return "", s
	}
	return s[:at], s[at:]
}
