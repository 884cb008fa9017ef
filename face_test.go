// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The root package is a face: it declares no unexported type, so that nothing in it works but
// functions that take a T, and a handle has what is said of it, and one pointer to what works
// in a package below.
func TestTheRootIsAFace(t *testing.T) {
	t.Parallel()
	for file, name := range rootFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			declared, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if !declared.Name.IsExported() {
				t.Errorf("%s: %s: a type that does work belongs into a package under internal/", name, declared.Name.Name)
			}
			if s, ok := declared.Type.(*ast.StructType); ok {
				if hidden := hiddenFields(s); len(hidden) > 1 || len(hidden) == 1 && !isOfBelow(hidden[0], ownImports(file)) {
					t.Errorf("%s: %s hides %s: a handle has one pointer to what works in a package below, and an error the one that it was", name, declared.Name.Name, exprs(hidden))
				}
			}
			return true
		})
	}
}

// The root calls nothing but what is in the packages that it imports, which do the work:
// not what these hold, such as the engine of a session. Only the translation of errors knows
// what comes from an engine.
func TestTheRootCallsTheNextRooms(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	root := typeCheck(t, fset, importsOf(t, fset), goList(t, ".")[0], info)
	rooms := append(slices.Clone(arrows[""].own), "internal/artifact") // the directory that a session's artifacts are
	for ident, object := range info.Uses {
		if object.Pkg() == nil || object.Pkg() == root {
			continue
		}
		own, isOwn := strings.CutPrefix(object.Pkg().Path(), module+"/")
		at := fset.Position(ident.Pos())
		if isOwn && (!slices.Contains(rooms, own) || own == "internal/engine" && filepath.Base(at.Filename) != "errors.go") {
			t.Errorf("%s: %s is %s's: let a package below call it", at, ident.Name, own)
		}
	}
}

// hiddenFields are the types of the unexported fields of a struct, and of what is embedded.
func hiddenFields(s *ast.StructType) (all []ast.Expr) {
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 {
			all = append(all, field.Type)
		}
		for _, ident := range field.Names {
			if !ident.IsExported() {
				all = append(all, field.Type)
			}
		}
	}
	return all
}

// isOfBelow reports whether a type is a pointer to that of a package of ours, which are known
// by their names, or an error.
func isOfBelow(e ast.Expr, ours map[string]string) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		of, ok := star.X.(*ast.SelectorExpr)
		return ok && strings.HasPrefix(ours[types.ExprString(of.X)], "internal/")
	}
	return types.ExprString(e) == "error"
}

func exprs(all []ast.Expr) string {
	var texts []string
	for _, e := range all {
		texts = append(texts, types.ExprString(e))
	}
	return strings.Join(texts, ", ")
}

// Below the root nobody knows a test but the session, which ends it, the Ts inside of one, and
// what tests share.
func TestOnlyTheSessionKnowsTests(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "./internal/...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/internal/")
		if slices.Contains([]string{"session", "inner", "shared", "enginetest"}, name) {
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
