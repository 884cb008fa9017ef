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

// All files that were read are kept as they were: those that are named first, before what
// they include and extend, each once, without what the test replaced.
func TestShipped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string]string{
		"compose.yaml":  "include: [db.yaml]\nservices:\n  web: {image: hello, extends: {file: base.yaml, service: base}}\n  job: {image: hello, extends: {file: base.yaml, service: base}}\n",
		"override.yaml": "services:\n  web: {command: hello}\n",
		"db.yaml":       "services:\n  db: {image: db} # the database\n",
		"base.yaml":     "services:\n  base: {image: base}\n",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := Compose(context.Background(), spec.Project{Files: []string{dir + "/compose.yaml", dir + "/override.yaml"}, Replace: map[string]string{"hello": "bye"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []File
	for _, f := range plan.Shipped {
		got = append(got, File{strings.TrimPrefix(f.Name, dir+"/"), f.Content})
	}
	var want []File
	for _, name := range []string{"compose.yaml", "override.yaml", "db.yaml", "base.yaml"} {
		want = append(want, File{name, files[name]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	stack, err := Stack(context.Background(), spec.Stack{Files: []string{dir + "/db.yaml"}}, StackOptions{})
	if err != nil || len(stack.Shipped) != 1 || stack.Shipped[0].Content != files["db.yaml"] {
		t.Errorf("of a stack there are %v, %v", stack.Shipped, err)
	}
}
