// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/seatrial/seatrial/spec"
)

// tree writes files to a directory of the test.
func tree(t *testing.T, text string) string {
	t.Helper()
	return unpack(t, txtar.Parse([]byte(text)))
}

// planned tailors compose.yaml in a directory, with what a test changes in the spec.
func planned(dir string, change func(*spec.Project)) (*Plan, error) {
	p := spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}, Env: map[string]string{"GIVEN": "from the test", "TOKEN": "t0k"}}
	if change != nil {
		change(&p)
	}
	return Compose(context.Background(), p, Options{Platform: "linux/amd64"})
}

// deployed is the same for a stack.
func deployed(dir string, change func(*spec.Project)) (*Plan, error) {
	p := spec.Project{Env: map[string]string{"GIVEN": "from the test", "TOKEN": "t0k"}}
	if change != nil {
		change(&p)
	}
	plan, err := Stack(context.Background(), spec.Stack{Files: []string{filepath.Join(dir, "compose.yaml")}, Env: p.Env, Images: p.Images, Builds: p.Builds, Allow: p.Allow}, StackOptions{Platform: "linux/amd64"})
	if plan == nil {
		return nil, err
	}
	return &plan.Plan, err
}

// buildsOf returns how services are built, in order, relative to a directory.
func buildsOf(plan *Plan, dir string) []ServiceBuild {
	var all []ServiceBuild
	for _, b := range plan.Builds {
		b = b.In("p")
		b.Place = Place{Service: b.Service}
		b.Context, b.Dockerfile = relativeTo(dir, b.Context), relativeTo(dir, b.Dockerfile)
		for i, f := range b.Files {
			b.Files[i] = relativeTo(dir, f)
		}
		for i, s := range b.Secrets {
			b.Secrets[i].File = relativeTo(dir, s.File)
		}
		for name, from := range b.Contexts {
			b.Contexts[name] = relativeTo(dir, from)
		}
		for i, s := range b.SSH {
			b.SSH[i] = strings.ReplaceAll(s, dir+"/", "")
		}
		for _, m := range []*map[string]string{&b.Args, &b.Images, &b.From, &b.Contexts} {
			if len(*m) == 0 {
				*m = nil
			}
		}
		all = append(all, b)
	}
	return all
}

func relativeTo(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsAbs(name) {
		return rel
	}
	return name
}

