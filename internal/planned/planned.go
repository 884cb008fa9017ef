// SPDX-License-Identifier: Apache-2.0

// Package planned answers questions about plans that compose and swarm share.
package planned

import (
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/tailor"
)

// Ports returns the ports as the files publish them for a service.
func Ports(plan *tailor.Plan, service string) []container.Published {
	var all []container.Published
	for _, s := range plan.Services {
		if s.Name != service {
			continue
		}
		for _, port := range s.Ports {
			all = append(all, container.Published{Number: port.Published, Target: port.Target, Protocol: port.Protocol})
		}
	}
	return all
}

// Room says for how many containers of a service the host ports of the files
// suffice: 0 is for any number.
func Room(plan *tailor.Plan, service string) int {
	for _, s := range plan.Services {
		if s.Name == service {
			return s.Room
		}
	}
	return 0
}

// Names lists the services of a plan.
func Names(plan *tailor.Plan) string {
	var names []string
	for _, s := range plan.Services {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// SelfCollision is the name of what files take twice, for spec.Project.Allow, and
// AllowSelfCollision the hint that offers it.
const (
	SelfCollision      = "self-collision"
	AllowSelfCollision = "\n    hint: Allow: {" + `"` + SelfCollision + `"` + "} accepts it"
)
