// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// One of two is true of a service that has an image, a build and a pull policy, and the
// plan says that one.
func TestImageOrBuildIsSaidOnce(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {image: acme/a, build: ., pull_policy: always}
  b: {image: acme/b, build: ., pull_policy: never}
  c: {image: acme/c, build: ., pull_policy: build}
-- Dockerfile --
FROM acme/base
`)
	for about, tt := range map[string]struct {
		spec spec.Project
		want []string
	}{
		"as it is": {want: []string{
			"a note: image acme/a is run if the engine or a registry has it (pull_policy: always), and only otherwise it is built (as its pull policy has it)",
			"b note: image acme/b is run if the engine has it (pull_policy: never), and only otherwise it is built (as its pull policy has it)",
		}},
		"with another base": {spec: spec.Project{Images: map[string]string{"acme/base": "mine:1"}}, want: []string{
			"a note: it is built, though image acme/a would be run if the engine or a registry has it (pull_policy: always) (it is said what it builds on)",
			"b note: it is built, though image acme/b would be run if the engine has it (pull_policy: never) (it is said what it builds on)",
		}},
		"with another image": {spec: spec.Project{Images: map[string]string{"acme/a": "mine:1"}}, want: []string{
			"b note: image acme/b is run if the engine has it (pull_policy: never), and only otherwise it is built (as its pull policy has it)",
		}},
		"with another build": {spec: spec.Project{Builds: map[string]spec.Build{".": {Context: dir}}}},
	} {
		plan, err := planned(dir, func(p *spec.Project) { p.Images, p.Builds = tt.spec.Images, tt.spec.Builds })
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		var got []string
		for _, f := range plan.Findings {
			_, text, _ := strings.Cut(f.String(), "service ")
			got = append(got, strings.Replace(text, ":", "", 1))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", about, diff)
		}
	}
}

// Who builds on it, mounts it or names it gets what such a service runs.
func TestWhatImageOrBuildRuns(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {image: "acme/a:1", build: {dockerfile_inline: "FROM scratch\n"}, pull_policy: always}
  b: {build: {dockerfile_inline: "FROM acme/a:1\n"}}
  c: {image: x, volumes: [{type: image, source: "acme/a:1", target: /a}]}
  d: {image: x, environment: {IMAGE: "acme/a:1"}}
  e: {image: "acme/e:1", build: {dockerfile_inline: "FROM scratch\n"}, pull_policy: build}
  f: {build: {dockerfile_inline: "FROM acme/e:1\n"}}
`)
	plan, err := planned(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"builds on acme/a:1 → what service a runs", "service c: image acme/a:1 → what service a runs",
		"service d: image acme/a:1 in IMAGE → what service a runs", "builds on acme/e:1 → what service e builds",
	} {
		if !strings.Contains(plan.Text(), want) {
			t.Errorf("the plan lacks %q:\n%s", want, plan.Text())
		}
	}
}
