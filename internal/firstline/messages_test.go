// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMessages collects the words of all errors and hints, as they stand in the code, in one
// file that people read from top to bottom: who changes one reads it beside its neighbours.
func TestMessages(t *testing.T) {
	t.Parallel()
	const root, file = "../..", "testdata/messages.txt"
	var b strings.Builder
	b.WriteString("What errors and hints say, by the files that say it. Read it aloud.\n")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || slices.Contains([]string{"testdata", "examples", "tools", "bench"}, d.Name()) ||
			slices.Contains([]string{"internal/chromium", "internal/enginetest", "internal/conformance", "internal/leftovers", "internal/standin"}, name)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		said, err := messages(path)
		if len(said) > 0 {
			fmt.Fprintf(&b, "\n%s\n", name)
		}
		for i, text := range said {
			if verb.ReplaceAllString(text, "") == "" || slices.Contains(said[:i], text) {
				continue
			}
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(text, "\n", "\n        "))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != b.String() {
		t.Errorf("%s is not what the code says now (%v): go test ./internal/firstline -update writes it", file, err)
	}
}

// verb is what stands for something in a text, and what only stands between such.
var verb = regexp.MustCompile(`%[+#.\d]*[a-z]|[^a-zA-Z%]`)

// messages returns the texts of a file that errors are made of: the first text in what makes
// an error or a problem, and whatever has a hint.
func messages(path string) (all []string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return nil, err
	}
	makes := []string{"Errorf", "Add", "Field", "New", "saw", "sight", "refuse", "warn", "Fatalf"}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := ""
			switch f := n.Fun.(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
				if x, ok := f.X.(*ast.Ident); name == "New" && (!ok || x.Name != "errors") {
					return true
				}
			case *ast.Ident:
				name = f.Name
			}
			if !slices.Contains(makes, name) {
				return true
			}
			for _, arg := range n.Args {
				if text, ok := literal(arg); ok && strings.Contains(text, " ") {
					all = append(all, text)
					break
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Hint", "What", "Why"}, key.Name) {
				if text, ok := literal(n.Value); ok && strings.Contains(text, " ") {
					all = append(all, text)
				}
			}
		}
		return true
	})
	return all, nil
}

// literal is the text of a string in the code, also one that is put together.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, okA := literal(e.X)
		b, okB := literal(e.Y)
		if !okA {
			a = "…"
		}
		if !okB {
			b = "…"
		}
		return a + b, okA || okB
	case *ast.CallExpr: // fmt.Sprintf
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			return literal(e.Args[0])
		}
	}
	return "", false
}
