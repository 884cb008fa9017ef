// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The only types with work in the root package are a T in front of another one; all others
// are handles, with a pointer to an internal type. An attempt is the T of [Try], which keeps
// the failure; a member is the T of [Together], which fails in its own goroutine.
var workers = []string{"attempt", "member"}

// The root package is a face: its files define no unexported type with methods, and only
// the translation of errors knows the engine.
func TestTheRootIsAFace(t *testing.T) {
	t.Parallel()
	for file, name := range rootFiles(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			at := f.Recv.List[0].Type
			if star, ok := at.(*ast.StarExpr); ok {
				at = star.X
			}
			if typ := fmt.Sprint(at); !ast.IsExported(typ) && !slices.Contains(workers, typ) {
				t.Errorf("%s: %s.%s: a type of the root that does work belongs into a package under internal/", name, typ, f.Name.Name)
			}
		}
		for _, i := range file.Imports {
			if strings.HasSuffix(i.Path.Value, `/internal/engine"`) && name != "errors.go" {
				t.Errorf("%s talks to the engine", name)
			}
		}
	}
}

// Below the root only package session, which cleans up after a test, and package shared
// know a T.
func TestOnlyTheSessionKnowsTests(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "./internal/...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/internal/")
		if name == "session" || name == "shared" || name == "enginetest" {
			continue
		}
		for _, file := range p.GoFiles {
			content, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(content), "session.T)") || strings.Contains(string(content), "session.T,") {
				t.Errorf("internal/%s/%s takes a test: a context goes in, and an error comes out", name, file)
			}
		}
	}
}

func rootFiles(t *testing.T) map[*ast.File]string {
	t.Helper()
	files := map[*ast.File]string{}
	for _, p := range goList(t, ".") {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files[file] = name
		}
	}
	return files
}
