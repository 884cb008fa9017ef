// SPDX-License-Identifier: Apache-2.0

package image

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/spec"
)

// A context that is not there is one mistake, though its Dockerfile is not there, either.
func TestInputWithoutContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for context, want := range map[string]bool{dir: true, filepath.Join(dir, "nowhere"): false} {
		_, err := readInput(spec.Image{Context: context})
		if err == nil || strings.Contains(err.Error(), "Dockerfile: ") != want || strings.Contains(err.Error(), "Context: ") == want {
			t.Errorf("%s: %v", context, err)
		}
	}
}

// Changes during a build are noticed, also in added files.
func TestInputChanged(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, more := t.TempDir(), t.TempDir()
	put := func(file, content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(dir, "Dockerfile"), "FROM scratch\n")
	put(filepath.Join(dir, "a"), "one")
	put(filepath.Join(more, "b"), "one")
	in, err := readInput(spec.Image{Context: dir, Files: []string{more}})
	if err != nil {
		t.Fatal(err)
	}
	in.settings = dockerfile.Settings{Platform: "linux/amd64", Builder: "linux/amd64"}
	if err := in.read(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, unstage, err := in.prepare(t.TempDir(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	unstage()
	check := func(want string) {
		t.Helper()
		if got, err := in.changed(began); got != want || err != nil {
			t.Errorf("changed = %q, %v, want %q", got, err, want)
		}
	}
	check("")
	put(filepath.Join(more, "b"), "two")
	check(filepath.Base(more) + "/b")
	put(filepath.Join(dir, "a"), "two")
	check("a")

	if err := os.Remove(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	if _, _, err := in.prepare(scratch, t.Logf); err == nil {
		t.Error("what is gone is built from")
	}
	if left, err := os.ReadDir(scratch); len(left) > 0 || err != nil {
		t.Errorf("left %v, %v, want nothing", left, err)
	}
}

// The modification time of a Dockerfile that is written for a build is derived from its
// content.
func TestWriteDated(t *testing.T) {
	times := map[string]time.Time{}
	for _, content := range []string{"FROM a\n", "FROM b\n", "FROM a\n"} {
		file := filepath.Join(t.TempDir(), "Dockerfile")
		if err := writeDated(file, []byte(content)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := times[content]; ok && !before.Equal(info.ModTime()) {
			t.Errorf("the same content has the times %v and %v", before, info.ModTime())
		}
		times[content] = info.ModTime()
	}
	if times["FROM a\n"].Equal(times["FROM b\n"]) {
		t.Errorf("other content of one size has the same time, %v", times["FROM a\n"])
	}
}

// The content of a remote context is not known, so its image is not reused.
func TestIsFound(t *testing.T) {
	t.Parallel()
	for about, test := range map[string]struct {
		in   input
		want bool
	}{
		"a context":            {input{context: "/x"}, true},
		"no cache":             {input{spec: spec.Image{NoCache: true}}, false},
		"a context elsewhere":  {*remoteInput(spec.Image{Context: "https://example.com/a.git"}, "a"), false},
		"further contexts":     {input{contexts: []namedContext{{name: "a", from: "/a"}, {name: "b", from: "docker-image://b"}}}, true},
		"a further, elsewhere": {input{contexts: []namedContext{{name: "a", from: "/a"}, {name: "b", from: "https://example.com/a.git"}}}, false},
	} {
		if got := test.in.isFound(); got != test.want {
			t.Errorf("%s: isFound() = %t, want %t", about, got, test.want)
		}
	}
}

func TestBuildName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ context, file, target, want string }{
		{"/src/api", "/src/api/Dockerfile", "", "api"},
		{"/src/api", "/src/api/Dockerfile.dev", "test", "api-dev-test"},
		{"", "/src/api/Dockerfile", "", "api"},
		{"/tmp/TestOrders12/001", "/tmp/TestOrders12/001/Dockerfile", "", "testorders12-001"}, // of testing.T.TempDir
		{"/tmp/TestOrders12/002", "/tmp/TestOrders12/002/Dockerfile", "", "testorders12-002"},
		{"/1/2", "/1/2/Dockerfile", "", "1-2"},
		{"/", "/Dockerfile", "", "image"},
	} {
		if got := buildName(tt.context, tt.file, tt.target); got != tt.want {
			t.Errorf("buildName(%q, %q, %q) = %q, want %q", tt.context, tt.file, tt.target, got, tt.want)
		}
	}
}

// The secrets of a build are hidden, whether the test has them or a file.
func TestHideSecrets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("of a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := &input{spec: spec.Image{Secrets: map[string]spec.BuildSecret{"a": {Value: "of the test"}, "b": {File: file}, "c": {Value: "another"}}}}
	var wrong report.Problems
	var hidden []string
	if in.readSecrets(&wrong); wrong != nil {
		t.Fatal(wrong)
	}
	err := in.hideSecrets(func(all ...string) { hidden = append(hidden, all...) })
	if want := []string{"of the test", "of a file\n", "another"}; err != nil || !slices.Equal(hidden, want) {
		t.Errorf("hidden are %q, %v, want %q", hidden, err, want)
	}
}