// Every key that says how an image is built reaches whoever builds it, however it is
// written, for projects as for stacks.
func TestBuildKeys(t *testing.T) {
	t.Parallel()
	const files = `
-- compose.yaml --
services:
  lists:
    build:
      context: ./app
      dockerfile: ../other/Dockerfile
      target: last
      args: [GIVEN, "NAMED=x", EMPTY=, NOWHERE, UNUSED=1]
      labels: [a=b, c]
      extra_hosts: ["db:10.0.0.1"]
      secrets: [token, {source: file, target: conf}]
      ssh: [default, "key=keys/one"]
      additional_contexts: ["more=./more", "base=docker-image://acme/base:1", "far=https://example.com/x.git"]
      platforms: [linux/arm64, linux/amd64]
      tags: [acme/lists:1]
  maps:
    platform: linux/arm64
    build:
      context: .
      dockerfile: other/Dockerfile
      args: {GIVEN: , NAMED: 1}
      labels: {a: b}
      extra_hosts: {db: 10.0.0.1}
      ssh: {default: }
      additional_contexts: {lists: "docker-image://acme/lists:1"}
      ulimits: {nofile: 1024, nproc: {soft: 1, hard: 2}}
      shm_size: 64m
      network: none
      entitlements: [network.host]
      privileged: true
      no_cache_filter: [one]
      pull: true
      cache_from: [acme/cache]
secrets: {token: {environment: TOKEN}, file: {file: ./secret.txt}}
-- other/Dockerfile --
ARG NAMED
FROM acme/base:2 AS last
ARG GIVEN
ARG EMPTY
ARG NOWHERE
-- app/x --
-- secret.txt --
`
	dir := tree(t, files)
	want := []ServiceBuild{{
		Place: Place{Service: "lists"}, Context: "app", Dockerfile: "other/Dockerfile", Target: "last", Platform: "linux/amd64",
		Args:     map[string]string{"GIVEN": "from the test", "NAMED": "x", "EMPTY": ""},
		Images:   map[string]string{"acme/base:2": "acme/given:1"},
		Contexts: map[string]string{"more": "more", "base": "docker-image://acme/base:1", "far": "https://example.com/x.git"},
		Secrets:  []BuildSecret{{ID: "token", Value: "t0k"}, {ID: "conf", File: "secret.txt"}},
		SSH:      []string{"default", "key=keys/one"},
		Flags:    []string{"--add-host=db:10.0.0.1", "--label=a=b", "--label=c="},
	}, {
		Place: Place{Service: "maps"}, Context: ".", Dockerfile: "other/Dockerfile", Platform: "linux/arm64",
		Args:     map[string]string{"GIVEN": "from the test", "NAMED": "1"},
		Images:   map[string]string{"acme/base:2": "acme/given:1"},
		Contexts: map[string]string{"lists": "service:lists"},
		SSH:      []string{"default"},
		Flags: []string{"--add-host=db=10.0.0.1", "--allow=network.host", "--allow=security.insecure", "--label=a=b", "--network=none",
			"--no-cache-filter=one", "--shm-size=64m", "--ulimit=nofile=1024", "--ulimit=nproc=1:2"},
		NoCache: true, Pull: true,
	}}
	plan, err := planned(dir, func(p *spec.Project) { p.Images = map[string]string{"acme/base:2": "acme/given:1"} })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, buildsOf(plan, dir)); diff != "" {
		t.Errorf("Compose: builds (-want +got):\n%s", diff)
	}
	for _, note := range []string{"service maps: note: cache_from is not used", "service lists: note: of its platforms, linux/amd64 is built"} {
		if !strings.Contains(plan.Text(), note) {
			t.Errorf("the plan lacks %q:\n%s", note, plan.Text())
		}
	}
	dir = tree(t, strings.NewReplacer("environment: TOKEN", "file: ./secret.txt", "    platform: linux/arm64\n", "").Replace(files)) // which stacks have not
	plan, err = deployed(dir, func(p *spec.Project) { p.Images = map[string]string{"acme/base:2": "acme/given:1"} })
	if err != nil {
		t.Fatal(err)
	}
	want[0].Secrets[0] = BuildSecret{ID: "token", File: "secret.txt"}
	want[0].Variable, want[1].Variable = "SEATRIAL_IMAGE_LISTS", "SEATRIAL_IMAGE_MAPS"
	want[1].Platform = ""
	if diff := cmp.Diff(want, buildsOf(plan, dir), cmp.Transformer("hosts", func(s string) string { return strings.Replace(s, "db=10", "db:10", 1) })); diff != "" {
		t.Errorf("Stack: builds (-want +got):\n%s", diff)
	}
}

