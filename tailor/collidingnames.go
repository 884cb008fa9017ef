// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// nameHolder is a service one of whose containers gets a name.
type nameHolder struct {
	c     container
	name  string // as the files have it, or docker compose makes it
	given bool   // by the files
}

// collidingNames reports containers that are to have one name: that of the files, or
// for services without, the one that docker compose makes: PROJECT-SERVICE-NUMBER.
func (m *startCollisions) collidingNames(r *rule) {
	holders := map[string]nameHolder{} // by the name in the project as it is shipped
	for _, s := range m.started() {
		for n := range s.count {
			if name := fmt.Sprintf("%s-%s-%d", placeholder.Project, s.name, n+1); modeltree.Str(s.body, "container_name") == "" {
				holders[m.objects.asShipped(name)] = nameHolder{c: s.container, name: name}
			}
		}
	}
	for _, s := range m.started() {
		name := modeltree.Str(s.body, "container_name")
		other, taken := holders[m.objects.asShipped(name)]
		switch {
		case name == "":
			continue
		case !taken:
			holders[m.objects.asShipped(name)] = nameHolder{s.container, name, true}
			continue
		}
		found, there := *r, other.c.at
		is := "also that of service " + other.c.name
		if other.given {
			there = there.Join("container_name")
		} else {
			is = "also the one that docker compose gives to service " + other.c.name
		}
		if name != other.name && m.objects.givenName() == "" {
			found.severity, found.reason = Warning, "the project has the name of its directory, and docker compose cannot start it where that is this one; the copies would hide it"
		}
		m.refuse(&found, s.at.Join("container_name"), spot{}, "", fmt.Sprintf("container name %s is %s%s", placeholder.ShownText(name), is, m.src.find(there).place(there).within()))
	}
}
