// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// A message is about what its reader has.
func TestWordsAboutImages(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {image: x, environment: {DB_IMAGE: "base:1"}}
  b: {image: "base:1"}
`)
	plan, err := planned(dir, func(p *spec.Project) { p.Images = map[string]string{"base:1": "mine:1"} })
	if want := "image base:1 in DB_IMAGE → mine:1 (as asked)"; err != nil || !strings.Contains(plan.Text(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	dir = tree(t, `
-- compose.yaml --
version: "3.9"
services:
  a: {image: "acme/app", build: a}
  b: {image: "acme/app", build: b}
-- a/Dockerfile --
FROM scratch
-- b/Dockerfile --
FROM other
`)
	if _, err := deployed(dir, nil); err == nil || strings.Contains(err.Error(), "docker compose") || !strings.Contains(err.Error(), "gets what is built last") {
		t.Errorf("%v, want no word of docker compose", err)
	}
}

// What a build is given and does not take is no match for a key of Images.
func TestImagesOfBuilds(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct{ build, refused string }{
		"a context":                           {build: `dockerfile_inline: "FROM files\n", additional_contexts: {files: "docker-image://base:1"}`},
		"from which is copied":                {build: `dockerfile_inline: "FROM scratch\nCOPY --from=files / /\n", additional_contexts: ["files=docker-image://base:1"]`},
		"that nothing takes":                  {build: `dockerfile_inline: "FROM scratch\n", additional_contexts: {files: "docker-image://base:1"}`, refused: "compose.yaml:2, in a context that nothing takes"},
		"of a stage that is not built":        {build: `dockerfile_inline: "FROM files AS a\nFROM scratch\n", additional_contexts: {files: "docker-image://base:1"}`, refused: "in a context that nothing takes"},
		"a cache":                             {build: `dockerfile_inline: "FROM scratch\n", cache_from: ["base:1"]`, refused: "compose.yaml:2, for a cache that is not used"},
		"a cache of what is built on as well": {build: `dockerfile_inline: "FROM base:1\n", cache_from: ["base:1"]`},
	} {
		dir := tree(t, "-- compose.yaml --\nservices:\n  a: {build: {"+tt.build+"}}\n")
		_, err := planned(dir, func(p *spec.Project) { p.Images = map[string]string{"base:1": "mine:1"} })
		switch {
		case tt.refused == "" && err != nil:
			t.Errorf("%s: %v", about, err)
		case tt.refused != "" && (err == nil || !strings.Contains(err.Error(), `Images["base:1"] matches no image`) || !strings.Contains(err.Error(), tt.refused)):
			t.Errorf("%s: %v, want %q", about, err, tt.refused)
		}
	}
}
