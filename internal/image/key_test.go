// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// The key depends on every byte, mode bit, argument and base, also of further contexts, and on
// no time.
func TestKey(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	fake := enginetest.NewFake("docker", "1.47")
	has := func(ref, layer string) error {
		fake.Answer("/images/"+ref+"/json", map[string]any{"Id": "sha256:" + layer, "RootFS": map[string]any{"Type": "layers", "Layers": []string{layer}}})
		return nil
	}
	_, _ = has("acme/base:1", "one"), has("acme/other:1", "two")
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	sess := &session.Session{Engine: e}

	context := enginetest.NewContext(t, "ARG BASE=acme/base:1\nFROM ${BASE}\nARG GREETING\nCOPY a.txt b.txt /\n", map[string]string{
		"a.txt": "one", "b.txt": "two", "ignored/x": "y", ".dockerignore": "ignored\n",
	})
	path := func(name string) string { return filepath.Join(context, name) }
	write := func(name, content string) error { return os.WriteFile(path(name), []byte(content), 0o644) }
	touch := func(name string) error { return os.Chtimes(path(name), time.Time{}, time.Unix(1e9, 0)) }
	s := spec.Image{Context: context, Args: map[string]string{"GREETING": "hi"}}
	more := t.TempDir()
	writeMore := func(content string) error { return os.WriteFile(filepath.Join(more, "c.txt"), []byte(content), 0o644) }
	var further []namedContext
	key := func() []byte {
		t.Helper()
		asked := s
		asked.Args, asked.Images = maps.Clone(s.Args), maps.Clone(s.Images)
		in, err := readInput(asked)
		if err != nil {
			t.Fatal(err)
		}
		in.settings = dockerfile.Settings{Args: asked.Args, Platform: "linux/amd64", Builder: "linux/amd64"}
		in.contexts = slices.Clone(further)
		if err := in.read(); err != nil {
			t.Fatal(err)
		}
		sum, err := buildKey(t.Context(), sess, in)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	last := key()
	for _, change := range []struct {
		about string
		do    func() error
		same  bool
	}{
		{"nothing", func() error { return nil }, true},
		{"a time", func() error { return touch("a.txt") }, true},
		{"the Dockerfile's time", func() error { return touch("Dockerfile") }, true},
		{"an ignored file", func() error { return write("ignored/x", "z") }, true},
		{"a byte", func() error { return write("a.txt", "onE") }, false},
		{"a byte, at once", func() error { return write("a.txt", "oNe") }, false},
		{"a mode bit", func() error { return os.Chmod(path("a.txt"), 0o755) }, false},
		{"an argument", func() error { s.Args["GREETING"] = "ho"; return nil }, false},
		{"the base, by an argument", func() error { s.Args["BASE"] = "acme/other:1"; return nil }, false},
		{"the base, by Images", func() error {
			delete(s.Args, "BASE")
			s.Images = map[string]string{"acme/base:1": "acme/other:1"}
			return nil
		}, false},
		{"what the base's name means", func() error { return has("acme/other:1", "three") }, false},
		{"a comment in the Dockerfile", func() error {
			return write("Dockerfile", "ARG BASE=acme/base:1\nFROM ${BASE}\nARG GREETING\n# why\nCOPY a.txt b.txt /\n")
		}, false},
		{"a file that is added", func() error { s.Files = []string{"ignored/x"}; return nil }, false},
		{"the content of a file that is added", func() error { return write("ignored/x", "Z") }, false},
		{"a further context", func() error { further = []namedContext{{name: "more", from: more}}; return writeMore("three") }, false},
		{"nothing in it", func() error { return nil }, true},
		{"a byte of a file in it", func() error { return writeMore("threE") }, false},
		{"its name", func() error { further[0].name = "other"; return nil }, false},
		{"a further context that is an image", func() error {
			further = append(further, namedContext{name: "image", from: ContextImage + "acme/base:1"})
			return nil
		}, false},
		{"what that image's name means", func() error { return has("acme/base:1", "four") }, false},
	} {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		now := key()
		if bytes.Equal(now, last) != change.same {
			t.Errorf("after a change of %s, the key is the same: %v, want %v", change.about, !change.same, change.same)
		}
		last = now
	}
}
