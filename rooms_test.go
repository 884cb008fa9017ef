// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	mostMethods = 29
	mostCircled = 5
)

// A package with a type that does everything, or with files that all need each other,
// cannot be read in parts.
func TestRooms(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	imports := importsOf(t, fset)
	for _, p := range goList(t, "./...") {
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		pkg := typeCheck(t, fset, imports, p, info)
		for _, name := range pkg.Scope().Names() {
			declared, isType := pkg.Scope().Lookup(name).(*types.TypeName)
			if !isType {
				continue
			}
			if named, ok := declared.Type().(*types.Named); ok && named.NumMethods() > mostMethods {
				t.Errorf("%s.%s has %d methods: give what it owns to several", p.ImportPath, name, named.NumMethods())
			}
		}
		for _, files := range circles(filesNeeded(fset, pkg, info)) {
			if len(files) > mostCircled {
				t.Errorf("%s: %d files need each other: %s", p.ImportPath, len(files), strings.Join(files, ", "))
			}
		}
	}
}

// filesNeeded returns the files of a package whose declarations, methods and fields each of
// its files uses: also the types that it does not name, of what stands before a dot.
func filesNeeded(fset *token.FileSet, pkg *types.Package, info *types.Info) map[string][]string {
	needed := map[string][]string{}
	need := func(at token.Pos, object types.Object) {
		if object == nil || object.Pkg() != pkg {
			return
		}
		from, to := filepath.Base(fset.Position(at).Filename), filepath.Base(fset.Position(object.Pos()).Filename)
		if from != to && !slices.Contains(needed[from], to) {
			needed[from] = append(needed[from], to)
		}
	}
	for ident, object := range info.Uses {
		isMember := false
		switch o := object.(type) {
		case *types.Func:
			isMember = true
		case *types.Var:
			isMember = o.IsField()
		}
		if isMember || object.Parent() == pkg.Scope() {
			need(ident.Pos(), object)
		}
	}
	for selector, s := range info.Selections {
		at := s.Recv()
		for _, field := range s.Index() {
			if p, ok := at.Underlying().(*types.Pointer); ok {
				at = p.Elem()
			}
			if named, ok := types.Unalias(at).(*types.Named); ok {
				need(selector.Pos(), named.Obj())
			}
			holds, ok := at.Underlying().(*types.Struct)
			if !ok || field >= holds.NumFields() { // the last one may be a method
				break
			}
			at = holds.Field(field).Type()
		}
	}
	return needed
}

// circles returns the groups of files that need each other, directly or indirectly.
func circles(needed map[string][]string) [][]string {
	reached := map[string]map[string]bool{}
	for file := range needed {
		seen := map[string]bool{}
		var walk func(string)
		walk = func(at string) {
			for _, next := range needed[at] {
				if !seen[next] {
					seen[next] = true
					walk(next)
				}
			}
		}
		walk(file)
		reached[file] = seen
	}
	var all [][]string
	done := map[string]bool{}
	for file := range reached {
		if done[file] || !reached[file][file] {
			continue
		}
		var group []string
		for other := range reached[file] {
			if reached[other][file] {
				group = append(group, other)
				done[other] = true
			}
		}
		slices.Sort(group)
		all = append(all, group)
	}
	return all
}
