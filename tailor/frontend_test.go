// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// What a frontend of others builds on only that knows: an image of the test that may be
// one of it is refused.
func TestFrontendsOfOthers(t *testing.T) {
	t.Parallel()
	const (
		foreign = `{dockerfile_inline: "# syntax=acme/reader:1\nFROM acme/base:1\n"}`
		asks    = "its Dockerfile asks for the frontend acme/reader:1 ("
		allow   = `Allow: []string{"dockerfile:a"}`
	)
	for about, tt := range map[string]struct {
		build, more string
		images      string // a key
		allow       []string
		refused     bool
		want        []string
		not         string
	}{
		"no images":                     {build: foreign, want: []string{"note: " + asks, "compose.yaml:3, dockerfile_inline:1) (only that knows"}},
		"an image that it names":        {build: foreign, images: "acme/base:1", refused: true, want: []string{asks, allow, "Images can bring the image of the service itself"}},
		"an image that is elsewhere":    {build: foreign, images: "acme/db:1", more: "  b: {image: acme/db:1}\n", refused: true, want: []string{asks, allow}}, // it may be in a file that this one includes
		"an image that is nowhere":      {build: foreign, images: "acme/db:1", refused: true, want: []string{asks, `Images["acme/db:1"] matches no image`}},
		"an image that is in both":      {build: foreign, images: "acme/base:1", more: "  b: {image: acme/base:1}\n", refused: true, want: []string{asks}},
		"the frontend itself":           {build: foreign, images: "acme/reader:1", want: []string{"note: " + asks, "dockerfile_inline:1 builds on acme/reader:1 → mine:1"}},
		"allowed":                       {build: foreign, images: "acme/base:1", allow: []string{"dockerfile:a"}, want: []string{"note: " + asks, "builds on acme/base:1 → mine:1"}},
		"by argument":                   {build: `{dockerfile_inline: "FROM acme/base:1\n", args: {BUILDKIT_SYNTAX: acme/reader:1}}`, images: "acme/base:1", refused: true, want: []string{asks, ", by build argument)"}},
		"Docker's":                      {build: `{dockerfile_inline: "# syntax=docker/dockerfile:1\nFROM acme/base:1\n"}`, images: "acme/base:1", want: []string{"builds on acme/base:1 → mine:1"}, not: "asks for"},
		"Docker's, as the test has it":  {build: `{dockerfile_inline: "# syntax=docker/dockerfile:1\nFROM acme/base:1\n"}`, images: "docker/dockerfile:1", want: []string{"builds on docker/dockerfile:1 → mine:1"}, not: "asks for"},
		"Docker's, by argument":         {build: `{dockerfile_inline: "# syntax=acme/reader\nFROM acme/base:1\n", args: {BUILDKIT_SYNTAX: docker/dockerfile}}`, images: "acme/base:1", want: []string{"builds on acme/base:1 → mine:1"}, not: "asks for"},
		"another language, and another": {build: `{dockerfile_inline: "# syntax=acme/reader:1\nMAKE all\n"}`, images: "acme/db:1", more: "  b: {image: acme/db:1}\n", refused: true, want: []string{"its Dockerfile is not read: ", "it asks for the frontend acme/reader:1", allow}},
	} {
		dir := tree(t, "-- compose.yaml --\nservices:\n  a:\n    build: "+tt.build+"\n    image: acme/a:1\n"+tt.more)
		for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
			plan, err := tailored(dir, func(p *spec.Project) {
				if p.Allow = tt.allow; tt.images != "" {
					p.Images = map[string]string{tt.images: "mine:1"}
				}
			})
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = plan.Text()
			}
			if refused := err != nil; refused != tt.refused {
				t.Errorf("%s, %s: refused: %v, want %v:\n%s", about, verb, refused, tt.refused, got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s, %s: %q is not in\n%s", about, verb, want, got)
				}
			}
			if tt.not != "" && strings.Contains(got, tt.not) {
				t.Errorf("%s, %s: %q is in\n%s", about, verb, tt.not, got)
			}
		}
	}
}
