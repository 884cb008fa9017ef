// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

// substitutions are the forms in which a Dockerfile names example/base:2. Each
// image has the base's /marker, and /own from the file itself.
var substitutions = []struct {
	about, file string
	args        map[string]string
	marker      string // where the base's marker is in the built image
}{
	{about: "FROM", file: "FROM example/base:2\nCOPY own /own\n"},
	{about: "FROM AS", file: "FROM example/base:2 AS made\nCOPY own /own\nFROM made\n"},
	{about: "full form", file: "FROM docker.io/example/base:2\nCOPY own /own\n"},
	{about: "stage of that name", file: "FROM example/base:2 AS base\nCOPY own /own\nFROM base AS last\nCOPY --from=base /own /own2\n"},
	{about: "COPY --from", file: "FROM PROBE\nCOPY --from=example/base:2 /marker /marker\nCOPY own /own\n"},
	{about: "RUN --mount", file: "FROM PROBE\nRUN --mount=type=bind,from=example/base:2,source=/,target=/base [\"/probe\", \"-copy\", \"/base/marker=/copied\"]\nCOPY own /own\n", marker: "/copied"},
	{about: "RUN --mount by name", file: "FROM PROBE AS p\nRUN --mount=from=example/base:2,target=/base --mount=type=tmpfs,target=/t [\"/probe\", \"-copy\", \"/base/marker=/copied\"]\nCOPY own /own\n", marker: "/copied"},
	{about: "ARG", file: "ARG BASE=example/base:2\nFROM ${BASE}\nCOPY own /own\n"},
	{about: "nested ARG", file: "ARG REPO=example\nARG TAG=2\nARG BASE=${REPO}/base:${TAG}\nFROM $BASE\nCOPY own /own\n"},
	{about: "ARG that is given", file: "ARG TAG=1\nFROM example/base:${TAG}\nCOPY own /own\n", args: map[string]string{"TAG": "2"}},
	{about: "continued", file: "FROM \\\n  # the base\n  example/base:2\nCOPY own /own\n"},
	{about: "escape", file: "# escape=`\nFROM `\n example/base:2\nCOPY own /own\n"},
	{about: "heredoc", file: "FROM example/base:2\nCOPY own /own\nCOPY <<END /text\nFROM example/base:2\nEND\n"},
}

// checkSubstitution builds each form on another base.
func checkSubstitution(t seatrial.T, img string) {
	dir, err := os.MkdirTemp(probeContext(), "files-")
	write := func(name, content string) {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644)
		}
	}
	write("own", "its own")
	write("marker", "of the base")
	write("Dockerfile", "FROM "+img+"\nCOPY marker /marker\n")
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	base := seatrial.Build(t, spec.Image{Context: dir})
	for i, s := range substitutions {
		if i > 0 && os.Getenv("SEATRIAL_CONFORMANCE_FORMS") != "all" { // one form is enough: see kit.on
			break
		}
		name := "substituted-" + string(rune('a'+i))
		file := strings.ReplaceAll(s.file, "PROBE", img)
		if strings.Contains(file, "<<END") && !heredocs(t) {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(file), 0o644); err != nil {
			t.Errorf("%v", err)
			t.FailNow()
		}
		built := seatrial.Build(t, spec.Image{Context: dir, Dockerfile: name, Args: s.args, Images: map[string]string{"example/base:2": base.Ref}})
		marker := s.marker
		if marker == "" {
			marker = "/marker"
		}
		r := seatrial.RunToEnd(t, spec.Container{Image: built.Ref, Entrypoint: []string{"/probe"}, Command: []string{"-stat", marker, "-stat", "/own"}})
		if !strings.Contains(r.Stdout, "of the base") || !strings.Contains(r.Stdout, "its own") {
			t.Errorf("%s: the image has %q, want the base's marker and its own file", s.about, r.Stdout)
		}
		if after, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(after) != file {
			t.Errorf("%s: the Dockerfile is now %q, %v", s.about, after, err)
		}
		if i > 0 {
			continue
		}
		again := seatrial.Build(t, spec.Image{Context: dir, Dockerfile: name, Args: s.args, Images: map[string]string{"example/base:2": base.Ref}})
		if again.Ref != built.Ref || again.ID != built.ID {
			t.Errorf("%s: built again, the image is %s (%s), want %s (%s)", s.about, again, again.ID, built, built.ID)
		}
	}
}

// heredocs need a BuildKit that is newer than that of engine 20.10 (API 1.41).
func heredocs(t seatrial.T) bool {
	version, err := exec.Command("docker", "version", "--format", "{{.Server.APIVersion}}").Output()
	if err != nil {
		t.Errorf("docker version: %v", err)
	}
	return strings.TrimSpace(string(version)) != "1.41"
}
