// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/seatrial/seatrial/spec"
)

// The golden tests for stacks: each archive in testdata/stack has its files, and
// below them what comes out. Its comment says what it is about, with the numbers
// of the cases, and may have a line that is the spec in JSON:
//
//	spec: {"Files": ["a.yaml"], "Env": {"TAG": "1"}}
//
// want.plan, want.document and want.error are the results, left out where empty;
// want.services, want.builds and want.more are compared where they stand.
func TestStackGolden(t *testing.T) {
	for name, archive := range stackArchives(t) {
		t.Run(name, func(t *testing.T) { stackGolden(t, name, archive) })
	}
}

func stackArchives(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob("testdata/stack/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".txtar")] = archive
	}
	return all
}

func stackGolden(t *testing.T, name string, archive *txtar.Archive) {
	testdata, err := filepath.Abs("testdata/stack")
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, archive)
	t.Chdir(dir)
	plan, err := Stack(context.Background(), stackSpec(t, archive), StackOptions{Base: map[string]string{"HOME": "/home/somebody"}})
	got := map[string]string{}
	if err != nil {
		got["want.error"] = err.Error() + "\n"
	}
	if plan != nil && err == nil {
		got["want.plan"], got["want.document"] = plan.Text(), string(plan.Document())
	}
	if plan != nil {
		got["want.services"], got["want.builds"] = services(&plan.Plan), indented(t, plan.Builds)
		got["want.more"] = indented(t, map[string]any{"leases": plan.Leases, "copies": plan.Copies, "networks": plan.Networks, "volumes": plan.Volumes})
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want.") {
			want[f.Name] = string(f.Data)
		}
	}
	var order []txtar.File
	for _, key := range []string{"want.plan", "want.document", "want.error", "want.services", "want.builds", "want.more"} {
		text := strings.ReplaceAll(got[key], dir, "$DIR")
		if _, asked := want[key]; !asked && slices.Contains([]string{"want.services", "want.builds", "want.more"}, key) {
			continue
		}
		if text != "" {
			order = append(order, txtar.File{Name: key, Data: []byte(text)})
		}
		if diff := cmp.Diff(want[key], text); diff != "" && !*update {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	if *update {
		archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "want.") })
		archive.Files = append(archive.Files, order...)
		if err := os.WriteFile(filepath.Join(testdata, name+".txtar"), txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

func stackSpec(t testing.TB, archive *txtar.Archive) spec.Stack {
	t.Helper()
	var s spec.Stack
	for line := range strings.Lines(string(archive.Comment)) {
		if text, ok := strings.CutPrefix(line, "spec: "); ok {
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.Files == nil {
		s.Files = []string{"stack.yaml"}
	}
	return s
}