// What the project builds is followed wherever it is named, and comes before what
// needs it. Services that are off are built for those who name their images.
func TestBuiltImagesAreFollowed(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  zero: {build: {dockerfile_inline: "FROM scratch\n"}, image: "example/zero:1", profiles: [never], command: x}
  tagged: {build: {dockerfile_inline: "FROM scratch\n", tags: ["example/tagged:2"]}, command: x}
  unnamed: {build: {dockerfile_inline: "FROM scratch\n"}, command: x}
  a-context: {build: {dockerfile_inline: "FROM base\n", additional_contexts: {base: "service:zero"}, labels: {a: b}}, command: x}
  b-argument: {build: {dockerfile_inline: "ARG BASE=other\nFROM $$BASE\n", args: {BASE: "example/tagged:2"}}, command: x}
  c-name: {build: {dockerfile_inline: "ARG BASE\nFROM $${BASE}\nCOPY --from=example/zero:1 / /\n", args: ["BASE=${COMPOSE_PROJECT_NAME}-unnamed"], shm_size: 1m}, command: x}
  d-itself: {build: {dockerfile_inline: "FROM example/itself:1\n"}, image: "example/itself:1", command: x}
  e-image: {image: "docker.io/example/zero:1"}
  f-volume:
    image: other
    volumes: [{type: image, source: "example/tagged:2", target: /a}, {type: image, source: unnamed, target: /b}, {type: image, source: third, target: /c}]
  g-hook:
    image: other
    pull_policy: always
    pre_start: [{image: "example/zero:1", command: [x]}, {image: third, command: [x], volumes: [{type: image, source: "example/tagged:2", target: /a}]}]
`)
	plan, err := planned(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	from := map[string][]string{}
	for _, b := range plan.Builds {
		for _, need := range b.Needs() {
			if !strings.Contains(strings.Join(order, " "), need) {
				t.Errorf("%s comes before %s, which it needs", b.Service, need)
			}
		}
		order, from[b.Service] = append(order, b.Service), b.Needs()
	}
	want := map[string][]string{"zero": nil, "tagged": nil, "unnamed": nil, "d-itself": nil, "a-context": {"zero"}, "b-argument": {"tagged"}, "c-name": {"unnamed", "zero"}}
	if diff := cmp.Diff(want, from); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	for _, s := range plan.Services {
		if s.Name == "e-image" && s.BuiltBy != "zero" {
			t.Errorf("e-image is built by %q, want zero", s.BuiltBy)
		}
	}
	override := string(plan.Override())
	for _, text := range []string{
		`{source: "${SEATRIAL_IMAGE_TAGGED}", target: "/a", type: "image"}`, `{source: "${SEATRIAL_IMAGE_UNNAMED}", target: "/b", type: "image"}`, `{source: "third", target: "/c", type: "image"}`,
		`{command: ["x"], image: "${SEATRIAL_IMAGE_ZERO}"}`, `image: "third", volumes: [{source: "${SEATRIAL_IMAGE_TAGGED}", target: "/a", type: "image"}]`,
		"pull_policy: !reset null",
	} {
		if !strings.Contains(override, text) {
			t.Errorf("the override lacks %s:\n%s", text, override)
		}
	}
}

func TestImageOrBuild(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct{ named, policy, text string }{
		"":                             {"", "", "docker compose up would take acme/app:1 if it is there"},
		"pull_policy: build":           {"", "", "image acme/app:1 → ${COMPOSE_PROJECT_NAME}-a"},
		"pull_policy: missing":         {"acme/app:1", "missing", "image acme/app:1 is run if the engine or a registry has it (pull_policy: missing)"},
		"pull_policy: always":          {"acme/app:1", "always", "(pull_policy: always)"},
		"pull_policy: if_not_present":  {"acme/app:1", "if_not_present", "(pull_policy: if_not_present)"},
		"pull_policy: every_3d":        {"acme/app:1", "every_3d", "(pull_policy: every_3d)"},
		"pull_policy: never":           {"acme/app:1", "never", "image acme/app:1 is run if the engine has it (pull_policy: never)"},
		"pull_policy: '${P-missing}'":  {"acme/app:1", "missing", "(pull_policy: missing)"},
		"x-else: {pull_policy: never}": {"", "", "would take acme/app:1"},
	} {
		dir := tree(t, "-- compose.yaml --\nservices:\n  a:\n    image: acme/app:1\n    build: {dockerfile_inline: \"FROM scratch\\n\"}\n    "+policy+"\n  b: {image: acme/app:1}\n")
		plan, err := planned(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b := plan.Builds[0]; b.Named != want.named || b.Policy != want.policy {
			t.Errorf("%s: runs %q by %q, want %+v", policy, b.Named, b.Policy, want)
		}
		if plan.Services[1].BuiltBy != "a" {
			t.Errorf("%s: b is built by %q, want a", policy, plan.Services[1].BuiltBy)
		}
		if !strings.Contains(plan.Text(), want.text) {
			t.Errorf("%s: the plan lacks %q:\n%s", policy, want.text, plan.Text())
		}
		if policy == "pull_policy: build" && strings.Contains(plan.Text(), "would take") {
			t.Errorf("%s: the plan has\n%s", policy, plan.Text())
		}
	}
}

// What the test says about a build holds, whatever the pull policy would take.
func TestBuildThatTheTestChanges(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {build: ./x, image: "acme/app:1", pull_policy: missing}
-- x/Dockerfile --
FROM acme/base:1
-- y/Dockerfile --
FROM acme/base:1
`)
	for about, s := range map[string]spec.Project{
		"Builds": {Builds: map[string]spec.Build{filepath.Join(dir, "x"): {Context: filepath.Join(dir, "y")}}},
		"Images": {Images: map[string]string{"acme/base:1": "mine:1"}},
	} {
		plan, err := planned(dir, func(p *spec.Project) { p.Builds, p.Images = s.Builds, s.Images })
		if err != nil {
			t.Errorf("%s: %v", about, err)
		} else if b := plan.Builds[0]; b.Named != "" {
			t.Errorf("%s: runs %s, want what is built", about, b.Named)
		}
	}
	_, err := planned(dir, func(p *spec.Project) {
		p.Builds = map[string]spec.Build{filepath.Join(dir, "x"): {Context: filepath.Join(dir, "typo")}}
	})
	if err == nil || !strings.Contains(err.Error(), "typo is missing") {
		t.Errorf("a context that is not there: %v", err)
	}
}

