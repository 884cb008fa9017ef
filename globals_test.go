// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// processWide has the package variables that change, in the order of their locks: a
// holder of one may take those below it, and none above. The order among the locks of
// one value is documented at the value. All other package variables are constants.
var processWide = []struct{ name, holds string }{
	{"internal/environment.environments", "the shared projects that tests of this process described; nothing is taken under its lock"},
	{"internal/shared.process", "what tests share; nothing is taken under its lock"},
	{"internal/sweep.trimming", "whether somebody removes old images; held while an engine works"},
	{"internal/push.here", "the names that are being pushed; held while an engine works, which may start a docker command"},
	{"internal/session.process", "sessions, artifacts, the watchdog, handles; a session asks its engine for the first time under its locks"},
	{"internal/session.Standard", "the handle of the engine that the environment names; where its locks stand is written at process"},
	{"internal/engine.process", "engines that were ended, nodes that are known; nothing is taken under its locks"},
	{"tailor.silence", "whether compose-go is silenced, and the hook that does it; no lock"},
}

// Below the face a process has one value per concern that changes. Tests replace no
// variable either: what they have another of is a field or a parameter.
func TestPackageVariablesAreConstant(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	imports := importsOf(t, fset)
	files, vars := map[string][]*ast.File{}, map[string]any{} // by package, by package and name
	changed := map[string]string{}
	for _, p := range goList(t, "./...") {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if name == "" || isFree(name) {
			continue
		}
		paths, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = append(files[name], file)
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, ident := range packageVars(file) {
				if ident.Name != "_" {
					vars[name+"."+ident.Name] = ident.Obj
				}
			}
		}
		scope := typeCheck(t, fset, imports, p, nil).Scope()
		for _, of := range scope.Names() {
			if v, is := scope.Lookup(of).(*types.Var); is && locks(v.Type(), map[types.Type]bool{}) {
				changed[name+"."+of] = fset.Position(v.Pos()).String()
			}
		}
	}
	for name, all := range files {
		for _, file := range all {
			imports := ownImports(file)
			ast.Inspect(file, func(n ast.Node) bool {
				for _, target := range assigned(n) {
					ident, of := rootOf(target)
					if ident == nil {
						continue
					}
					key := name + "." + ident.Name
					if from, isImport := imports[ident.Name]; isImport && ident.Obj == nil && of != "" {
						key = from + "." + of
					} else if ident.Obj != nil && ident.Obj != vars[key] {
						continue // a local variable
					}
					if vars[key] != nil {
						changed[key] = fset.Position(n.Pos()).String()
					}
				}
				return true
			})
		}
	}
	for _, known := range processWide {
		if changed[known.name] == "" {
			t.Errorf("%s does not change, or is not there any more", known.name)
		}
		delete(changed, known.name)
	}
	for name, at := range changed {
		t.Errorf("%s: %s is a package variable that changes: make it a field or a parameter, or say in processWide what it holds", at, name)
	}
}

// packageVars returns the names that a file declares as variables of its package.
func packageVars(file *ast.File) (all []*ast.Ident) {
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				all = append(all, spec.(*ast.ValueSpec).Names...)
			}
		}
	}
	return all
}

// locks reports whether a value has what makes it one that changes even if nobody assigns to
// it: a lock, an atomic value or a channel. It looks into types of this module, wherever they
// are declared; what others have inside is theirs.
func locks(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && !strings.HasPrefix(p.Path()+"/", module+"/") {
			return p.Path() == "sync" || p.Path() == "sync/atomic"
		}
		return locks(t.Underlying(), seen)
	case *types.Chan:
		return true
	case *types.Struct:
		for field := range t.Fields() {
			if locks(field.Type(), seen) {
				return true
			}
		}
	case interface{ Elem() types.Type }: // pointers, lists, maps
		return locks(t.Elem(), seen)
	}
	return false
}

// ownImports returns the packages of this module that a file imports, by their names in
// the file.
func ownImports(file *ast.File) map[string]string {
	all := map[string]string{}
	for _, i := range file.Imports {
		own, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module+"/")
		if !ok {
			continue
		}
		name := filepath.Base(own)
		if i.Name != nil {
			name = i.Name.Name
		}
		all[name] = own
	}
	return all
}

// assigned returns the expressions that a statement assigns to.
func assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return slices.DeleteFunc([]ast.Expr{n.Key, n.Value}, func(e ast.Expr) bool { return e == nil })
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, f.Name) {
			return n.Args[:1]
		}
	}
	return nil
}

// rootOf returns the first name of an expression, and the name after its dot, if
// there is one.
func rootOf(e ast.Expr) (root *ast.Ident, next string) {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			e, next = x.X, x.Sel.Name
		case *ast.Ident:
			return x, next
		default:
			return nil, ""
		}
	}
}
