// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"archive/tar"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// An image of a project is built once, however it is configured, and used wherever
// it is named: a test on a real engine of what package tailor decides.
func TestUpBuildsOnWhatItBuilds(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  base:
    image: example/built-base:1
    build:
      context: .
      dockerfile_inline: "FROM example/probe:1\nENV WHO=base\nCOPY note /note\nRUN --mount=type=secret,id=token [\"/probe\", \"-copy\", \"/run/secrets/token=/token\"]\n"
      labels: {further: key}
      shm_size: 64m
      secrets: [token]
      tags: [example/built-base:2]
    deploy: {replicas: 0}
  app:
    build:
      context: x
      additional_contexts: {base: "service:base", files: ./files}
    command: ["-serve", ":80"]
    volumes: [{type: image, source: "example/built-base:2", target: /base}]
    pre_start: [{image: "example/built-base:1", command: ["-env", "WHO"]}]
    environment: {RUNNER_IMAGE: "example/built-base:2"}
  named:
    image: `+img.Ref+`
    pull_policy: missing
    build: {dockerfile_inline: "FROM example/there-is-none"}
    command: ["-serve", ":80"]
  fallback:
    image: localhost:1/there-is-none:1
    pull_policy: always
    build: {dockerfile_inline: "FROM example/probe:1\nENV WHO=built", pull: true}
    command: ["-env", "WHO", "-serve", ":80"]
secrets: {token: {environment: TOKEN}}
`)
	dir := s.Files[0]
	for name, text := range map[string]string{"note": "a note", "files/hello": "hello", "x/Dockerfile": "FROM example/there-is-none\n",
		"added/Dockerfile": "ARG SAID=shipped\nFROM base\nARG SAID\nENV SAID=$SAID\nCOPY --from=files hello /hello\n"} {
		enginetest.WriteFile(t, filepath.Join(dir, name), text)
	}
	s.Env = map[string]string{"TOKEN": "t0ken"}
	s.Builds = map[string]spec.Build{"x": {Files: []string{filepath.Join(dir, "added", "Dockerfile")}, Args: map[string]string{"SAID": "by the test"}}}
	app := seatrial.Up(t, s)
	r := app.Service(t, "app").Exec(t, spec.Exec{Command: []string{"/probe", "-env", "WHO", "-env", "SAID", "-env", "RUNNER_IMAGE", "-stat", "/hello", "-stat", "/base/note", "-stat", "/token"}})
	for _, want := range []string{"base\n", "by the test\n", "localhost/seatrial/", "hello", "a note", "t0ken"} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("app has %q, want %q in it", r.Stdout, want)
		}
	}
	app.Service(t, "fallback").Wait(t, wait.Log("built"))
	if left := enginetest.Docker(t, "image", "ls", "--quiet", "example/built-base"); left != "" {
		t.Errorf("there are images example/built-base: %s", left)
	}
	if got := enginetest.Docker(t, "inspect", "--format", "{{.Config.Labels.further}}", app.Service(t, "app").ID); strings.TrimSpace(got) != "key" {
		t.Errorf("the label of the build is %q, want key", got)
	}
}

// A context that is not on this machine is built, too, although seatrial cannot read it.
func TestUpBuildsFromElsewhere(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	if !strings.HasPrefix(os.Getenv("DOCKER_HOST"), "unix:") {
		t.Skip("the engine may be unable to reach a server of this test")
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	file := "FROM scratch\nCOPY Other.Dockerfile /\n"
	if err := w.WriteHeader(&tar.Header{Name: "Other.Dockerfile", Mode: 0o644, Size: int64(len(file))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive.Bytes()) }))
	defer server.Close()
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), "services:\n  a: {build: {context: '"+server.URL+"/context.tar', dockerfile: Other.Dockerfile}, command: x, deploy: {replicas: 0}}\n")
	seatrial.Up(t, spec.Project{Files: []string{dir}})
}

// A Dockerfile and an ignore file among the added files replace those of the
// context.
func TestUpBuildsAnAddedDockerfile(t *testing.T) {
	t.Parallel()
	base := probe(t)
	dir := enginetest.NewContext(t, "FROM example/there-is-none\n", map[string]string{"kept": "x", "left": "x", "sub/file": "x"})
	more := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(more, "Dockerfile"), "FROM example/base\nCOPY . /all\n")
	enginetest.WriteFile(t, filepath.Join(more, ".dockerignore"), "left\n")
	img := seatrial.Build(t, spec.Image{Context: dir, Files: []string{filepath.Join(more, "Dockerfile"), filepath.Join(more, ".dockerignore")}, Images: map[string]string{"example/base": base.Ref}})
	r := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Entrypoint: []string{"/probe"}, Command: []string{"-stat", "/all/kept", "-stat", "/all/Dockerfile", "-exists", "/all/left"}, ExitCodes: []int{1}})
	if !strings.Contains(r.Stdout, "FROM example/base") {
		t.Errorf("the image has %q, want the Dockerfile that was added", r.Stdout)
	}
}