// An image of the test in the place of what a service builds is also that of who
// takes the service as a context.
func TestContextOfAnImageOfTheTest(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  web: {build: {dockerfile_inline: "FROM scratch\n"}, image: "acme/web:1"}
  svc: {build: {dockerfile_inline: "FROM base\n", additional_contexts: {base: "service:web"}}}
`)
	plan, err := planned(dir, func(p *spec.Project) { p.Images = map[string]string{"acme/web:1": "mine:1"} })
	if err != nil {
		t.Fatal(err)
	}
	if b := plan.Builds; len(b) != 1 || b[0].Service != "svc" || b[0].Contexts["base"] != "docker-image://mine:1" {
		t.Errorf("builds are %+v, want svc on mine:1", b)
	}
}

// An image of the test goes by all names that the build would have given it.
func TestTagsOfAnImageOfTheTest(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  web: {build: {dockerfile_inline: "FROM scratch\n", tags: ["acme/web:extra"]}, image: "acme/web:1"}
  worker: {image: "acme/web:extra"}
  on-it: {build: {dockerfile_inline: "FROM acme/web:extra\n"}}
`)
	plan, err := planned(dir, func(p *spec.Project) { p.Images = map[string]string{"acme/web:1": "mine:1"} })
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Services {
		if s.Name == "worker" && s.Image != "mine:1" {
			t.Errorf("the worker runs %s, want mine:1", s.Image)
		}
	}
	if b := plan.Builds; len(b) != 1 || b[0].Images["acme/web:extra"] != "mine:1" {
		t.Errorf("builds are %+v, want one on mine:1", b)
	}
}

