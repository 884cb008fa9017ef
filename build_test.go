// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/buildcontext"
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

// A built image has its own name and one with the day of its use; one built without
// the cache keeps no name.
func TestBuildLeavesNoOtherNames(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.NewContext(t, "FROM scratch\nCOPY step /\nENV NEW="+seatrial.Name(t, "")+"\n", map[string]string{"step": seatrial.Name(t, "")})
	img := seatrial.Build(t, spec.Image{Context: dir})
	if got, want := enginetest.ImageNames(t, img.Ref), []string{img.Ref + "-used-" + time.Now().UTC().Format("20060102"), img.Ref}; !cmp.Equal(got, want, cmpopts.SortSlices(strings.Compare)) {
		t.Errorf("names = %q, want %q", got, want)
	}
	var fresh *seatrial.Image
	t.Run("NoCache", func(t *testing.T) {
		fresh = seatrial.Build(t, spec.Image{Context: dir, NoCache: true})
		seatrial.RunToEnd(t, spec.Container{Image: seatrial.Build(t, spec.Image{Context: enginetest.ProbeContext(t), NoCache: true}).Ref})
		logs, err := filepath.Glob(filepath.Join(seatrial.Artifacts(t), "build-*.log"))
		if err != nil || len(logs) != 2 {
			t.Fatalf("there are the logs %q, %v", logs, err)
		}
		for _, log := range logs {
			if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "CACHED") {
				t.Errorf("%s: %v; without the cache it is\n%s", log, err, text)
			}
		}
	})
	if left := enginetest.ImageNames(t, fresh.Ref); len(left) > 0 {
		t.Errorf("after a build without the cache, there are %q", left)
	}
}

