// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// Files are in the context though the ignore file excludes them, and win over
// what has their name. The tester's files are as they were.
func TestBuildAddsFiles(t *testing.T) {
	t.Parallel()
	base := probe(t)
	dir := newContext(t, "FROM "+base.Ref+"\nCOPY . /all\n", map[string]string{
		"a.txt": "shipped", "conf/one": "shipped", "conf/two": "shipped", "skip.log": "x", ".dockerignore": "*.log\nextra.txt\nconf/two\n",
	})
	more := t.TempDir()
	writeFile(t, filepath.Join(more, "extra.txt"), "added")
	writeFile(t, filepath.Join(more, "conf", "one"), "added")
	writeFile(t, filepath.Join(more, "conf", "three"), "added")
	writeFile(t, filepath.Join(more, "a.txt"), "added")
	before := snapshot(t, dir)
	for _, file := range []string{filepath.Join(more, "a.txt"), filepath.Join(more, "conf"), filepath.Join(more, "extra.txt")} {
		if err := os.Chmod(file, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	beforeMore := snapshot(t, more)
	relative, err := filepath.Rel(dir, filepath.Join(more, "extra.txt"))
	if err != nil {
		t.Fatal(err)
	}
	img := seatrial.Build(t, spec.Image{Context: dir, Files: []string{relative, filepath.Join(more, "conf"), filepath.Join(more, "a.txt")}})
	for path, want := range map[string]string{
		"/all/extra.txt": "added", "/all/a.txt": "added", "/all/conf/one": "added", "/all/conf/three": "added", "/all/.dockerignore": "*.log\nextra.txt\nconf/two",
	} {
		if got := content(t, img, path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/all/skip.log", "/all/conf/two"} {
		r := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Entrypoint: []string{"/probe"}, Command: []string{"-exists", path}, ExitCodes: []int{1}})
		if r.ExitCode != 1 {
			t.Errorf("%s is there", path)
		}
	}
	if without := seatrial.Build(t, spec.Image{Context: dir}); content(t, without, "/all/a.txt") != "shipped" {
		t.Errorf("without Files, a.txt = %q, want it as shipped", content(t, without, "/all/a.txt"))
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("the context is now\n%s\nbefore it was\n%s", after, before)
	}
	if after := snapshot(t, more); after != beforeMore {
		t.Errorf("the added files are now\n%s\nbefore they were\n%s", after, beforeMore)
	}
	only := seatrial.Build(t, spec.Image{Dockerfile: filepath.Join(dir, "Dockerfile"), Files: []string{filepath.Join(more, "a.txt")}})
	if got := content(t, only, "/all/a.txt"); got != "added" {
		t.Errorf("without a context, a.txt = %q, want the one that was added", got)
	}
}

// What we read of a context, and make the key of, is what BuildKit takes from it.
func TestIgnoreFilesAreReadAsBuildKitDoes(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	files := map[string]string{
		"a": "x", "a.log": "x", "b/c": "x", "b/d/e": "x", "b/d/f.log": "x", "node_modules/m/i": "x", "B": "x", "with space": "x", "é": "x", "deep/1/2/3/x": "x",
	}
	for _, ignore := range []string{
		"", "*", "*.log", "**/*.log", "b", "b/", "/b/d", "./b/d\n", "*\n!b/d/e", "*\n!b", "b/*\n!b/d\nb/d/f.log", "**/d\n!**/e", "!a\n*.log\n!a.log",
		"# comment\n\n  a  \nb/?\n", "[ab]\n", "deep/**/3", "**\n!**/x", "node_modules\n!node_modules/m/i", "with space\né", "..\n../x", ".", "a/../b/c",
	} {
		dir := newContext(t, "FROM scratch\nCOPY . /\n", files)
		writeFile(t, filepath.Join(dir, "Dockerfile.dockerignore"), ignore)
		patterns, err := buildcontext.Patterns([]byte(ignore))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := buildcontext.Read(dir, patterns, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range entries {
			want = append(want, e.Path)
		}
		out := filepath.Join(t.TempDir(), "all")
		enginetest.Docker(t, "buildx", "build", "--quiet", "--output", out, dir)
		entries, err = buildcontext.Read(out, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Path)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("with %q, BuildKit takes\n%s\nwe read\n%s", ignore, got, want)
		}
	}
}

// Secrets get into the build, and into nothing else.
func TestBuildSecrets(t *testing.T) {
	t.Parallel()
	base := probe(t)
	value := seatrial.Name(t, "secret")
	dir := newContext(t, "FROM "+base.Ref+"\nRUN --mount=type=secret,id=one --mount=type=secret,id=two,target=/two [\"/probe\", \"-print\", \""+seatrial.Name(t, "")+"\", \"-exists\", \"/run/secrets/one\"]\n"+
		"RUN --mount=type=secret,id=two,target=/two [\"/probe\", \"-copy\", \"/two=/copied\"]\n", nil)
	file := filepath.Join(t.TempDir(), "with, comma")
	writeFile(t, file, "from a file")
	img := seatrial.Build(t, spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"one": {Value: value}, "two": {File: file}}})
	if got := content(t, img, "/copied"); got != "from a file" {
		t.Errorf("the secret is %q, want %q", got, "from a file")
	}
	err := filepath.WalkDir(seatrial.Artifacts(t), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), value) {
			t.Errorf("the secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	failing := newContext(t, "FROM "+base.Ref+"\nRUN --mount=type=secret,id=one --mount=type=secret,id=two [\"/probe\", \"-print\", \""+value+"\", \"-stat\", \"/run/secrets/two\", \"-exit\", \"3\"]\n", nil)
	r := mustFail(t, "exit code: 3", func(t seatrial.T) {
		seatrial.Build(t, spec.Image{Context: failing, Secrets: map[string]spec.BuildSecret{"one": {Value: value}, "two": {File: file}}})
	})
	if strings.Contains(r.Errors(), value) || strings.Contains(r.Errors(), "from a file") || !strings.Contains(r.Errors(), "[hidden]") {
		t.Errorf("a secret that a step prints is told:\n%s", r.Errors())
	}
	if history := enginetest.Docker(t, "image", "history", "--no-trunc", img.Ref); strings.Contains(history, value) {
		t.Errorf("the secret is in the image's history:\n%s", history)
	}
}

func TestBuildForAPlatform(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := newContext(t, "FROM scratch\nARG TARGETARCH\nENV FOR=$TARGETARCH\n", nil)
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		img := seatrial.Build(t, spec.Image{Context: dir, Platform: platform})
		if got := strings.TrimSpace(enginetest.Docker(t, "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", img.Ref)); got != platform {
			t.Errorf("built for %s, the image is for %s", platform, got)
		}
	}
	for _, names := range [][]string{{"linux/arm64", "arm64", "linux/aarch64", "linux/arm64/v8"}, {"", "linux/x86_64"}, {"linux/arm/v7", "linux/arm"}} {
		refs := map[string]bool{}
		for _, name := range names {
			refs[seatrial.Build(t, spec.Image{Context: dir, Platform: name}).Ref] = true
		}
		if len(refs) != 1 {
			t.Errorf("%q, which are one platform, give %d images", names, len(refs))
		}
	}
}
