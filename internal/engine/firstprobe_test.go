// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
)

// A health check that has not run yet says when it will, if that does not depend on the
// engine's version.
func TestStateOfFirstProbe(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		check  container.HealthConfig
		status container.HealthStatus
		log    int // how often it ran
		want   time.Duration
	}{
		"the standard":                 {container.HealthConfig{}, container.Starting, 0, 30 * time.Second},
		"its interval":                 {container.HealthConfig{Interval: 20 * time.Second}, container.Starting, 0, 20 * time.Second},
		"of the start":                 {container.HealthConfig{Interval: time.Minute, StartPeriod: time.Hour, StartInterval: time.Second}, container.Starting, 0, time.Second},
		"by the version of the engine": {container.HealthConfig{Interval: time.Minute, StartPeriod: time.Hour}, container.Starting, 0, 0},
		"ran":                          {container.HealthConfig{}, container.Starting, 1, 0},
		"none":                         {container.HealthConfig{}, container.NoHealthcheck, 0, 0},
	} {
		s := StateOf(container.InspectResponse{
			State:  &container.State{Health: &container.Health{Status: tt.status, Log: results(tt.log)}},
			Config: &container.Config{Healthcheck: &tt.check},
		})
		if s.FirstProbe != tt.want {
			t.Errorf("%s: %v, want %v", about, s.FirstProbe, tt.want)
		}
	}
}

func results(n int) []*container.HealthcheckResult {
	var all []*container.HealthcheckResult
	for range n {
		all = append(all, &container.HealthcheckResult{})
	}
	return all
}
