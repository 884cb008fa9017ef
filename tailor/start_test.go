// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// What Compose does at a start beside having the engine start containers.
func TestComposeStarts(t *testing.T) {
	for _, c := range []struct {
		about, file string
		want        bool
	}{
		{"nothing", "services: {web: {image: a, depends_on: {db: {condition: service_healthy}}}, db: {image: a}}", false},
		{"a hook after the start", "services: {web: {image: a, post_start: [{command: [ls]}]}}", true},
		{"a hook before it", "services: {web: {image: a, pre_start: [{command: [ls], image: a}]}}", true},
		{"a hook before the stop", "services: {web: {image: a, pre_stop: [{command: [ls]}]}}", false},
		{"an optional dependency", "services: {web: {image: a, depends_on: {db: {condition: service_healthy, required: false}}}, db: {image: a}}", true},
		{"a provider", "services: {web: {image: a, depends_on: [cloud]}, cloud: {provider: {type: some}}}", true},
		{"a config with content", "services: {web: {image: a, configs: [c]}}\nconfigs: {c: {content: x}}", true},
		{"a config of a variable", "services: {web: {image: a, configs: [c]}}\nconfigs: {c: {environment: TEXT}}", true},
		{"a secret of a variable", "services: {web: {image: a, secrets: [s]}}\nsecrets: {s: {environment: TEXT}}", true},
		{"a secret of a file", "services: {web: {image: a, secrets: [s]}}\nsecrets: {s: {file: compose.yaml}}", false},
		{"a config of another service", "services: {web: {image: a}, db: {image: a, configs: [c]}}\nconfigs: {c: {content: x}}", false},
	} {
		made, err := planned(tree(t, "-- compose.yaml --\n"+c.file+"\n"), func(s *spec.Project) {
			s.Env = map[string]string{"TEXT": "x"}
			if strings.Contains(c.file, "provider") {
				s.Allow = []string{"provider:some"}
			}
		})
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		for _, s := range made.Services {
			if s.Name == "web" && s.ComposeStarts != c.want {
				t.Errorf("%s: ComposeStarts = %v, want %v", c.about, s.ComposeStarts, c.want)
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	made, err := plan(t, "services: {web: {image: a, network_mode: 'service:vpn', depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}, volumes_from: [data]},\n"+
		" db: {image: a}, job: {image: a}, vpn: {image: a}, data: {image: a}}")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range made.Services {
		want := map[string]string{"db": "service_healthy", "job": "service_completed_successfully", "vpn": "service_started", "data": "service_started"}
		if s.Name == "web" && !maps.Equal(s.Needs, want) {
			t.Errorf("web needs %v, want %v", s.Needs, want)
		}
	}
}
