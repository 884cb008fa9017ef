// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// What is built in a circle cannot be built, and the refusal names each place at which
// one builds on the next.
func TestBuildsInACircle(t *testing.T) {
	t.Parallel()
	const (
		a     = `a: {image: "acme/a:1", build: ./a}`
		b     = `b: {image: "acme/b:1", build: ./b}`
		fromB = "DIR/a/Dockerfile:2 builds on what service b builds, "
	)
	circle := func(steps string) []string { return []string{"builds in a circle: " + steps} }
	for about, tt := range map[string]struct {
		services []string
		more     string // files
		images   map[string]string
		want     []string // refusals
		needs    map[string][]string
		noStack  bool
	}{
		"two": {services: []string{a, b}, more: "-- b/Dockerfile --\nFROM acme/a:1\n",
			want: circle(fromB + "DIR/b/Dockerfile:1 on what service a builds")},
		"a stage, and a file of another": {services: []string{a, b}, more: "-- b/Dockerfile --\nFROM scratch\nCOPY --from=acme/a:1 / /\n",
			want: circle(fromB + "DIR/b/Dockerfile:2 on what service a builds")},
		"in the file": {services: []string{a, `b: {image: "acme/b:1", build: {dockerfile_inline: "FROM acme/a:1"}}`}, noStack: true,
			want: circle(fromB + "DIR/compose.yaml:3, dockerfile_inline:1 on what service a builds")},
		"three, beside one that needs them": {services: []string{`"0": {build: ./zero}`, a, b, `c: {image: "acme/c:1", build: ./c}`}, more: "-- zero/Dockerfile --\nFROM acme/c:1\n-- b/Dockerfile --\nFROM acme/c:1\n-- c/Dockerfile --\nFROM acme/a:1\n",
			want: circle("DIR/c/Dockerfile:1 builds on what service a builds, DIR/a/Dockerfile:2 on what service b builds, DIR/b/Dockerfile:1 on what service c builds")},
		"by a name that Compose gives": {services: []string{a, `b: {build: {context: ./b, tags: ["acme/b:1"]}}`, `c: {build: ./c}`}, more: "-- b/Dockerfile --\nFROM shop-c\n-- c/Dockerfile --\nFROM acme/a:1\n",
			want: circle(fromB + "DIR/b/Dockerfile:1 on what service c builds, DIR/c/Dockerfile:1 on what service a builds")},
		"with a context": {services: []string{a, `b: {image: "acme/b:1", build: {dockerfile_inline: "FROM x\n", additional_contexts: {x: "docker-image://acme/a:1"}}}`}, noStack: true,
			want: circle(fromB + "DIR/compose.yaml:3 on what service a builds")},
		"contexts": {services: []string{`a: {build: {context: ., additional_contexts: {x: "service:b"}}}`, `b: {build: {context: ., additional_contexts: {x: "service:a"}}}`}, noStack: true,
			want: circle("DIR/compose.yaml:2 builds on what service b builds, DIR/compose.yaml:3 on what service a builds")},
		"one that is off": {services: []string{a, `b: {image: "acme/b:1", build: ./b, profiles: [never]}`}, more: "-- b/Dockerfile --\nFROM acme/a:1\n", noStack: true,
			want: circle(fromB + "DIR/b/Dockerfile:1 on what service a builds")},
		"all off": {services: []string{`a: {image: "acme/a:1", build: ./a, profiles: [never]}`, `b: {image: "acme/b:1", build: ./b, profiles: [never]}`, "c: {image: x}"}, more: "-- b/Dockerfile --\nFROM acme/a:1\n", noStack: true},
		"the test brings one": {services: []string{a, b}, more: "-- b/Dockerfile --\nFROM acme/a:1\n", images: map[string]string{"acme/a:1": "mine:1"},
			needs: map[string][]string{"b": nil}},
		"its own name, of a registry": {services: []string{`a: {image: "acme/b:1", build: ./a}`, `also: {image: "docker.io/acme/b:1", build: ./a}`},
			needs: map[string][]string{"a": nil, "also": nil}},
		"two of one, and no circle": {services: []string{a, b, `c: {build: ./a}`}, more: "-- b/Dockerfile --\nFROM scratch\n",
			needs: map[string][]string{"a": {"b"}, "b": nil, "c": {"b"}}},
	} {
		dir := tree(t, "-- compose.yaml --\nservices:\n  "+strings.Join(tt.services, "\n  ")+"\nname: shop\n-- a/Dockerfile --\n# as it is\nFROM acme/b:1\n"+tt.more)
		for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
			if verb == "Stack" && tt.noStack {
				continue
			}
			plan, err := tailored(dir, func(p *spec.Project) { p.Images = tt.images })
			if refused := (*RefusedError)(nil); err != nil && !errors.As(err, &refused) {
				t.Errorf("%s, %s: %v", about, verb, err)
				continue
			}
			var got []string
			for _, f := range plan.Findings {
				if f.Severity == Refuse {
					got = append(got, strings.ReplaceAll(f.What, dir, "DIR"))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, %s: refused (-want +got):\n%s", about, verb, diff)
			}
			if tt.want != nil || verb == "Stack" {
				continue
			}
			var needs map[string][]string
			for _, b := range plan.Builds {
				if needs == nil {
					needs = map[string][]string{}
				}
				needs[b.Service] = b.Needs()
			}
			if diff := cmp.Diff(tt.needs, needs); diff != "" {
				t.Errorf("%s: needs (-want +got):\n%s", about, diff)
			}
		}
	}
}
