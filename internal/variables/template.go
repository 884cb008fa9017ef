// SPDX-License-Identifier: Apache-2.0

package variables

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// A Reference names a port in a template.
type Reference struct {
	Service  string
	Number   int // in the files, or of the container; 0 means the only port
	Protocol string
}

// template matches {SERVICE:PORT}, {SERVICE.PART} and {SERVICE.PART:PORT}; double braces
// stand for the text in single ones. All other braces are left alone, as values are often
// JSON.
var template = regexp.MustCompile(`\{?\{([a-zA-Z0-9][a-zA-Z0-9_.-]*?)(?:\.(host|port|url))?(?::([0-9]{1,5})(?:/(tcp|udp|sctp))?)?\}\}?`)

// Expand replaces references in a text by addresses: {db:5432} by host:port, and
// {db.host}, {db.port:5432} and {web.url:8080} by a part or a URL. The function find
// returns the address of a port, and its number in the container.
func Expand(text string, find func(Reference) (address string, target int, err error)) (string, error) {
	var wrong error
	expanded := template.ReplaceAllStringFunc(text, func(match string) string {
		part := template.FindStringSubmatch(match)
		double := strings.HasPrefix(match, "{{") && strings.HasSuffix(match, "}}")
		switch {
		case part[2] == "" && part[3] == "": // {word}
			return match
		case double:
			return match[1 : len(match)-1]
		}
		before, after := "", ""
		if strings.HasPrefix(match, "{{") {
			before = "{"
		}
		if strings.HasSuffix(match, "}}") {
			after = "}"
		}
		number, _ := strconv.Atoi(part[3])
		address, target, err := find(Reference{part[1], number, cmp.Or(part[4], "tcp")})
		if err != nil {
			if wrong == nil {
				wrong = fmt.Errorf("%s: %w", strings.Trim(match, "{}"), err)
			}
			return match
		}
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			wrong = cmp.Or(wrong, err)
		}
		switch part[2] {
		case "host":
			address = host
		case "port":
			address = port
		case "url":
			address = URL(target, address)
		}
		return before + address + after
	})
	return expanded, wrong
}
