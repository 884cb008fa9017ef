// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// What is no edit of the model is a change, too: text that was replaced, and what a
// Dockerfile is built on.
func TestDiffOfTextsAndDockerfiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"compose.yaml": "services:\n  web:\n    build: .\n    environment: {A: hello, B: hello}\n    command: hello\n",
		"Dockerfile":   "FROM base:1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		p          spec.Project
		plan, diff string
	}{
		{spec.Project{Replace: map[string]string{"hello": "bye"}},
			"compose.yaml:4 text \"hello\" → \"bye\", 3 times (as asked)\n",
			"@@ compose.yaml:4 @@\n-    environment: {A: hello, B: hello}\n+    environment: {A: bye, B: bye}\n@@ compose.yaml:5 @@\n-    command: hello\n+    command: bye\n"},
		{spec.Project{Replace: map[string]string{"    command: hello\n": ""}},
			"compose.yaml:5 text \"    command: hello\\n\" → \"\" (as asked)\n", "@@ compose.yaml:5 @@\n-    command: hello\n"},
		{spec.Project{Images: map[string]string{"base:1": "other:2"}},
			"compose.yaml:3 service web: Dockerfile:1 builds on base:1 → other:2 (as asked)\n", "@@ compose.yaml:3 service web: Dockerfile:1 @@\n-base:1\n+other:2\n"},
	} {
		test.p.Files = []string{filepath.Join(dir, "compose.yaml")}
		plan, err := Compose(context.Background(), test.p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := [2]string{strings.ReplaceAll(plan.Text(), dir+"/", ""), strings.ReplaceAll(plan.Diff(), dir+"/", "")}
		if diff := cmp.Diff([2]string{test.plan, test.diff}, got); diff != "" {
			t.Errorf("plan and diff (-want +got):\n%s", diff)
		}
	}
}
