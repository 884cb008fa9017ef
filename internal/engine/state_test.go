// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"

	"github.com/moby/moby/api/types/container"
)

// The command of a health check is told as a Dockerfile has it.
func TestStateOfHealthCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		check *container.HealthConfig
		want  string
	}{
		{&container.HealthConfig{Test: []string{"CMD", "pg_isready", "-U", "shop"}}, "CMD pg_isready -U shop"},
		{&container.HealthConfig{Test: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}}, "CMD curl -f http://localhost/ || exit 1"},
		{&container.HealthConfig{Test: []string{"NONE"}}, ""},
		{nil, ""},
	} {
		s := StateOf(container.InspectResponse{
			State:  &container.State{Health: &container.Health{Status: container.Unhealthy}},
			Config: &container.Config{Healthcheck: test.check},
		})
		if s.HealthCheck != test.want || s.Health != "unhealthy" {
			t.Errorf("of %v the check is %q, and it is %s; want %q", test.check, s.HealthCheck, s.Health, test.want)
		}
	}
}
