// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// ArtifactsOf returns the artifact directory of a recorded test that failed. It goes with t.
func ArtifactsOf(t TB, r *Recorder) string {
	t.Helper()
	_, dir, ok := strings.Cut(r.Logs(), "artifacts: ")
	if !ok {
		t.Fatalf("a failed test does not say where its artifacts are:\n%s\n%s", r.Errors(), r.Logs())
	}
	dir, _, _ = strings.Cut(dir, "\n")
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Leaks says where in a directory a value stands that should not: as it is, or as JSON, Go,
// URLs and base64 have it. Files for which allowed is true may have it.
func Leaks(t TB, dir, value string, allowed func(name string) bool) []string {
	t.Helper()
	quoted, _ := json.Marshal(value) // a string
	forms := []string{
		value, html.EscapeString(value), strings.Trim(string(quoted), `"`), strings.Trim(fmt.Sprintf("%q", value), `"`), url.QueryEscape(value), url.PathEscape(value),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(value)), "="), strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(value+"\n")), "="),
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	var leaks []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || allowed(entry.Name()) {
			return err
		}
		content, err := os.ReadFile(path)
		for _, form := range forms {
			if at := strings.Index(string(content), form); at >= 0 {
				leaks = append(leaks, fmt.Sprintf("%s has %q in %q", entry.Name(), form, content[max(0, at-60):min(len(content), at+len(form)+20)]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return leaks
}

// listing is held by who reads or writes the table of docs/failures.md.
var listing sync.Mutex

// Listed compares what a failure of a verb left, and its first line, with the row that
// docs/failures.md has for it. Rename says what the names of this run are called there. With
// update it writes the row.
func Listed(t TB, verb, first, dir string, rename *strings.Replacer, update bool) (difference string) {
	t.Helper()
	listing.Lock()
	defer listing.Unlock()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, ".") || strings.Contains(name, "~") { // a mark of ours; one more of a name
			continue
		}
		names = append(names, "`"+rename.Replace(entry.Name())+"`")
	}
	slices.Sort(names)
	first, _, _ = strings.Cut(rename.Replace(first), "\n")
	begin := "| " + verb + " | "
	row := begin + "`" + strings.ReplaceAll(first, "|", "\\|") + "` | " + strings.Join(names, ", ") + " |"

	_, here, _, _ := runtime.Caller(0)
	page := filepath.Join(filepath.Dir(here), "../../docs/failures.md")
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(content), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, begin) })
	if at < 0 {
		t.Fatalf("docs/failures.md has no row for %s", verb)
	}
	if lines[at] == row {
		return ""
	}
	if !update {
		return fmt.Sprintf("docs/failures.md has\n%s\nand there is\n%s\nhint: go test -run %s -update", lines[at], row, "'this test'")
	}
	lines[at] = row
	if err := os.WriteFile(page, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	return ""
}
