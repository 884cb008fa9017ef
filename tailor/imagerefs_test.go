// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Who is told of an image that is built is told the name that it has.
func TestImageReferences(t *testing.T) {
	t.Parallel()
	const to = `"${SEATRIAL_IMAGE_TOOLS}"`
	for about, tt := range map[string]struct {
		body   string
		images map[string]string
		want   string // in the override
		note   string
	}{
		"a setting":                   {body: "environment: {RUNNER_IMAGE: acme/tools}", want: "RUNNER_IMAGE: " + to},
		"in full":                     {body: "environment: {IMAGE: 'docker.io/acme/tools:latest'}", want: "IMAGE: " + to},
		"a list":                      {body: "environment: [RUNNER_IMAGE_NAME=acme/tools]", want: "RUNNER_IMAGE_NAME: " + to},
		"a tag":                       {body: "environment: {JOB: 'acme/tools:2'}", want: "JOB: " + to},
		"an env file":                 {body: "env_file: more.env", want: "RUNNER_IMAGE: " + to},
		"an option":                   {body: "command: [run, --image=acme/tools, x]", want: `"--image=${SEATRIAL_IMAGE_TOOLS}"`},
		"an option and its value":     {body: "command: [run, --image, acme/tools]", want: "- \"--image\"\n      - " + to},
		"an argument with a tag":      {body: "entrypoint: [run, 'acme/tools:2']", want: "- \"run\"\n      - " + to},
		"a label":                     {body: "labels: {runner.image: acme/tools}", want: `"runner.image": ` + to},
		"the name that Compose gives": {body: "environment: {RUNNER_IMAGE: shop-plain}", want: `RUNNER_IMAGE: "${SEATRIAL_IMAGE_PLAIN}"`},
		"an image of the test":        {body: "environment: {RUNNER_IMAGE: 'acme/tools:2', DB_IMAGE: 'acme/db:1'}", images: map[string]string{"acme/db:1": "mine:1"}, want: `DB_IMAGE: "mine:1"`},
		"a built one of the test":     {body: "environment: {RUNNER_IMAGE: 'acme/tools:2'}", images: map[string]string{"acme/tools": "mine:1"}, want: `RUNNER_IMAGE: "mine:1"`},
		"of a service that is off":    {body: "environment: {RUNNER_IMAGE: acme/tools}, profiles: [never]", want: `RUNNER_IMAGE: "${COMPOSE_PROJECT_NAME}-tools"`},
		"a health check":              {body: "healthcheck: {test: [CMD, look, --image=acme/tools]}", want: `"--image=${SEATRIAL_IMAGE_TOOLS}"`},
		"a hook":                      {body: "post_start: [{command: [run, 'acme/tools:2']}]", want: `command: ["run", ` + to + `]`},
		"what a hook is told":         {body: "pre_stop: [{command: x, environment: {RUNNER_IMAGE: acme/tools}}]", want: `RUNNER_IMAGE: ` + to},
		"a list that a hook is told":  {body: "pre_stop: [{command: x, environment: [RUNNER_IMAGE=acme/tools]}]", want: `"RUNNER_IMAGE=${SEATRIAL_IMAGE_TOOLS}"`},
		"an annotation":               {body: "annotations: {runner.image: acme/tools}", want: `"runner.image": ` + to},
		"a list of annotations":       {body: "annotations: [runner.image=acme/tools]", want: `runner.image=${SEATRIAL_IMAGE_TOOLS}`},
		"a file":                      {body: "configs: [whole]", want: `content: ` + to},
		"a file of nobody":            {body: "configs: [whole], profiles: [never]", want: `content: "${COMPOSE_PROJECT_NAME}-tools"`},
		"in a health check":           {body: "healthcheck: {test: 'test acme/tools:2 = x'}", note: "healthcheck names image acme/tools:2"},
		"in a hook":                   {body: "post_start: [{command: sh -c 'docker run acme/tools:2 x'}]", note: "post_start names image acme/tools:2"},
		"what a hook may be told":     {body: "pre_stop: [{command: x, environment: {A: a acme/tools}}]", note: "A names image acme/tools"},
		"in an annotation":            {body: "annotations: {title: acme/tools}", note: "title names image acme/tools"},
		"in a file":                   {body: "configs: [part]", note: "content names image acme/tools:2"},
		"another tag":                 {body: "environment: {RUNNER_IMAGE: 'acme/tools:3'}"},
		"another image":               {body: "environment: {RUNNER_IMAGE: acme/tools-extra, A: x-acme/tools}"},
		"a word":                      {body: "environment: {ROLE: plain}"},
		"perhaps something else":      {body: "environment: {REPOSITORY: acme/tools}", note: "REPOSITORY names image acme/tools"},
		"half of a name":              {body: "environment: {IMAGE_REPOSITORY: acme/tools}", note: "IMAGE_REPOSITORY names image acme/tools"},
		"in a text":                   {body: "command: sh -c 'docker run acme/tools:2 x'", note: "command names image acme/tools:2"},
		"a title":                     {body: "labels: {org.opencontainers.image.title: acme/tools}", note: "org.opencontainers.image.title names image acme/tools"},
	} {
		configs := ""
		if strings.Contains(tt.body, "configs: [whole]") {
			configs = `configs: {whole: {content: "acme/tools:2"}}`
		} else if strings.Contains(tt.body, "configs") {
			configs = `configs: {part: {content: "runs acme/tools:2\n"}}`
		}
		dir := tree(t, `
-- compose.yaml --
name: shop
services:
  tools: {build: {dockerfile_inline: "FROM scratch\n", tags: ["acme/tools:2"]}, image: acme/tools, profiles: [never]}
  plain: {build: {dockerfile_inline: "FROM scratch\n"}, profiles: [never]}
  db: {image: "acme/db:1"}
  a: {image: x, `+tt.body+`}
`+configs+`
-- more.env --
RUNNER_IMAGE=acme/tools
`)
		plan, err := planned(dir, func(p *spec.Project) { p.Images = tt.images })
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		if override := string(plan.Override()); !strings.Contains(override, tt.want) {
			t.Errorf("%s: the override lacks %s:\n%s", about, tt.want, override)
		} else if tt.want == "" && strings.Contains(override, "SEATRIAL_IMAGE") {
			t.Errorf("%s: the override is\n%s", about, override)
		}
		isBuilt := slices.ContainsFunc(plan.Builds, func(b ServiceBuild) bool { return strings.Contains(tt.want, b.Variable) && b.Variable != "" })
		if isBuilt != strings.Contains(tt.want, "SEATRIAL_IMAGE") {
			t.Errorf("%s: what is built is %+v", about, plan.Builds)
		}
		var notes []string
		for _, f := range plan.Findings {
			if f.Rule == "image-reference" {
				notes = append(notes, f.What)
			}
		}
		if want := slices.DeleteFunc([]string{tt.note}, func(s string) bool { return s == "" }); !slices.Equal(notes, want) {
			t.Errorf("%s: notes are %q, want %q", about, notes, want)
		}
	}
}

func TestImageReferencesOfStacks(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  tools: {build: ., image: "acme/tools:2"}
  a: {image: x, environment: {RUNNER: "acme/tools:2"}, command: "x acme/tools:2", deploy: {labels: {job: "acme/tools:2"}}}
-- Dockerfile --
FROM scratch
`)
	plan, err := deployed(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"image acme/tools:2 in RUNNER → what service tools builds", "image acme/tools:2 in command → what service tools builds", "image acme/tools:2 in job → what service tools builds"} {
		if !strings.Contains(plan.Text(), want) {
			t.Errorf("the plan lacks %q:\n%s", want, plan.Text())
		}
	}
}