func TestBuildArgsTargetAndDockerfileElsewhere(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "ctx", "a.txt"), "x")
	enginetest.WriteFile(t, filepath.Join(dir, "elsewhere", "my.Dockerfile"), `ARG BASE
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
		if got := enginetest.Get(t, c.URL(t, 80)+"/env?GREETING"); got != want {
			t.Errorf("target %q: GREETING = %q, want %q", target, got, want)
		}
	}
}

func TestBuildWithoutContextSendsNothing(t *testing.T) {
	enginetest.Need(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY . /all\nENV A=1\n")
	t.Chdir(dir)
	seatrial.Build(t, spec.Image{}) // copying from an empty context is no error
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n")
	mustFail(t, "Dockerfile", func(t seatrial.T) { seatrial.Build(t, spec.Image{}) })
}

// The first line of a failure names the bad input. Nothing is left on the engine,
// and the user's files are unchanged.
func TestBuildFails(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	outside := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(outside, "secret"), "x")
	dir := enginetest.NewContext(t, "ARG GREETING\nFROM scratch AS one\nFROM scratch AS two\nCOPY missing.txt /\n", map[string]string{
		"file": "", "broken": "FROM scratch\nCOPPY a /\n", "links": "FROM scratch\nCOPY data/secret /\n", "more/file": "", "empty": "",
		"running": "FROM " + probe(t).Ref + "\nRUN [\"/probe\", \"-print\", \"no disk\", \"-exit\", \"3\"]\n", "slow": "FROM " + probe(t).Ref + "\nRUN [\"/probe\", \"-after\", \"20s\"]\n", "nothing": "ARG BASE\nFROM $BASE\n",
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
		{"Dockerfile empty", "/empty:1: file with no instructions", spec.Image{Context: dir, Dockerfile: "empty"}},
		{"Dockerfile broken", "/broken:2: unknown instruction: COPPY", spec.Image{Context: dir, Dockerfile: "broken"}},
		{"FROM nothing", "/nothing:2: FROM $BASE names nothing", spec.Image{Context: dir, Dockerfile: "nothing"}},
		{"added file without a name", "Files: one has no name", spec.Image{Context: dir, Files: []string{""}}},
		{"secret's file is a directory", `Secrets: "key": ` + dir + " is a directory", spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {File: dir}}}},
		{"secret without anything", `Secrets: "key" has neither File nor Value`, spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{"key": {}}}},
		{"two platforms", `Platform: "linux/amd64,linux/arm64" is not one platform`, spec.Image{Context: dir, Platform: "linux/amd64,linux/arm64"}},
		{"no platform", `Platform: "a/b/c/d": `, spec.Image{Context: dir, Platform: "a/b/c/d"}},
		{"target by number", `Target: it has no stage "1"; it has: one, two`, spec.Image{Context: dir, Target: "1"}},
		{"a step fails", `/running:2: RUN ["/probe", "-print", "no disk", "-exit", "3"]: exit code 3: no disk`, spec.Image{Context: dir, Dockerfile: "running"}},
		{"unknown target", `Target: it has no stage "nowhere"; it has: one, two`, spec.Image{Context: dir, Target: "nowhere"}},
		{"bad argument", `Args: "A=B" is not a name`, spec.Image{Context: dir, Args: map[string]string{"A=B": ""}}},
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
	mustFailIn(t, 30*time.Second, "within 2s", func(t seatrial.T) {
		seatrial.Build(t, spec.Image{Context: dir, Dockerfile: "slow", TimeLimit: 2 * time.Second})
	})
	if r := mustFail(t, "", func(t seatrial.T) { seatrial.Build(t, spec.Image{Context: dir, Dockerfile: "running"}) }); !strings.Contains(r.Errors(), "no disk\n") || !strings.Contains(r.Errors(), "the whole log: ") {
		t.Errorf("a step that fails is told as\n%s\nwant its output, and where the log is", r.Errors())
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("the tester's files are now\n%s\nbefore they were\n%s", after, before)
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// Added files are in the context even if the ignore file excludes them, and replace
// files of the same name. The user's files are unchanged.
func TestBuildAddsFiles(t *testing.T) {
	t.Parallel()
	base := probe(t)
	dir := enginetest.NewContext(t, "FROM "+base.Ref+"\nCOPY . /all\n", map[string]string{
		"a.txt": "shipped", "conf/one": "shipped", "conf/two": "shipped", "skip.log": "x", ".dockerignore": "*.log\nextra.txt\nconf/two\n",
	})
	more := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(more, "extra.txt"), "added")
	enginetest.WriteFile(t, filepath.Join(more, "conf", "one"), "added")
	enginetest.WriteFile(t, filepath.Join(more, "conf", "three"), "added")
	enginetest.WriteFile(t, filepath.Join(more, "a.txt"), "added")
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

// The files that go into the key are those that BuildKit takes from the context.
func TestBuildReadsIgnoreFilesAsBuildKitDoes(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	files := map[string]string{
		"a": "x", "a.log": "x", "b/c": "x", "b/d/e": "x", "b/d/f.log": "x", "node_modules/m/i": "x", "B": "x", "with space": "x", "é": "x", "deep/1/2/3/x": "x",
	}
	ignores := []string{
		"", "*", "*.log", "**/*.log", "b", "b/", "/b/d", "./b/d\n", "*\n!b/d/e", "*\n!b", "b/*\n!b/d\nb/d/f.log", "**/d\n!**/e", "!a\n*.log\n!a.log",
		"# comment\n\n  a  \nb/?\n", "[ab]\n", "deep/**/3", "**\n!**/x", "node_modules\n!node_modules/m/i", "with space\né", "..\n../x", ".", "a/../b/c",
	}
	// One command builds all targets.
	type target struct {
		Context string   `json:"context"`
		Output  []string `json:"output"`
	}
	all := t.TempDir()
	targets, names := map[string]target{}, []string{}
	for i, ignore := range ignores {
		name := fmt.Sprintf("t%d", i)
		for file, content := range files {
			enginetest.WriteFile(t, filepath.Join(all, name, file), content)
		}
		enginetest.WriteFile(t, filepath.Join(all, name, "Dockerfile"), "FROM scratch\nCOPY . /\n")
		enginetest.WriteFile(t, filepath.Join(all, name, "Dockerfile.dockerignore"), ignore)
		targets[name], names = target{name, []string{"type=local,dest=" + name + ".out"}}, append(names, name)
	}
	bake, err := json.Marshal(map[string]any{"target": targets})
	if err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(all, "bake.json"), string(bake))
	cmd := exec.Command("docker", append([]string{"buildx", "bake", "--file", "bake.json"}, names...)...)
	cmd.Dir = all
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker buildx bake: %v\n%s", err, out)
	}
	paths := func(dir string, ignore string) (all []string) {
		t.Helper()
		parsed, err := buildcontext.Patterns([]byte(ignore))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := buildcontext.Read(dir, parsed, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Path)
		}
		return all
	}
	for i, ignore := range ignores {
		want, got := paths(filepath.Join(all, names[i]), ignore), paths(filepath.Join(all, names[i]+".out"), "")
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("with %q, BuildKit takes\n%s\nwe read\n%s", ignore, got, want)
		}
	}
}

// The build gets its secrets, and nothing else contains them.
func TestBuildSecrets(t *testing.T) {
	t.Parallel()
	base := probe(t)
	value := seatrial.Name(t, "secret")
	dir := enginetest.NewContext(t, "FROM "+base.Ref+"\nRUN --mount=type=secret,id=one --mount=type=secret,id=two,target=/two [\"/probe\", \"-print\", \""+seatrial.Name(t, "")+"\", \"-exists\", \"/run/secrets/one\"]\n"+
		"RUN --mount=type=secret,id=two,target=/two [\"/probe\", \"-copy\", \"/two=/copied\"]\n", nil)
	file := filepath.Join(t.TempDir(), "with, comma")
	enginetest.WriteFile(t, file, "from a file")
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
	if history := enginetest.Docker(t, "image", "history", "--no-trunc", img.Ref); strings.Contains(history, value) {
		t.Errorf("the secret is in the image's history:\n%s", history)
	}
}

func TestBuildForAPlatform(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.NewContext(t, "FROM scratch\nARG TARGETARCH\nENV FOR=$TARGETARCH\n", nil)
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

// BenchmarkBuildUnchanged compares an unchanged build of 20,000 files, 1 GiB in
// all, with docker build of the same files, in turns:
//
//	go test -run '^$' -bench BuildUnchanged -benchtime 10x .
func BenchmarkBuildUnchanged(b *testing.B) {
	enginetest.Need(b)
	dir := filepath.Join(b.TempDir(), "large")
	content := make([]byte, 1<<30/20000)
	random := rand.NewChaCha8([32]byte{})
	for i := range 20000 {
		_, _ = random.Read(content)
		name := filepath.Join(dir, fmt.Sprintf("%03d", i/100), fmt.Sprintf("%02d", i%100))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = os.WriteFile(name, content, 0o644)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY . /\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	tag := seatrial.BlankImage(b, "large")
	docker := func() {
		if out, err := exec.Command("docker", "build", "--quiet", "--tag", tag.Ref, dir).CombinedOutput(); err != nil {
			b.Fatalf("docker build: %v\n%s", err, out)
		}
	}
	ours := func() { seatrial.Build(b, spec.Image{Context: dir}) }
	timed := func(do func()) time.Duration {
		began := time.Now()
		do()
		return time.Since(began)
	}
	docker()
	ours()
	ours() // the first build does not remember files that were written just before it
	var theirs, mine []time.Duration
	for b.Loop() {
		theirs, mine = append(theirs, timed(docker)), append(mine, timed(ours))
	}
	slices.Sort(theirs)
	slices.Sort(mine)
	their, my := theirs[len(theirs)/2], mine[len(mine)/2]
	b.ReportMetric(float64(their.Microseconds())/1000, "docker-ms")
	b.ReportMetric(float64(my.Microseconds())/1000, "seatrial-ms")
	b.ReportMetric(float64(my)/float64(their), "ratio")
	b.ReportMetric(0, "ns/op")
}

// A blank image belongs to the test, whoever builds it.
func TestBlankImage(t *testing.T) {
	t.Parallel()
	base := probe(t)
	var blank *seatrial.Image
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		blank = seatrial.BlankImage(r, "My App")
		seatrial.BlankImage(r, "never built")
		cmd := exec.Command("docker", "build", "--quiet", "--tag", blank.Ref, "-")
		cmd.Stdin = strings.NewReader("FROM " + base.Ref + "\nENV A=1\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			r.Errorf("docker build: %v\n%s", err, out)
		}
		seatrial.RunToEnd(r, spec.Container{Image: blank.Ref, Command: []string{"-print", "hello"}})
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if !strings.HasPrefix(blank.Ref, "localhost/seatrial/my-app:") {
		t.Errorf("Ref = %q, want one that can be read", blank.Ref)
	}
	if left := enginetest.ImageNames(t, blank.Ref); len(left) > 0 {
		t.Errorf("after the test, there is %q", left)
	}
}
