// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestBuildTwiceGivesOneImage(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	same := spec.Image{Context: enginetest.ProbeContext(t)}
	a, b := seatrial.Build(t, same), seatrial.Build(t, same)
	if a.Ref != b.Ref || a.ID != b.ID {
		t.Errorf("two builds of one thing gave %s and %s, want one", a, b)
	}
	if !strings.HasPrefix(a.Ref, "localhost/seatrial/") {
		t.Errorf("Ref = %q, want one below localhost/seatrial/", a.Ref)
	}
}

// names lists the names of built images that begin so.
func names(t *testing.T, prefix string) []string {
	t.Helper()
	return strings.Fields(enginetest.Docker(t, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference="+prefix+"*"))
}

// A built image has its own name and one that tells the day; one that was built
// without the cache has none that stays.
func TestBuildLeavesNoOtherNames(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := newContext(t, "FROM scratch\nENV NEW="+seatrial.Name(t, "")+"\n", nil)
	img := seatrial.Build(t, spec.Image{Context: dir})
	if got, want := names(t, img.Ref), []string{img.Ref + "-used-" + time.Now().UTC().Format("20060102"), img.Ref}; !cmp.Equal(got, want, cmpopts.SortSlices(strings.Compare)) {
		t.Errorf("names = %q, want %q", got, want)
	}
	var fresh *seatrial.Image
	t.Run("NoCache", func(t *testing.T) {
		fresh = seatrial.Build(t, spec.Image{Context: dir, NoCache: true})
		seatrial.RunToEnd(t, spec.Container{Image: seatrial.Build(t, spec.Image{Context: enginetest.ProbeContext(t), NoCache: true}).Ref})
	})
	if left := names(t, fresh.Ref); len(left) > 0 {
		t.Errorf("after a build without the cache, there are %q", left)
	}
}

func TestBuildArgsTargetAndDockerfileElsewhere(t *testing.T) {
	t.Parallel()
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

// Bad input is named in the first line. Nothing of it is left on the engine, and
// the tester's files are as they were.
func TestBuildFails(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	outside := t.TempDir()
	writeFile(t, filepath.Join(outside, "secret"), "x")
	dir := newContext(t, "ARG GREETING\nFROM scratch AS one\nFROM scratch AS two\nCOPY missing.txt /\n", map[string]string{
		"file": "", "broken": "FROM scratch\nCOPPY a /\n", "links": "FROM scratch\nCOPY data/secret /\n", "more/file": "", "empty": "",
		"running": "FROM " + probe(t).Ref + "\nRUN [\"/probe\", \"-print\", \"no disk\", \"-exit\", \"3\"]\n", "nothing": "ARG BASE\nFROM $BASE\n",
	})
	if err := os.Symlink(outside, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	tests := []struct {
		about, want string
		spec        spec.Image
	}{
		{"file missing", "/Dockerfile:4: COPY missing.txt /: \"/missing.txt\": not found in " + dir, spec.Image{Context: dir}},
		{"context missing", "building an image: Context: stat " + dir + "/none: no such file", spec.Image{Context: filepath.Join(dir, "none")}},
		{"context is a file", "Context: " + dir + "/file is not a directory", spec.Image{Context: filepath.Join(dir, "file")}},
		{"Dockerfile missing", "Dockerfile: stat " + dir + "/Dockerfile.none: no such file", spec.Image{Context: dir, Dockerfile: "Dockerfile.none"}},
		{"Dockerfile is a directory", "Dockerfile: " + dir + "/more is a directory", spec.Image{Context: dir, Dockerfile: "more"}},
		{"Dockerfile empty", "/empty: line 1: file with no instructions", spec.Image{Context: dir, Dockerfile: "empty"}},
		{"Dockerfile broken", "/broken: line 2: unknown instruction: COPPY", spec.Image{Context: dir, Dockerfile: "broken"}},
		{"FROM nothing", "/nothing: line 2: FROM $BASE names nothing", spec.Image{Context: dir, Dockerfile: "nothing"}},
		{"added file without a name", "Files: one has no name", spec.Image{Context: dir, Files: []string{""}}},
		{"secret's file is a directory", `Secrets: "key": ` + dir + " is a directory", spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {File: dir}}}},
		{"secret without anything", `Secrets: "key" has neither File nor Value`, spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {}}}},
		{"two platforms", `Platform: "linux/amd64,linux/arm64" is not one platform`, spec.Image{Context: dir, Platform: "linux/amd64,linux/arm64"}},
		{"no platform", `Platform: "a/b/c/d": `, spec.Image{Context: dir, Platform: "a/b/c/d"}},
		{"target by number", `Target: it has no stage "1"; it has: one, two`, spec.Image{Context: dir, Target: "1"}},
		{"a step fails", `/running:2: RUN ["/probe", "-print", "no disk", "-exit", "3"]: exit code 3: no disk`, spec.Image{Context: dir, Dockerfile: "running"}},
		{"unknown target", `Target: it has no stage "nowhere"; it has: one, two`, spec.Image{Context: dir, Target: "nowhere"}},
		{"bad argument", `Args: "A=B" is no name`, spec.Image{Context: dir, Args: map[string]string{"A=B": ""}}},
		{"argument that nobody uses", "Args: it has no ARG NOBODY; it has: GREETING", spec.Image{Context: dir, Args: map[string]string{"NOBODY": "x"}}},
		{"image that it does not name", "Images: it does not build on debian: it builds on no image", spec.Image{Context: dir, Images: map[string]string{"debian": "x"}}},
		{"secret's file missing", `Secrets: "key": stat ` + dir + "/none: no such file", spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {File: filepath.Join(dir, "none")}}}},
		{"secret twice", `Secrets: "key" has both File and Value`, spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {File: "x", Value: "y"}}}},
		{"one name twice", `Files: "file" and "more/file" are both called file`, spec.Image{Context: dir, Files: []string{"file", "more/file"}}},
		{"added file missing", "Files: stat " + dir + "/none: no such file", spec.Image{Context: dir, Files: []string{"none"}}},
		{"a link leads out", "/links:2: it copies data, which leads out of the context, to " + outside, spec.Image{Context: dir, Dockerfile: "links"}},
		{"image of another engine", `image "localhost/seatrial/x:1" comes from no registry`, spec.Image{Context: dir, Args: map[string]string{"GREETING": "localhost/seatrial/x:1"}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			r := mustFail(t, test.want, func(t seatrial.T) { seatrial.Build(t, test.spec) })
			line, _, _ := strings.Cut(r.Errors(), "\n")
			t.Log(line)
		})
	}
	if r := mustFail(t, "", func(t seatrial.T) { seatrial.Build(t, spec.Image{Context: dir, Dockerfile: "running"}) }); !strings.Contains(r.Errors(), "no disk\n") || !strings.Contains(r.Errors(), "the whole log: ") {
		t.Errorf("a step that fails is told as\n%s\nwant its output, and where the log is", r.Errors())
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("the tester's files are now\n%s\nbefore they were\n%s", after, before)
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left are\n%s", left)
	}
}

// newContext makes a directory with a Dockerfile and files.
func newContext(t *testing.T, dockerfile string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "built")
	writeFile(t, filepath.Join(dir, "Dockerfile"), dockerfile)
	for name, content := range files {
		writeFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

// snapshot lists what is in a directory, with everything that a careless build
// might change.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		fmt.Fprintf(&b, "%s %v %d %v %x\n", path, info.Mode(), info.Size(), info.ModTime(), sha256.Sum256(content))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
