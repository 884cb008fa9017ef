// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestBuildTwiceGivesOneImage(t *testing.T) {
	a, b := probe(t), probe(t)
	if a.Ref != b.Ref || a.ID != b.ID {
		t.Errorf("two builds of one thing gave %s and %s, want one", a, b)
	}
	if !strings.HasPrefix(a.Ref, "localhost/seatrial/") {
		t.Errorf("Ref = %q, want one below localhost/seatrial/", a.Ref)
	}
}

func TestBuildLeavesNoOtherNames(t *testing.T) {
	enginetest.Need(t)
	before := imagesOfProjects(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nENV NEW="+t.TempDir()+"\n")
	seatrial.Build(t, spec.Image{Context: dir, NoCache: true})
	if after := imagesOfProjects(t); after != before {
		t.Errorf("images besides the built one are\n%s\nbefore there were\n%s", after, before)
	}
}

func TestBuildArgsTargetAndDockerfileElsewhere(t *testing.T) {
	img := probe(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "ctx", "a.txt"), "x")
	writeFile(t, filepath.Join(dir, "elsewhere", "my.Dockerfile"), `ARG BASE
FROM ${BASE} AS one
ENV STAGE=one
FROM one AS two
ENV STAGE=two
ARG GREETING
ENV GREETING=${GREETING}
`)
	for target, want := range map[string]string{"one": "", "two": "hi = ho", "": "hi = ho"} {
		built := seatrial.Build(t, spec.Image{Context: filepath.Join(dir, "ctx"), Dockerfile: filepath.Join(dir, "elsewhere", "my.Dockerfile"),
			Target: target, Args: map[string]string{"BASE": img.Ref, "GREETING": "hi = ho"}})
		c := seatrial.Run(t, spec.Container{Image: built.Ref, Command: []string{"-serve", ":80"}, Ports: []int{80}, Ready: wait.HTTP(80, "/health")})
		if got := get(t, c.URL(t, 80)+"/env?GREETING"); got != want {
			t.Errorf("target %q: GREETING = %q, want %q", target, got, want)
		}
	}
}

func TestBuildWithoutContextSendsNothing(t *testing.T) {
	enginetest.Need(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY . /all\nENV A=1\n")
	t.Chdir(dir)
	seatrial.Build(t, spec.Image{}) // COPY of an empty context is no error
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n")
	mustFail(t, "Dockerfile", func(t seatrial.T) { seatrial.Build(t, spec.Image{}) })
}

func TestBuildFails(t *testing.T) {
	enginetest.Need(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY missing.txt /\n")
	writeFile(t, filepath.Join(dir, "file"), "")
	tests := []struct {
		about, want string
		spec        spec.Image
	}{
		{"file missing", `"/missing.txt": not found`, spec.Image{Context: dir}},
		{"context missing", "building an image: Context: stat", spec.Image{Context: filepath.Join(dir, "none")}},
		{"context is a file", "is not a directory", spec.Image{Context: filepath.Join(dir, "file")}},
		{"Dockerfile missing", "Dockerfile: stat", spec.Image{Context: dir, Dockerfile: "Dockerfile.none"}},
		{"unknown target", "nowhere", spec.Image{Context: dir, Target: "nowhere"}},
		{"bad argument", `Args: "A=B" is no name`, spec.Image{Context: dir, Args: map[string]string{"A=B": ""}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			mustFail(t, test.want, func(t seatrial.T) { seatrial.Build(t, test.spec) })
		})
	}
}
