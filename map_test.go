// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A package has its package comment in doc.go, or in its only file, and nowhere else.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "./...") {
		var said []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc != nil {
				said = append(said, name)
			}
			if file.Name.Name == "main" && name == "main.go" && file.Doc != nil {
				said[len(said)-1] = "doc.go"
			}
		}
		if !slices.Equal(said, []string{"doc.go"}) && (len(said) != 1 || len(p.GoFiles) != 1) {
			t.Errorf("%s: the package comment stands in %q, want it in doc.go", p.ImportPath, said)
		}
	}
}

// quoted matches a word in backticks.
var quoted = regexp.MustCompile("`([^` ]+)`")

// CONTRIBUTING.md has all packages on its map, and everything that it names exists.
func TestMap(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	var onMap []string
	isMap, isCode, behaviours := false, false, 0
	for line := range strings.Lines(string(content)) {
		switch {
		case strings.HasPrefix(line, "```"):
			isCode = !isCode
		case strings.HasPrefix(line, "| package |"):
			isMap = true
		case strings.HasPrefix(line, "| … |"):
			behaviours = -1 // do not count the line below the heading
		case !strings.HasPrefix(line, "|"):
			isMap = false
		case !isMap:
			behaviours++
		}
		if isCode {
			continue
		}
		if isMap {
			names, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
			dir := ""
			for _, m := range quoted.FindAllStringSubmatch(names, -1) {
				name := strings.TrimSuffix(m[1], "/")
				if dir != "" && !strings.Contains(name, "/") {
					name = dir + "/" + name
				}
				if strings.HasPrefix(name, "internal/") {
					dir = "internal"
				}
				onMap = append(onMap, name)
			}
		}
		dir := "."
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			name := m[1]
			if strings.HasPrefix(name, ".tools") || !strings.Contains(name, "/") && path.Ext(name) != ".go" {
				continue // made by make, or words of the language
			}
			at := name
			found, _ := filepath.Glob(at)
			if len(found) == 0 { // it may be beside the file that was named before
				at = path.Join(dir, name)
				found, _ = filepath.Glob(at)
			}
			if len(found) == 0 {
				t.Errorf("CONTRIBUTING.md names %s, which is not there", name)
				continue
			}
			if info, err := os.Stat(found[0]); err == nil && info.IsDir() {
				dir = at
			} else {
				dir = path.Dir(at)
			}
		}
	}
	if behaviours < 20 {
		t.Errorf("CONTRIBUTING.md says of %d behaviours where to look, want twenty at least", behaviours)
	}
	for _, p := range goList(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if p.ImportPath != module && !slices.ContainsFunc(onMap, func(one string) bool { return strings.HasPrefix(name+"/", one+"/") }) {
			t.Errorf("%s is not on the map in CONTRIBUTING.md", name)
		}
	}
}
