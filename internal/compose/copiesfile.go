// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"encoding/json"

	"github.com/seatrial/seatrial/internal/environ"
)

// copiesFile returns a Compose file, in JSON, that mounts the volumes where the
// project's files mount the paths: Compose takes the later of two mounts at one
// place.
func copiesFile(copied []mountedCopy) []byte {
	type mount struct {
		Type     string         `json:"type"`
		Source   string         `json:"source"`
		Target   string         `json:"target"`
		ReadOnly bool           `json:"read_only,omitempty"`
		Volume   map[string]any `json:"volume"`
	}
	type service struct {
		Volumes []mount `json:"volumes"`
	}
	type volume struct {
		External bool `json:"external"`
	}
	file := struct {
		Services map[string]service `json:"services"`
		Volumes  map[string]volume  `json:"volumes"`
	}{map[string]service{}, map[string]volume{}}
	for _, c := range copied {
		m := mount{Type: "volume", Source: c.volume, Target: environ.Escape(c.Target), ReadOnly: c.ReadOnly, Volume: map[string]any{"nocopy": true}}
		if subpath := c.subpath(); subpath != "" {
			m.Volume["subpath"] = environ.Escape(subpath)
		}
		s := file.Services[c.Service]
		s.Volumes = append(s.Volumes, m)
		file.Services[c.Service] = s
		file.Volumes[c.volume] = volume{External: true}
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them
	}
	return content
}
