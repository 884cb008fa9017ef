// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

const (
	given     = "localhost/seatrial/given:1"
	digestOne = "@sha256:1111111111111111111111111111111111111111111111111111111111111111"
)

// baseForms are ways for a Dockerfile to name an image, with the matching key of
// Images and the result. An empty result means that the key does not match.
var baseForms = []struct {
	about, file, key string
	args             map[string]string
	want             string
}{
	{about: "FROM", file: "FROM acme/app:2\nRUN true\n", key: "acme/app:2", want: "FROM " + given + "\nRUN true\n"},
	{about: "FROM, in full", file: "FROM docker.io/acme/app:2\n", key: "acme/app:2", want: "FROM " + given + "\n"},
	{about: "FROM, the latest", file: "FROM acme/app\n", key: "acme/app:latest", want: "FROM " + given + "\n"},
	{about: "FROM with a platform", file: "FROM --platform=$BUILDPLATFORM acme/app:2\n", key: "acme/app:2", want: "FROM --platform=$BUILDPLATFORM " + given + "\n"},
	{about: "a digest", file: "FROM acme/app:2" + digestOne + "\n", key: "acme/app" + digestOne, want: "FROM " + given + "\n"},
	{about: "a stage", file: "FROM acme/app:2 AS one\nFROM one\n", key: "acme/app:2", want: "FROM " + given + " AS one\nFROM one\n"},
	{about: "a stage of the same name", file: "FROM app AS app\nFROM app\n", key: "app", want: "FROM " + given + " AS app\nFROM app\n"},
	{about: "a stage that is called so", file: "FROM scratch AS app\nFROM app\n", key: "app"},
	{about: "a stage that is not built", file: "FROM acme/app:2 AS old\nFROM scratch\n", key: "acme/app:2"},
	{about: "a stage that is not built, and one that is", file: "FROM acme/app:2 AS old\nFROM acme/app:2\n", key: "acme/app:2", want: "FROM " + given + " AS old\nFROM " + given + "\n"},
	{about: "ARG", file: "ARG BASE=acme/app:2\nFROM ${BASE}\n", key: "acme/app:2", want: "ARG BASE=acme/app:2\nFROM " + given + "\n"},
	{about: "ARG in ARG", file: "ARG V=10\nARG BASE=acme/app:$V\nFROM ${BASE}\n", key: "acme/app:10", want: "ARG V=10\nARG BASE=acme/app:$V\nFROM " + given + "\n"},
	{about: "ARG in ARG, the latest", file: "ARG V=latest\nARG BASE=acme/app:$V\nFROM $BASE\n", key: "acme/app", want: "ARG V=latest\nARG BASE=acme/app:$V\nFROM " + given + "\n"},
	{about: "ARG for a tag", file: "ARG V=10\nFROM acme/app:${V}\n", key: "acme/app:10", want: "ARG V=10\nFROM " + given + "\n"},
	{about: "a default in FROM", file: "ARG V\nFROM acme/app:${V:-7}\n", key: "acme/app:7", want: "ARG V\nFROM " + given + "\n"},
	{about: "an argument that is given", file: "ARG V=10\nARG BASE=acme/app:$V\nFROM $BASE\n", args: map[string]string{"V": "11"}, key: "acme/app:11", want: "ARG V=10\nARG BASE=acme/app:$V\nFROM " + given + "\n"},
	{about: "an argument without a default", file: "ARG BASE\nFROM $BASE\n", args: map[string]string{"BASE": "acme/app:3"}, key: "acme/app:3", want: "ARG BASE\nFROM " + given + "\n"},
	{about: "a default that is not used", file: "ARG BASE=acme/app:2\nFROM ${BASE}\n", args: map[string]string{"BASE": "acme/app:3"}, key: "acme/app:2"},
	{about: "an argument of the platform", file: "FROM acme/app-$TARGETARCH\n", key: "acme/app-arm64", want: "FROM " + given + "\n"},
	{about: "COPY", file: "FROM scratch AS two\nFROM scratch\nCOPY --from=two /a /a\nCOPY --chmod=755 --from=acme/app:2 /b /b\n", key: "acme/app:2",
		want: "FROM scratch AS two\nFROM scratch\nCOPY --from=two /a /a\nCOPY --chmod=755 --from=" + given + " /b /b\n"},
	{about: "the frontend", file: "# syntax=docker/dockerfile:1\nFROM scratch\n", key: "docker.io/docker/dockerfile:1", want: "# syntax=" + given + "\nFROM scratch\n"},
	{about: "the frontend, given by an argument", file: "# syntax=acme/other\nFROM scratch\n", args: map[string]string{"BUILDKIT_SYNTAX": "acme/reader:1"}, key: "acme/reader:1", want: "# syntax=acme/other\nFROM scratch\n"},
	{about: "a frontend that an argument replaces", file: "# syntax=docker/dockerfile:1\nFROM scratch\n", args: map[string]string{"BUILDKIT_SYNTAX": "docker/dockerfile:2"}, key: "docker/dockerfile:1"},
	{about: "RUN", file: "FROM scratch\nRUN --mount=type=bind,from=acme/app:2,target=/m [\"/m/x\"]\n", key: "acme/app:2",
		want: "FROM scratch\nRUN --mount=type=bind,from=" + given + ",target=/m [\"/m/x\"]\n"},
}