// A Dockerfile among the files of a context is the one that is built, with what it
// builds on replaced.
func TestAddedDockerfile(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {build: ./x, command: y}
  b: {build: {context: ./x, dockerfile: sub/D}, command: y}
-- x/Dockerfile --
FROM shipped
-- more/Dockerfile --
ARG V=1
FROM acme/base:$V
-- more/Other --
FROM acme/base:1
-- more/sub/D --
FROM acme/base:1
`)
	more := func(name string) string { return filepath.Join(dir, "more", name) }
	for _, test := range []struct {
		about  string
		build  spec.Build
		key    string
		a, b   string // their Dockerfiles
		refuse string
	}{
		{about: "by its name", build: spec.Build{Files: []string{more("Dockerfile"), more("sub")}}, key: "acme/base:1", a: "more/Dockerfile", b: "more/sub/D"},
		{about: "named", build: spec.Build{Dockerfile: "Other", Files: []string{more("Other")}}, key: "acme/base:1", a: "more/Other", b: "more/Other"},
		{about: "elsewhere", build: spec.Build{Dockerfile: more("Other")}, key: "acme/base:1", a: "more/Other", b: "more/Other"},
		{about: "beside the context", build: spec.Build{Dockerfile: "../more/Other", Files: []string{more("sub")}}, key: "acme/base:1", a: "more/Other", b: "more/Other"},
		{about: "arguments", build: spec.Build{Dockerfile: "../more/Dockerfile", Args: map[string]string{"V": "7"}}, key: "acme/base:7", a: "more/Dockerfile", b: "more/Dockerfile"},
		{about: "the shipped one", build: spec.Build{Files: []string{more("Other")}}, key: "acme/base:1",
			refuse: `Images["acme/base:1"] matches no image` + "\n    hint: the files name shipped (" + filepath.Join(dir, "x/Dockerfile") + ":1)"},
		{about: "none", build: spec.Build{Dockerfile: "None", Files: []string{more("Other")}}, key: "shipped", refuse: `Builds["x"].Dockerfile has file None, which is missing`},
		{about: "an argument that nobody takes", build: spec.Build{Dockerfile: "../more/Dockerfile", Args: map[string]string{"W": "7"}}, key: "acme/base:1",
			refuse: "Builds[\"x\"].Args has W, for which the Dockerfile has no ARG\n    hint: its Dockerfile has V"},
	} {
		for verb, tailored := range map[string]func(string, func(*spec.Project)) (*Plan, error){"Compose": planned, "Stack": deployed} {
			plan, err := tailored(dir, func(p *spec.Project) {
				p.Images, p.Builds = map[string]string{test.key: "acme/given:1"}, map[string]spec.Build{"x": test.build}
			})
			if test.refuse != "" {
				if err == nil || !strings.Contains(err.Error(), test.refuse) {
					t.Errorf("%s, %s: error = %v, want one with %q", verb, test.about, err, test.refuse)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", verb, test.about, err)
				continue
			}
			builds := buildsOf(plan, dir)
			if builds[0].Dockerfile != test.a || builds[1].Dockerfile != test.b || builds[0].Context != "x" {
				t.Errorf("%s, %s: built from %+v, want %s and %s", verb, test.about, builds, test.a, test.b)
			}
			if got := builds[0].Images[test.key]; got != "acme/given:1" {
				t.Errorf("%s, %s: it builds on %v", verb, test.about, builds[0].Images)
			}
		}
	}
}

// What cannot be built as the files say, or not on the images of the test, is refused
// by name.
func TestBuildsRefused(t *testing.T) {
	t.Parallel()
	const head = "services:\n  a:\n    command: x\n    build: "
	images := map[string]string{"acme/base:1": "acme/given:1"}
	for about, test := range map[string]struct {
		build  string
		images map[string]string
		builds map[string]spec.Build
		allow  []string
		want   []string // in the error, or in the plan
	}{
		"a key":                 {build: "{context: ., isolation: hyperv}", want: []string{"compose.yaml:4 service a: the build has isolation: hyperv", `Allow: []string{"build-key:isolation"}`}},
		"a key that is allowed": {build: "{context: ., isolation: hyperv}", allow: []string{"build-key:isolation"}, want: []string{"note: the build has isolation: hyperv (it is allowed)"}},
		"a context elsewhere": {build: "https://example.com/a.git#main", images: images,
			want: []string{"service a: its Dockerfile is not read: the build context https://example.com/a.git#main is not on this machine", "hint: a checkout of it can be built, as Builds says, {CONTEXT: {Context: DIRECTORY}}, or --build-context CONTEXT=DIRECTORY", `Allow: []string{"dockerfile:a"}`, `Images["acme/base:1"] matches no image`}},
		"a context elsewhere, and no images": {build: "https://example.com/a.git#main",
			want: []string{"service a: note: its Dockerfile is not read: the build context https://example.com/a.git#main is not on this machine (what it builds on is taken as it is, ", "hint: a checkout of it can be built"}},
		"another kind of it": {build: "{context: \"git@example.com:a.git\"}", want: []string{"note: its Dockerfile is not read: the build context git@example.com:a.git is not on this machine"}},
		"an image for it":    {build: "{context: \"docker-image://acme/a\"}", want: []string{"note: its Dockerfile is not read: the build context docker-image://acme/a is not on this machine"}},
		"a checkout of it":   {build: "https://example.com/a.git#main", builds: map[string]spec.Build{"https://example.com/a.git#main": {Context: "testdata"}}, want: []string{"build context https://example.com/a.git#main → testdata"}},
		"a file for it":      {build: "https://example.com/a.git#main", builds: map[string]spec.Build{"https://example.com/a.git#main": {Files: []string{"builds_test.go"}}}, want: []string{`Builds["https://example.com/a.git#main"] has no Context, and only a directory`}},
		"words of a newer Dockerfile": {build: "{dockerfile_inline: \"# syntax=docker/dockerfile:9\\nFROM acme/base:1\\nMAKE x\\n\"}",
			want: []string{"note: its Dockerfile is not read: ", "it asks for the frontend docker/dockerfile:9 (what it builds on is taken as it is, "}},
		"a language of its own": {build: "{dockerfile_inline: \"# syntax=example/frontend\\nMAKE acme/base:1\\n\"}", images: images,
			want: []string{"its Dockerfile is not read: ", "dockerfile_inline: line 2: unknown instruction: MAKE"}},
		"a Dockerfile that is wrong": {build: "{dockerfile_inline: \"FROM acme/bas:1\\nCOPPY\\n\"}", images: images,
			want: []string{"the files name no image; not read: ", "dockerfile_inline: line 2: unknown instruction: COPPY"}},
		"a stage that is not built": {build: "{dockerfile_inline: \"FROM acme/base:1 AS old\\nFROM acme/other:2 AS two\\nFROM two\\n\", target: two}", images: images,
			want: []string{`Images["acme/base:1"] matches no image`, "acme/base:1 (", "compose.yaml:4, dockerfile_inline:1, in a stage that is not built)"}},
		"a default that is not used": {build: "{dockerfile_inline: \"ARG B=acme/base:1\\nFROM $$B\\n\", args: {B: acme/other:2}}", images: images,
			want: []string{`Images["acme/base:1"] matches no image`, "acme/other:2 (", "compose.yaml:4, dockerfile_inline:2)"}},
	} {
		dir := tree(t, "-- compose.yaml --\n"+head+test.build+"\n")
		plan, err := planned(dir, func(p *spec.Project) { p.Images, p.Builds, p.Allow = test.images, test.builds, test.allow })
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = plan.Text()
		}
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", about, want, got)
			}
		}
	}
}
