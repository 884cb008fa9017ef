// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// Files that know the name of their project can count on the name that docker compose
// gives to what a service builds without an image.
func TestNamesThatComposeGives(t *testing.T) {
	t.Parallel()
	const services = `
services:
  base: {build: {context: ., dockerfile: Base}, command: x}
  tagged: {build: {context: ., dockerfile: Base, tags: ["acme/tagged"]}, command: x}
  a-file: {build: {context: ., dockerfile: File}, command: x}
  b-context: {build: {context: ., dockerfile: Context, additional_contexts: {from: "docker-image://shop-base"}}, command: x}
  c-image: {image: "shop-base:latest", command: x}
  d-volume: {image: other, volumes: [{type: image, source: docker.io/library/shop-tagged, target: /a}]}
-- Base --
FROM scratch
-- File --
FROM shop-base
COPY --from=shop-tagged / /
-- Context --
FROM from
`
	stack := strings.NewReplacer(`, volumes: [{type: image, source: docker.io/library/shop-tagged, target: /a}]`, ``).Replace(services)
	for about, tt := range map[string]struct{ dir, name, env string }{
		"name":           {dir: "x", name: "name: shop"},
		"directory":      {dir: "Shop"},
		".env":           {dir: "x", name: "name: other", env: "COMPOSE_PROJECT_NAME=shop\n"},
		"with a default": {dir: "x", name: "name: ${NAME:-shop}"},
	} {
		for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
			files := services
			if verb == "Stack" {
				files = stack
			}
			if verb == "Stack" && tt.env != "" {
				continue // which is not read
			}
			dir := tree(t, "-- "+tt.dir+"/.env --\n"+tt.env+"-- "+tt.dir+"/compose.yaml --\n"+tt.name+strings.ReplaceAll(files, "\n-- ", "\n-- "+tt.dir+"/"))
			plan, err := tailored(filepath.Join(dir, tt.dir), nil)
			if err != nil {
				t.Errorf("%s, %s: %v", about, verb, err)
				continue
			}
			from := map[string][]string{}
			for _, b := range plan.Builds {
				from[b.Service] = b.Needs()
			}
			want := map[string][]string{"base": nil, "tagged": nil, "a-file": {"base", "tagged"}, "b-context": {"base"}}
			if diff := cmp.Diff(want, from); diff != "" {
				t.Errorf("%s, %s: needs (-want +got):\n%s", about, verb, diff)
			}
			text := plan.Text()
			if verb == "Stack" {
				if want := "image shop-base:latest → what is built"; !strings.Contains(text, want) {
					t.Errorf("%s, %s: the plan lacks %q:\n%s", about, verb, want, text)
				}
				continue
			}
			for _, s := range plan.Services {
				if s.Name == "c-image" && (s.BuiltBy != "base" || s.Image != "${COMPOSE_PROJECT_NAME}-base") {
					t.Errorf("%s: c-image runs %s, built by %q", about, s.Image, s.BuiltBy)
				}
			}
			if want := "image docker.io/library/shop-tagged → what service tagged builds"; !strings.Contains(text, want) {
				t.Errorf("%s: the plan lacks %q:\n%s", about, want, text)
			}
		}
	}
}

// A key of Images can mean what a service builds by the name that Compose would give
// it.
func TestImageInThePlaceOfAComposeName(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
name: shop
services:
  base: {build: {context: ., tags: ["acme/base:1"]}, command: x}
  on-it: {build: {context: ., dockerfile: On}, command: x}
  more: {image: shop-base, command: x}
-- Dockerfile --
FROM scratch
-- On --
FROM shop-base
COPY --from=acme/base:1 / /
`)
	for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
		plan, err := tailored(dir, func(p *spec.Project) { p.Images = map[string]string{"shop-base": "mine:1"} })
		if err != nil {
			t.Errorf("%s: %v", verb, err)
			continue
		}
		if b := plan.Builds; len(b) != 1 || b[0].Service != "on-it" || b[0].Images["shop-base"] != "mine:1" || b[0].Images["acme/base:1"] != "mine:1" {
			t.Errorf("%s: builds are %+v, want on-it on mine:1", verb, b)
		}
		if verb == "Compose" {
			for _, s := range plan.Services {
				if s.Name != "on-it" && s.Image != "mine:1" {
					t.Errorf("%s runs %s, want mine:1", s.Name, s.Image)
				}
			}
		}
	}
}

// What docker compose would not build, since it is off, is built for those who need
// it, and the plan says so; a context of one that is on Compose builds, too.
func TestBuiltThoughOff(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  base: {build: {dockerfile_inline: "FROM scratch\n"}, image: "acme/base:1", profiles: [parts, more]}
  deep: {build: {dockerfile_inline: "FROM acme/base:1\n"}, image: "acme/deep:1", profiles: [parts]}
  context: {build: {dockerfile_inline: "FROM scratch\n"}, profiles: [parts]}
  unused: {build: {dockerfile_inline: "FROM scratch\n"}, image: "acme/unused:1", profiles: [parts]}
  a: {build: {dockerfile_inline: "FROM acme/deep:1\n", additional_contexts: {c: "service:context"}}}
  b: {image: "acme/deep:1"}
  off: {build: {dockerfile_inline: "FROM scratch\n", additional_contexts: {c: "service:context"}}, profiles: [never]}
`)
	for _, tt := range []struct {
		profiles []string
		want     []string
	}{
		{nil, []string{"2 it is built for service deep, though it is off (profiles parts, more)", "3 it is built for service a, though it is off (profiles parts)", "6 context c is service context, which is off"}},
		{[]string{"parts"}, nil},
	} {
		plan, err := planned(dir, func(p *spec.Project) { p.Profiles = tt.profiles })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range plan.Findings {
			if strings.Contains(f.What, "though it is off") || f.Severity == Warning {
				got = append(got, fmt.Sprintf("%d %s", f.Line, f.What))
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("profiles %v: notes (-want +got):\n%s", tt.profiles, diff)
		}
	}
}

// A name that a service which is on shares with one that is off is that of what a plain
// start builds, whichever comes first.
func TestSharedNameIsOfWhatIsOn(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"prod", "dev"}, {"dev", "prod"}} {
		on, off := names[0], names[1]
		dir := tree(t, `
-- compose.yaml --
services:
  `+off+`: {build: {dockerfile_inline: "FROM scratch\nLABEL a=1\n"}, image: "acme/app", profiles: [other]}
  `+on+`: {build: {dockerfile_inline: "FROM scratch\n"}, image: "acme/app"}
  worker: {image: "acme/app"}
  next: {build: {dockerfile_inline: "FROM acme/app\n"}}
`)
		plan, err := planned(dir, func(*spec.Project) {})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, s := range plan.Services {
			got[s.Name] = s.BuiltBy
		}
		if want := (map[string]string{on: on, "worker": on, "next": "next"}); cmp.Diff(want, got) != "" {
			t.Errorf("%s is on: built by (-want +got):\n%s", on, cmp.Diff(want, got))
		}
		for _, b := range plan.Builds {
			if b.Service == "next" && b.From["acme/app"] != on {
				t.Errorf("next builds on what %q builds, want %s", b.From["acme/app"], on)
			}
			if b.Service == off {
				t.Errorf("%s is built, and it is off", off)
			}
		}
	}
}
