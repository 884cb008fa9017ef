// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the root of the project, as seen from here.
const root = "../.."

// pages are the pages of the project, by their names below its root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".md"):
			return nil
		}
		content, err := os.ReadFile(path)
		all[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = string(content)
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("found %d pages, %v", len(all), err)
	}
	return all
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	span    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	snippet = regexp.MustCompile("(?ms)(?:^<!-- given: ([^>]*) -->\n\n?)?^```go\n(.*?)^```")
	dropped = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// anchors are the names by which the headings of a page are linked.
func anchors(page string) []string {
	var all []string
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		all = append(all, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}

// Every link leads to a file that is there, and to a heading that is in it.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name, page := range all {
		for _, l := range link.FindAllStringSubmatch(span.ReplaceAllString(fence.ReplaceAllString(page, ""), ""), -1) {
			target, anchor, _ := strings.Cut(l[1], "#")
			if strings.Contains(target, "://") {
				continue // somebody else's
			}
			to := name
			if target != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s: %v", name, l[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(all[to]), anchor) {
				t.Errorf("%s links to %s, and there is no such heading", name, l[1])
			}
		}
	}
}

// Every page of this directory is in its index, and in no more than one place.
func TestIndex(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name := range all {
		page, ok := strings.CutPrefix(name, "docs/")
		if !ok || page == "README.md" || strings.Contains(page, "/") && filepath.Base(page) != "README.md" {
			continue
		}
		if n := strings.Count(all["docs/README.md"], "]("+page+")"); n != 1 {
			t.Errorf("docs/README.md lists %s %d times, want once", page, n)
		}
	}
}

// given are names that snippets use without saying what they are: the user's own. A page
// has more of its own in a comment before the snippet: <!-- given: func open(…) … -->.
var given = map[string]string{
	"get": "func get(t *testing.T, url string) string { panic(t) }", "post": "func post(t *testing.T, url, body string) string { panic(t) }",
	"img": "var img *seatrial.Image", "base": "var base *seatrial.Image", "next": "var next *seatrial.Image", "released": "var released string",
	"app": "var app *seatrial.Project", "db": "var db *seatrial.Container", "broker": "var broker *seatrial.Container", "web": "var web *seatrial.Container",
	"stack": "var stack *seatrial.Stack", "manager": "var manager *swarmtest.Node",
	"postgres": "var postgres spec.Container", "rabbit": "var rabbit spec.Container", "project": "var project spec.Project",
}

// imported are what snippets use without an import.
var imported = map[string]string{
	"seatrial": "github.com/seatrial/seatrial", "spec": "github.com/seatrial/seatrial/spec", "wait": "github.com/seatrial/seatrial/wait",
	"tailor": "github.com/seatrial/seatrial/tailor", "swarmtest": "github.com/seatrial/seatrial/swarmtest",
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "httptest": "net/http/httptest", "os": "os", "slices": "slices", "sql": "database/sql", "strings": "strings", "testing": "testing", "time": "time",
}

// A snippet in Go means what it says: it compiles, as a file, as declarations or as
// statements, with names that are the user's.
func TestSnippets(t *testing.T) {
	t.Parallel()
	from := exports(t)
	number := 0
	for name, page := range pages(t) {
		if strings.HasPrefix(name, "docs/decisions/") || strings.HasPrefix(name, "examples/") {
			continue // about what was, or compiled where they are
		}
		for _, block := range snippet.FindAllStringSubmatch(page, -1) {
			own, code := block[1], block[2]
			number++
			if err := compile(code, own, from); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, code)
			}
		}
	}
	if number < 10 {
		t.Errorf("found %d snippets, too few to believe", number)
	}
	if err := compile("seatrial.Nothing(t)\n", "", from); err == nil {
		t.Error("a snippet with a verb that does not exist compiles")
	}
}

