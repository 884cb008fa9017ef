// SPDX-License-Identifier: Apache-2.0

package planned

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/portnumber"
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
func Names(plan *tailor.Plan) string { return strings.Join(Services(plan), ", ") }

// Services returns the names of the services of a plan.
func Services(plan *tailor.Plan) []string {
	var names []string
	for _, s := range plan.Services {
		names = append(names, s.Name)
	}
	return names
}

// WithNeeds adds to services what they depend on, and what that depends on.
func WithNeeds(plan *tailor.Plan, services []string) []string {
	all := slices.Clone(services)
	for i := 0; i < len(all); i++ {
		for _, s := range plan.Services {
			if s.Name != all[i] {
				continue
			}
			for _, need := range slices.Sorted(maps.Keys(s.Needs)) {
				if !slices.Contains(all, need) {
					all = append(all, need)
				}
			}
		}
	}
	return all
}

// CheckScale says why a service cannot have a number of containers.
func CheckScale(plan *tailor.Plan, service string, replicas int) error {
	if replicas < 0 {
		return fmt.Errorf("%d is not a number of containers", replicas)
	}
	for _, s := range plan.Services {
		if s.Name != service {
			continue
		}
		for _, port := range s.Ports {
			if replicas > 1 && (port.Variable != "" || port.Kept) {
				return fmt.Errorf("its host port %d is fixed or leased, and several containers cannot share it\n    hint: with ports: [%q], without a host port, each container has one of its own", port.Published, portnumber.Port{Number: port.Target, Protocol: port.Protocol}.String())
			}
		}
		return nil
	}
	return Missing(plan, service)
}

// Missing says why there is nothing of a service.
func Missing(plan *tailor.Plan, service string) error {
	if profiles := plan.Off[service]; len(profiles) > 0 {
		return fmt.Errorf("the service is off\n    hint: AddProfiles(t, %q) switches it on", profiles[0])
	}
	return fmt.Errorf("there is no such service; there are %s", Names(plan))
}

// Warnings returns what tailoring warned of, for the end of a message: it may be the reason.
// Hints name options if a command asks, and fields of the spec if a test does.
func Warnings(plan *tailor.Plan, options bool) string {
	var b strings.Builder
	for _, f := range plan.Told() {
		if f.Severity == tailor.Warning {
			b.WriteString("\n    " + strings.ReplaceAll(text(f, options), "\n", "\n    "))
		}
	}
	return b.String()
}

func text(f tailor.Finding, options bool) string {
	if options {
		return f.CommandString()
	}
	return f.String()
}

// Warned returns the same, for the log of a test that passes too, without what some rule
// found of which the docker command tells itself.
func Warned(plan *tailor.Plan, options bool, toldAnyway string) []string {
	var all []string
	for _, f := range plan.Told() {
		if f.Severity == tailor.Warning && f.Rule != toldAnyway {
			all = append(all, strings.Replace(text(f, options), string(tailor.Warning)+": ", "", 1)) // the log says that it is one
		}
	}
	return all
}

// SelfCollision is the name of what files take twice, for spec.Project.Allow, and
// AllowSelfCollision the hint that offers it.
const (
	SelfCollision      = "self-collision"
	AllowSelfCollision = "\n    hint: Allow: []string{" + `"` + SelfCollision + `"` + "} accepts it"
)