// With every verb, every form and every other setting of the build, a Dockerfile is
// built on the images of the test.
func TestBasesByAllVerbs(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	const further = `
      labels: {a: b}
      shm_size: 64m
      no_cache: true
      network: none
      extra_hosts: ["db:10.0.0.1"]
      tags: [acme/extra:1]
      secrets: [token]
      additional_contexts: {more: ./more}
`
	for _, form := range baseForms {
		dir := t.TempDir()
		put := func(name, text string) {
			t.Helper()
			if err := errors.Join(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		args := ""
		for key, value := range form.args {
			args += "\n      args: {" + key + ": '" + value + "'}"
		}
		for _, name := range []string{"x/Dockerfile", "more/file", "token"} {
			put(name, map[string]string{"x/Dockerfile": form.file}[name])
		}
		for file, keys := range map[string]string{"plain.yaml": "", "further.yaml": further} {
			put(file, "services:\n  a:\n    build:\n      context: x"+args+keys+"\nsecrets: {token: {file: ./token}}\n")
		}
		images := map[string]string{form.key: given}
		verbs := map[string]func() (*input, error){
			"Build, plain": func() (*input, error) {
				return readInput(spec.Image{Context: filepath.Join(dir, "x"), Args: form.args, Images: images})
			},
			"Build, further": func() (*input, error) {
				return readInput(spec.Image{Context: filepath.Join(dir, "x"), Args: form.args, Images: images, NoCache: true, SSH: []string{"a=/k"}, Secrets: map[string]spec.BuildSecret{"a": {Value: "b"}}})
			},
		}
		for _, file := range []string{"plain", "further"} {
			verbs["Up, "+file] = func() (*input, error) {
				plan, err := tailor.Compose(context.Background(), spec.Project{Files: []string{filepath.Join(dir, file+".yaml")}, Images: images}, tailor.Options{Platform: "linux/arm64"})
				return inputOf(plan, err)
			}
			verbs["Deploy, "+file] = func() (*input, error) {
				plan, err := tailor.Stack(context.Background(), spec.Stack{Files: []string{filepath.Join(dir, file+".yaml")}, Images: images}, tailor.StackOptions{Platform: "linux/arm64"})
				if err != nil {
					return nil, err
				}
				return inputOf(&plan.Plan, nil)
			}
		}
		for verb, read := range verbs {
			t.Run(form.about+"/"+verb, func(t *testing.T) {
				in, err := read()
				if err == nil {
					in.settings = dockerfile.Settings{Args: in.spec.Args, Platform: "linux/arm64", Builder: "linux/arm64"}
					err = in.read()
				}
				if form.want == "" {
					if err == nil || !strings.Contains(err.Error(), "does not build on "+form.key) && !strings.Contains(err.Error(), `Images["`+form.key+`"] matches no image`) {
						t.Fatalf("error = %v, want one that says that %s is not named", err, form.key)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(form.want, string(in.content)); diff != "" {
					t.Errorf("built is (-want +got):\n%s", diff)
				}
				if strings.HasSuffix(verb, ", further") != (len(in.secrets) > 0) {
					t.Errorf("secrets = %v", in.secrets)
				}
			})
		}
	}
}

// inputOf returns the input of the only image that a plan builds.
func inputOf(plan *tailor.Plan, err error) (*input, error) {
	if err != nil {
		return nil, err
	}
	return serviceInput(&session.Session{}, plan.Builds[0].In("p"), nil)
}

// Another frontend may read the names of images differently. Build refuses it, as its
// spec has nothing to allow it.
func TestFrontendsByBuild(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for about, tt := range map[string]struct {
		file, key, arg string
		want           string // in the error
	}{
		"of others":                     {file: "# syntax=acme/reader:1\nFROM acme/app:2\n", key: "acme/app:2", want: "Images: the Dockerfile asks for the frontend acme/reader:1"},
		"of others, and no images":      {file: "# syntax=acme/reader:1\nFROM acme/app:2\n"},
		"the test has it":               {file: "# syntax=acme/reader:1\nFROM acme/app:2\n", key: "acme/reader:1"},
		"by argument":                   {file: "FROM acme/app:2\n", arg: "acme/reader:1", key: "acme/app:2", want: "Images: the Dockerfile asks for the frontend acme/reader:1"},
		"by argument, and the test has": {file: "FROM acme/app:2\n", arg: "acme/reader:1", key: "acme/reader:1"},
		"Docker's":                      {file: "# syntax=docker/dockerfile:1\nFROM acme/app:2\n", key: "acme/app:2"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(tt.file), 0o644); err != nil {
			t.Fatal(err)
		}
		s := spec.Image{Context: dir, Args: map[string]string{}}
		if tt.key != "" {
			s.Images = map[string]string{tt.key: given}
		}
		if tt.arg != "" {
			s.Args["BUILDKIT_SYNTAX"] = tt.arg
		}
		in, err := readInput(s)
		if err == nil {
			in.settings = dockerfile.Settings{Args: in.spec.Args, Platform: "linux/arm64", Builder: "linux/arm64"}
			err = in.read()
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error = %v, want one with %q", about, err, tt.want)
		}
		if tt.key == tt.arg && err == nil && tt.arg != "" && in.spec.Args["BUILDKIT_SYNTAX"] != given {
			t.Errorf("%s: it is built with the frontend %s, want %s", about, in.spec.Args["BUILDKIT_SYNTAX"], given)
		}
	}
}
