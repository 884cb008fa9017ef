// SPDX-License-Identifier: Apache-2.0

package planned

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// CheckReady says why a condition of a service can never hold.
func CheckReady(plan *tailor.Plan, service string, c wait.Condition) error {
	i := slices.IndexFunc(plan.Services, func(s tailor.Service) bool { return s.Name == service })
	switch {
	case i < 0 && len(plan.Off[service]) > 0:
		return fmt.Errorf("service %q is off\n    hint: Profiles: {%q} switches it on", service, plan.Off[service][0])
	case i < 0:
		return fmt.Errorf("no service %q; there are %s", service, Names(plan))
	}
	if c == nil {
		return nil
	}
	ports := Ports(plan, service)
	for _, number := range wait.Asked(c) {
		if !slices.ContainsFunc(ports, func(p container.Published) bool {
			return p.Protocol == "tcp" && (p.Number == number || p.Target == number)
		}) {
			return fmt.Errorf("%v: port %d is asked where it is published, and the service publishes %s\n    hint: Publish: map[string][]int{%q: {%d}} publishes it", c, number, listed(ports), service, number)
		}
	}
	return nil
}

func listed(ports []container.Published) string {
	var all []string
	for _, p := range ports {
		text := fmt.Sprintf("%d/%s", p.Target, p.Protocol)
		if p.Number != 0 && p.Number != p.Target {
			text = fmt.Sprintf("%d:%s", p.Number, text)
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
