// SPDX-License-Identifier: Apache-2.0

package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/buildlog"
)

// If BuildKit does not find a file, the error says whether it does not exist, or which line
// of an ignore file excludes it; that file is kept.
func TestFailedByIgnoreFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	in := &input{name: "shop", context: dir, ignoreName: filepath.Join(dir, ".dockerignore"), ignore: []byte("*.md\n*.json\n")}
	for missing, want := range map[string]string{
		"app.json":  "app.json is hidden by .dockerignore:2 (*.json)",
		"none.json": " in " + dir,
	} {
		if got := in.why(&buildlog.Failure{Missing: missing}); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q at the end", missing, got, want)
		}
	}
	to := artifact.Use(t.TempDir())
	if err := in.evidence(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(filepath.Join(to.Path(), "build-shop.dockerignore")); string(kept) != string(in.ignore) {
		t.Errorf("kept = %q, %v", kept, err)
	}
}
