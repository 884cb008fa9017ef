// SPDX-License-Identifier: Apache-2.0

package said

import (
	"regexp"
	"strings"
)

// event is what docker compose writes of a thing, without a terminal: its kind, its name, and
// what becomes of it.
var event = regexp.MustCompile(`^\s*(Container|Network|Volume|Image) (\S+)\s+(\S+)`)

// Uncreated returns the names of the containers that docker compose began to create, and did
// not: where an engine refuses one, no other line says which. It returns none if something
// else failed.
func Uncreated(stderr []string) []string {
	var names []string
	for _, line := range stderr {
		parts := event.FindStringSubmatch(line)
		switch {
		case parts == nil:
		case parts[3] == "Error":
			return nil
		case parts[1] != "Container":
		case parts[3] == "Creating":
			names = append(names, parts[2])
		case parts[3] == "Created":
			for i, name := range names {
				if name == parts[2] {
					names = append(names[:i:i], names[i+1:]...)
					break
				}
			}
		}
	}
	return names
}

// ServiceOf returns the service that a container is of, by the name that docker compose
// gives it in a project; empty if it gives no such name.
func ServiceOf(name, project string) string {
	rest, ok := strings.CutPrefix(name, project+"-")
	if i := strings.LastIndexByte(rest, '-'); ok && i > 0 {
		return rest[:i]
	}
	return ""
}
