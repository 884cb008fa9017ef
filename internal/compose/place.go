// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
)

// place is what a container is in its project.
type place struct {
	service string
	number  int // of the replica, from 1; 0 for a one-off
}

func placeOf(labels map[string]string) place {
	at := place{service: labels[engine.ComposeService]}
	if !strings.EqualFold(labels[engine.ComposeOneoff], "true") {
		at.number, _ = strconv.Atoi(labels[engine.ComposeNumber])
	}
	return at
}

// String is the name of the container in messages and artifacts.
func (at place) String() string {
	switch {
	case at.number == 0:
		return at.service + "-run"
	case at.number > 1:
		return at.service + "-" + strconv.Itoa(at.number)
	}
	return at.service
}

// dependencies returns the services that a container's own depends on, of which the label
// says SERVICE:CONDITION:RESTART, with commas between them.
func dependencies(labels map[string]string) (services []string) {
	for part := range strings.SplitSeq(labels[engine.ComposeDependsOn], ",") {
		if service, _, _ := strings.Cut(part, ":"); service != "" {
			services = append(services, service)
		}
	}
	return services
}