// compile checks a snippet, beside declarations of its page's. That a variable is not used
// is no error: the snippet goes on where the page does not.
func compile(code, own string, from types.Importer) error {
	var errs []error
	for _, frame := range []string{"%s", "package p\n%s", "package p\nfunc _(t *testing.T) {\n%s\n}\n"} {
		fset := token.NewFileSet()
		text := fmt.Sprintf(frame, code)
		file, err := parser.ParseFile(fset, "snippet.go", text, parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files := []*ast.File{file}
		if frame != "%s" {
			if files, err = beside(fset, text, own); err != nil {
				return err
			}
		}
		var wrong error
		config := types.Config{Importer: from, Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && !e.Soft && wrong == nil { // soft errors are about unused variables and imports
				wrong = err
			}
		}}
		_, _ = config.Check("p", fset, files, nil) // it reports errors to config.Error
		return wrong
	}
	return errors.Join(errs...)
}

// beside parses a snippet without imports, and a file of what it does not declare itself.
func beside(fset *token.FileSet, code, own string) ([]*ast.File, error) {
	imports := ""
	for name, path := range imported {
		imports += fmt.Sprintf("import %s %q\n", name, path)
	}
	parse := func(name, text string) (*ast.File, error) {
		return parser.ParseFile(fset, name, strings.Replace(text, "package p\n", "package p\n"+imports, 1), 0)
	}
	snippet, err := parse("snippet.go", code)
	if err != nil {
		return nil, err
	}
	page, err := parse("page.go", "package p\n"+own)
	if err != nil {
		return nil, err
	}
	text := "package p\n"
	for name, declaration := range given {
		if snippet.Scope.Lookup(name) == nil && page.Scope.Lookup(name) == nil {
			text += declaration + "\n"
		}
	}
	common, err := parse("common.go", text)
	return []*ast.File{snippet, page, common}, err
}

// exports reads the compiled packages that snippets may use.
func exports(t *testing.T) types.Importer {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	for _, path := range imported {
		args = append(args, path)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}

// Every variable that the product reads or sets is on the page of variables, and no other.
func TestVariables(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(root + "/docs/variables.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`SEATRIAL_[A-Z_]*[A-Z]`)
	var documented, used []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`=]*)").FindAllStringSubmatch(string(content), -1) {
		documented = append(documented, name.FindString(row[1]))
	}
	literal := regexp.MustCompile(`"(SEATRIAL_[A-Z_]*[A-Z])`)
	for _, dir := range []string{"*.go", "cmd/*/*.go", "internal/*/*.go", "swarmtest/*.go", "tailor/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			tests := strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"chromium", "enginetest", "conformance", "leftovers", "standin"}, filepath.Base(filepath.Dir(file)))
			if content, err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
			for _, found := range literal.FindAllStringSubmatch(string(content), -1) {
				if !tests && !slices.Contains(used, found[1]) {
					used = append(used, found[1])
				}
			}
		}
	}
	for _, n := range used {
		if !slices.Contains(documented, n) {
			t.Errorf("variables.md lacks %s", n)
		}
	}
	for _, n := range documented {
		if n != "" && !slices.Contains(used, n) {
			t.Errorf("variables.md has %s, which nothing reads", n)
		}
	}
}

// The ratios that README has are those of the page that make bench writes.
func TestRatios(t *testing.T) {
	t.Parallel()
	all := pages(t)
	_, short, ok := strings.Cut(all["README.md"], "by `make bench`.\nIn short:")
	short, _, _ = strings.Cut(short, "\n\n")
	ratios := ratio.FindAllString(short, -1)
	if !ok || len(ratios) < 5 {
		t.Fatalf("README has %d ratios in its short list, want at least five: %q", len(ratios), short)
	}
	for _, r := range ratios {
		if !strings.Contains(all["docs/performance.md"], "**"+r+"**") {
			t.Errorf("README says %s, which is not in docs/performance.md", r)
		}
	}
}

var ratio = regexp.MustCompile(`\b\d\.\d\d\b`)
