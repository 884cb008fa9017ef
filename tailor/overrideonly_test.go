// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// What an override cannot say is not left out of it without a word.
func TestOverrideOnlyRefusesWhatItCannotSay(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		services string
		images   map[string]string
		replace  map[string]string
		refused  string
	}{
		"an image of a service":           {services: `db: {image: "base:1"}`, images: map[string]string{"base:1": "mine:1"}},
		"of a Dockerfile":                 {services: `web: {build: {dockerfile_inline: "FROM base:1\n"}}`, images: map[string]string{"base:1": "mine:1"}, refused: `Images["base:1"] cannot be built on in`},
		"of both":                         {services: `db: {image: "base:1"}, web: {build: {dockerfile_inline: "FROM base:1\n"}}`, images: map[string]string{"base:1": "mine:1"}, refused: `as service web does`},
		"of a Dockerfile of what is off":  {services: `db: {image: "base:1"}, web: {profiles: [off], build: {dockerfile_inline: "FROM base:1\n"}}`, images: map[string]string{"base:1": "mine:1"}},
		"of what the test brings":         {services: `web: {image: acme/web, build: {dockerfile_inline: "FROM scratch\n"}}`, images: map[string]string{"acme/web": "mine:1"}},
		"of what is elsewhere":            {services: `db: {image: "base:1"}, web: {build: "https://git.invalid/web.git"}`, images: map[string]string{"base:1": "mine:1"}, refused: "its Dockerfile is not read"},
		"what another service builds":     {services: `base: {image: acme/base, build: {dockerfile_inline: "FROM scratch\n"}}, web: {build: {dockerfile_inline: "FROM acme/base\n"}}`, refused: "builds on acme/base, which is what service base builds"},
		"what another one builds, by key": {services: `base: {image: acme/base, build: {dockerfile_inline: "FROM scratch\n"}}, web: {build: {dockerfile_inline: "FROM acme/base\n", additional_contexts: {acme/base: "service:base"}}}`},
		"text":                            {services: `db: {image: "base:1"}`, replace: map[string]string{"base:1": "mine:1"}, refused: "Replace changes"},
	} {
		dir := tree(t, "-- compose.yaml --\nservices: {"+tt.services+"}\n")
		_, err := Compose(context.Background(), spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}, Images: tt.images, Replace: tt.replace}, Options{OverrideOnly: true})
		switch {
		case tt.refused == "" && err != nil:
			t.Errorf("%s: %v", about, err)
		case tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused)):
			t.Errorf("%s: %v, want %q", about, err, tt.refused)
		}
	}
}
