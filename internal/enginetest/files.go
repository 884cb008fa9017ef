// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"os"
	"path/filepath"
	"strings"
)

// WriteFile writes a file, and makes the directories that it needs.
func WriteFile(t TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// NewContext makes a directory with a Dockerfile and files.
func NewContext(t TB, dockerfile string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "built")
	WriteFile(t, filepath.Join(dir, "Dockerfile"), dockerfile)
	for name, content := range files {
		WriteFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

// ImageNames lists the names of built images that begin so.
func ImageNames(t TB, prefix string) []string {
	t.Helper()
	return strings.Fields(Docker(t, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference="+prefix+"*"))
}
