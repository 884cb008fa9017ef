// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the pages that tests make")

// A promise is one sentence of the contract, and the tests that fail if it is broken: a
// directory and a test ("tailor TestCases"), the root's without a directory, a subtest or a
// file of testdata behind a slash. What no test here can show says why.
type promise struct {
	says  string
	tests []string
	not   string
}

// row is a row of the contract: what people can do, by a number that stays.
type row struct {
	id, about string
	promises  []promise
}

// Every promise is held by tests that are there, under the number of its row, and
// docs/contract.md is this table. That the tests hold what is said of them is for readers.
func TestContract(t *testing.T) {
	t.Parallel()
	tests := testsByDirectory(t)
	seen := map[string]bool{}
	for _, part := range contract {
		for _, r := range part.rows {
			if seen[r.id] {
				t.Errorf("%s stands there twice", r.id)
			}
			seen[r.id] = true
			t.Run(r.id, func(t *testing.T) {
				for _, p := range r.promises {
					if len(p.tests) == 0 && p.not == "" {
						t.Errorf("%q: no test, and no word why", p.says)
					}
					for _, name := range p.tests {
						if why := tests.lacks(name); why != "" {
							t.Errorf("%q: %s: %s", p.says, name, why)
						}
					}
				}
			})
		}
	}
	for prefix, n := range map[string]int{"I": 6, "C": 11, "S": 5, "T": 10, "W": 6, "U": 4} {
		for i := range n {
			if id := prefix + strconv.Itoa(i+1); !seen[id] {
				t.Errorf("row %s is missing", id)
			}
		}
	}
	const name = root + "/docs/contract.md"
	page, want := "", contractPage()
	if content, err := os.ReadFile(name); err == nil {
		page = string(content)
	}
	if *update && page != want {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("docs/contract.md is not what the table says; go test ./internal/docs -run TestContract -update writes it (-want +got):\n%s", diff)
	}
}

// directoryTests are the tests of a directory, and the texts in them by which subtests may
// be called.
type directoryTests struct{ tests, words map[string]bool }

type allTests map[string]directoryTests

// lacks says what of a test is not there.
func (all allTests) lacks(name string) string {
	dir, test, _ := strings.Cut(name, " ")
	if strings.HasPrefix(name, "Test") {
		dir, test = ".", name
	}
	test, sub, _ := strings.Cut(test, "/")
	in, ok := all[dir]
	switch {
	case !ok:
		return "there are no tests in " + dir
	case !in.tests[test]:
		return "there is no " + test
	case sub == "" || in.words[sub] || in.words[strings.ReplaceAll(sub, "_", " ")]:
		return ""
	}
	for _, pattern := range []string{"testdata/" + sub + ".txtar", "testdata/*/" + sub + ".txtar"} {
		if files, _ := filepath.Glob(filepath.Join(root, dir, pattern)); len(files) > 0 {
			return ""
		}
	}
	return test + " has no " + sub
}

func testsByDirectory(t *testing.T) allTests {
	t.Helper()
	files, err := filepath.Glob(root + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, depth := range []string{"*", "*/*", "*/*/*"} {
		more, err := filepath.Glob(filepath.Join(root, depth, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	all := allTests{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.ToSlash(dir)
		if all[dir].tests == nil {
			all[dir] = directoryTests{map[string]bool{}, map[string]bool{}}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && (strings.HasPrefix(n.Name.Name, "Test") || strings.HasPrefix(n.Name.Name, "Fuzz")) {
					all[dir].tests[n.Name.Name] = true
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					all[dir].words[text] = true
				}
			}
			return true
		})
	}
	return all
}

// contractPage is docs/contract.md.
func contractPage() string {
	var b strings.Builder
	b.WriteString(`# What is promised, and which tests hold it

Each row is something that people can do, with a number that does not change; each line below it is one promise, with the tests
that fail if it is broken. The table is a Go test (` + "`internal/docs/contract_test.go`" + `), which writes this page, and fails if a
test that is named here does not exist. Most of the tests need an engine: ` + "`make test`" + ` has one, and
` + "`make test PKG=./swarmtest RUN='TestServices/scenario'`" + ` runs one of them. Tests without a directory are those of the root
package; what follows a slash is a part of the test, often a file below ` + "`testdata`" + `.
`)
	var gaps []string
	for _, part := range contract {
		fmt.Fprintf(&b, "\n## %s\n\n| | promise | tests |\n|---|---|---|\n", part.title)
		for _, r := range part.rows {
			fmt.Fprintf(&b, "| **%s** | **%s** | |\n", r.id, r.about)
			for _, p := range r.promises {
				var names []string
				for _, name := range p.tests {
					names = append(names, "`"+name+"`")
				}
				if p.not != "" {
					names = append(names, "see below")
					gaps = append(gaps, fmt.Sprintf("| %s | %s | %s |", r.id, p.says, p.not))
				}
				fmt.Fprintf(&b, "| | %s | %s |\n", p.says, strings.Join(names, ", "))
			}
		}
	}
	b.WriteString("\n## What cannot be shown here, and why\n\n| | promise | why |\n|---|---|---|\n")
	b.WriteString(strings.Join(slices.Compact(gaps), "\n") + "\n")
	return b.String()
}
