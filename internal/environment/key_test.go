// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// What goes into a shared project is part of its key, wherever it lies in the
// module, and nothing else is.
func TestSharedKey(t *testing.T) {
	enginetest.Need(t)
	dir := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		name = filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = os.WriteFile(name, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("go.mod", "module example.com/x\n")
	put("deploy/compose.yaml", `services:
  web:
    build: {context: .., dockerfile: deploy/Dockerfile, additional_contexts: {more: ../more}}
    environment: {WORD: "${WORD:-}"}
    env_file: [{path: some.env, required: false}]
    volumes: ["../conf:/conf:ro"]
`)
	put("deploy/Dockerfile", "FROM scratch\nCOPY app /\n")
	put(".dockerignore", "*\n!app\n")
	put("app", "1")
	put("more/file", "1")
	put("conf/file", "1")
	s := spec.Project{Files: []string{filepath.Join(dir, "deploy", "compose.yaml")}}
	sess, done, err := session.Open(t, session.Standard)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	key := func() string {
		t.Helper()
		k, _, err := keyOf(t.Context(), sess, "x", s, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		return string(k)
	}
	for _, c := range []struct {
		about   string
		do      func()
		differs bool
	}{
		{"nothing", func() {}, false},
		{"a time", func() { _ = os.Chtimes(filepath.Join(dir, "app"), time.Now(), time.Now().Add(-time.Hour)) }, false},
		{"what the ignore file leaves out", func() { put("cover.out", "2") }, false},
		{"a variable that nothing mentions", func() { t.Setenv("SEATRIAL_TEST_UNUSED", "2") }, false},
		{"a variable that the file has", func() { s.Env = map[string]string{"WORD": "2"} }, true},
		{"the context", func() { put("app", "2") }, true},
		{"another context", func() { put("more/file", "2") }, true},
		{"a mounted directory", func() { put("conf/file", "2") }, true},
		{"an env file that may be missing", func() { put("deploy/some.env", "A=2\n") }, true},
		{"the Dockerfile", func() { put("deploy/Dockerfile", "FROM scratch\nCOPY app /app\n") }, true},
		{"the file itself", func() {
			content, _ := os.ReadFile(s.Files[0])
			put("deploy/compose.yaml", string(content)+"# edited\n")
		}, true},
	} {
		before := key()
		c.do()
		if differs := key() != before; differs != c.differs {
			t.Errorf("%s: another key = %v, want %v", c.about, differs, c.differs)
		}
	}
}
