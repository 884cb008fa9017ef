// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Two builds that are given one name have to be the same, however they are written:
// docker compose builds both, and which of them runs is chance.
func TestSameTag(t *testing.T) {
	t.Parallel()
	const a, b = `image: "acme/app:1", build: `, `image: "docker.io/acme/app:1", build: `
	const also = "tag docker.io/acme/app:1 is also that of what service a builds (FILE:3), with other "
	for about, tt := range map[string]struct {
		a, b string
		want string // of the refusal, empty for none
		spec spec.Project
	}{
		"one build":                      {a: a + "./x", b: b + "./x"},
		"one build, in other words":      {a: a + `{context: ./x, args: {V: "1"}, labels: {l: "2"}, dockerfile: Dockerfile}`, b: b + `{context: ./x/, args: ["V=1"], labels: ["l=2"], cache_from: [c], no_cache: true, tags: ["acme/other"]}`},
		"an argument that nobody takes":  {a: a + "./x", b: b + "{context: ./x, args: {W: x}}"},
		"context":                        {a: a + "./x", b: b + "./y", want: also + "context"},
		"target":                         {a: a + "./x", b: b + "{context: ./x, target: one}", want: also + "target"},
		"arguments":                      {a: a + "{context: ./x, args: {V: 1}}", b: b + "{context: ./x, args: {V: 2}}", want: also + "args"},
		"Dockerfile":                     {a: a + "./x", b: b + "{context: ./x, dockerfile: Other}", want: also + "dockerfile"},
		"text":                           {a: a + `{dockerfile_inline: "FROM scratch\n"}`, b: b + `{dockerfile_inline: "FROM other\n"}`, want: also + "dockerfile_inline"},
		"labels":                         {a: a + "{context: ./x, labels: {a: b}}", b: b + "./x", want: also + "labels"},
		"contexts":                       {a: a + "{context: ./x, additional_contexts: {a: ./y}}", b: b + "./x", want: also + "additional_contexts"},
		"a further tag":                  {a: a + "./x", b: `build: {context: ./y, tags: ["acme/app:1"]}`, want: "tag acme/app:1 is also that of what service a builds (FILE:3), with other context"},
		"other tags":                     {a: a + "./x", b: `image: "acme/app:2", build: ./y`},
		"only the image":                 {a: a + "./x", b: `image: "acme/app:1"`},
		"allowed":                        {a: a + "./x", b: b + "./y", spec: spec.Project{Allow: []string{"self-collision"}}},
		"the test brings it":             {a: a + "./x", b: b + "./y", spec: spec.Project{Images: map[string]string{"acme/app:1": "mine:1"}}},
		"the test makes them the same":   {a: a + "./x", b: b + "./y", spec: spec.Project{Builds: map[string]spec.Build{"y": {Context: "x"}}}},
		"the test makes them other ones": {a: a + "{context: ./x, args: {V: 1}}", b: b + "{context: ./x/../x, args: {V: 1}}", spec: spec.Project{Builds: map[string]spec.Build{"x": {Args: map[string]string{"V": "7"}}}}},
	} {
		dir := tree(t, fmt.Sprintf("-- compose.yaml --\nservices:\n  # as written\n  a: {%s}\n  b: {%s}\n", tt.a, tt.b)+`
-- x/Dockerfile --
FROM scratch AS one
ARG V=0
FROM scratch
-- x/Other --
FROM scratch
-- y/Dockerfile --
FROM scratch
`)
		tt.want = strings.ReplaceAll(tt.want, "FILE", filepath.Join(dir, "compose.yaml"))
		builds := map[string]spec.Build{}
		for key, b := range tt.spec.Builds {
			if b.Context != "" {
				b.Context = filepath.Join(dir, b.Context)
			}
			builds[filepath.Join(dir, key)] = b
		}
		for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
			plan, err := tailored(dir, func(p *spec.Project) { p.Allow, p.Images, p.Builds = tt.spec.Allow, tt.spec.Images, builds })
			if unread := (*ReadError)(nil); errors.As(err, &unread) && verb == "Stack" && strings.Contains(err.Error(), "not allowed") {
				continue // docker stack deploy knows fewer keys
			}
			if refused := (*RefusedError)(nil); err != nil && !errors.As(err, &refused) {
				t.Errorf("%s, %s: %v", about, verb, err)
				continue
			}
			var got []string
			for _, f := range plan.Findings {
				if f.Severity == Refuse || f.Rule == "self-collision" && tt.want == "" && about != "allowed" {
					got = append(got, f.What)
				}
			}
			if want := slices.DeleteFunc([]string{tt.want}, func(s string) bool { return s == "" }); !slices.Equal(got, want) {
				t.Errorf("%s, %s: refused\n%q, want\n%q", about, verb, got, want)
			}
		}
	}
}

// Only what docker compose builds counts: what is off does not, unless a build that
// is on takes it as a context.
func TestSameTagOfWhatIsOff(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		more     string
		profiles []string
		refused  bool
	}{
		"off":             {more: `{image: x}`},
		"on":              {more: `{image: x}`, profiles: []string{"p"}, refused: true},
		"wanted, and off": {more: `{build: {dockerfile_inline: "FROM base\n", additional_contexts: {base: "service:b"}}}`, refused: true},
	} {
		dir := tree(t, `
-- compose.yaml --
services:
  a: {image: "acme/app:1", build: {dockerfile_inline: "FROM scratch\n"}}
  b: {image: "acme/app:1", build: {dockerfile_inline: "FROM other\n"}, profiles: [p]}
  c: `+tt.more+"\n")
		_, err := planned(dir, func(p *spec.Project) { p.Profiles = tt.profiles })
		if refused := err != nil && strings.Contains(err.Error(), "tag acme/app:1 is also"); refused != tt.refused || !refused && err != nil {
			t.Errorf("%s: refused: %v, want %v: %v", about, refused, tt.refused, err)
		}
	}
}
