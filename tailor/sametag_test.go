// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"os"
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
		"one build":                            {a: a + "./x", b: b + "./x"},
		"one build, in other words":            {a: a + `{context: ./x, args: {V: "1"}, labels: {l: "2"}, dockerfile: Dockerfile}`, b: b + `{context: ./x/, args: ["V=1"], labels: ["l=2"], cache_from: [c], no_cache: true, tags: ["acme/other"]}`},
		"an argument that nobody takes":        {a: a + "./x", b: b + "{context: ./x, args: {W: x}}"},
		"the last stage, by its name":          {a: a + "./s", b: b + "{context: ./s, target: LAST}"},
		"a stage in other letters":             {a: a + "{context: ./s, target: first}", b: b + "{context: ./s, target: FIRST}"},
		"one that is not there":                {a: a + "./s", b: b + "{context: ./s, target: lost}", want: also + "target"},
		"another stage":                        {a: a + "./s", b: b + "{context: ./s, target: first}", want: also + "target"},
		"an argument as it is anyway":          {a: a + "./s", b: b + `{context: ./s, args: {G: "1", V: "2", Q: "a b", INHERITED: "1"}}`},
		"another value":                        {a: a + "./s", b: b + `{context: ./s, args: {V: "3"}}`, want: also + "args"},
		"another value for FROM":               {a: a + "./s", b: b + `{context: ./s, args: {G: "3"}}`, want: also + "args"},
		"no value otherwise":                   {a: a + "./s", b: b + `{context: ./s, args: {N: ""}}`, want: also + "args"},
		"a default of which the stage decides": {a: a + "./s", b: b + `{context: ./s, args: {D: "2"}}`, want: also + "args"},
		"an argument of what is not built":     {a: a + "./s", b: b + `{context: ./s, args: {ONLY: "9"}}`},
		"which is built":                       {a: a + "{context: ./s, target: first}", b: b + `{context: ./s, target: first, args: {ONLY: "9"}}`, want: also + "args"},
		"an argument of all builds":            {a: a + "./s", b: b + `{context: ./s, args: {HTTP_PROXY: "x"}}`, want: also + "args"},
		"a context through a link":             {a: a + "./x", b: b + "./link"},
		"a further context through a link":     {a: a + "{context: ./s, additional_contexts: {files: ./x}}", b: b + "{context: ./s, additional_contexts: {files: ./link}}"},
		"a further context that is taken":      {a: a + "./s", b: b + "{context: ./s, additional_contexts: {files: ./x}}", want: also + "additional_contexts"},
		"one that nobody takes":                {a: a + "./s", b: b + "{context: ./s, additional_contexts: {other: ./x}}"},
		"one that takes the place of a stage":  {a: a + "./s", b: b + "{context: ./s, additional_contexts: {last: ./x}}", want: also + "additional_contexts"},
		"one of what is not built":             {a: a + "./s", b: b + "{context: ./s, additional_contexts: {unbuilt: ./x}}"},
		"hosts":                                {a: a + `{context: ./x, extra_hosts: ["h:10.0.0.1", "six:[::1]"]}`, b: b + `{context: ./x, extra_hosts: {six: "::1", h: 10.0.0.1}}`},
		"hosts with another sign":              {a: a + `{context: ./x, extra_hosts: ["h=10.0.0.1"]}`, b: b + `{context: ./x, extra_hosts: ["h:10.0.0.1"]}`},
		"other hosts":                          {a: a + `{context: ./x, extra_hosts: ["h=10.0.0.1"]}`, b: b + `{context: ./x, extra_hosts: ["h:10.0.0.2"]}`, want: also + "extra_hosts"},
		"a size":                               {a: a + "{context: ./x, shm_size: 128m}", b: b + "{context: ./x, shm_size: 134217728}"},
		"another size":                         {a: a + "{context: ./x, shm_size: 128m}", b: b + "{context: ./x, shm_size: 128k}", want: also + "shm_size"},
		"limits":                               {a: a + "{context: ./x, ulimits: {nofile: 1024}}", b: b + "{context: ./x, ulimits: {nofile: {soft: 1024, hard: 1024}}}"},
		"other limits":                         {a: a + "{context: ./x, ulimits: {nofile: 1024}}", b: b + "{context: ./x, ulimits: {nofile: {soft: 512, hard: 1024}}}", want: also + "ulimits"},
		"the network":                          {a: a + "./x", b: b + "{context: ./x, network: default}"},
		"another network":                      {a: a + "./x", b: b + "{context: ./x, network: none}", want: also + "network"},
		"context":                              {a: a + "./x", b: b + "./y", want: also + "context"},
		"target":                               {a: a + "./x", b: b + "{context: ./x, target: one}", want: also + "target"},
		"arguments":                            {a: a + "{context: ./x, args: {V: 1}}", b: b + "{context: ./x, args: {V: 2}}", want: also + "args"},
		"Dockerfile":                           {a: a + "./x", b: b + "{context: ./x, dockerfile: Other}", want: also + "dockerfile"},
		"text":                                 {a: a + `{dockerfile_inline: "FROM scratch\n"}`, b: b + `{dockerfile_inline: "FROM other\n"}`, want: also + "dockerfile_inline"},
		"labels":                               {a: a + "{context: ./x, labels: {a: b}}", b: b + "./x", want: also + "labels"},
		"contexts":                             {a: a + "{context: ./x, additional_contexts: {a: ./y}}", b: b + "./x", want: also + "additional_contexts"},
		"a further tag":                        {a: a + "./x", b: `build: {context: ./y, tags: ["acme/app:1"]}`, want: "tag acme/app:1 is also that of what service a builds (FILE:3), with other context"},
		"other tags":                           {a: a + "./x", b: `image: "acme/app:2", build: ./y`},
		"only the image":                       {a: a + "./x", b: `image: "acme/app:1"`},
		"allowed":                              {a: a + "./x", b: b + "./y", spec: spec.Project{Allow: []string{"self-collision"}}},
		"the test brings it":                   {a: a + "./x", b: b + "./y", spec: spec.Project{Images: map[string]string{"acme/app:1": "mine:1"}}},
		"the test makes them the same":         {a: a + "./x", b: b + "./y", spec: spec.Project{Builds: map[string]spec.Build{"y": {Context: "x"}}}},
		"the test makes them other ones":       {a: a + "{context: ./x, args: {V: 1}}", b: b + "{context: ./x/../x, args: {V: 1}}", spec: spec.Project{Builds: map[string]spec.Build{"x": {Args: map[string]string{"V": "7"}}}}},
	} {
		dir := tree(t, fmt.Sprintf("-- compose.yaml --\nservices:\n  # as written\n  a: {%s}\n  b: {%s}\n", tt.a, tt.b)+`
-- x/Dockerfile --
FROM scratch AS one
FROM scratch
ARG V=0
COPY --from=a / /
-- x/Other --
FROM scratch
-- y/Dockerfile --
FROM scratch
-- s/Dockerfile --
ARG G=1
ARG INHERITED=1
FROM scratch AS first
ARG ONLY
FROM scratch AS unused
COPY --from=unbuilt / /
FROM scratch AS last
ARG G
ARG INHERITED
ARG V=2
ARG Q="a b"
ARG N
ARG D=$V
COPY --from=files / /
`)
		if err := os.Symlink("x", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
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
