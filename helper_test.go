// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"
)

// Whatever a test says for us, the line in front of it is the user's: a function that has a
// test say something, itself or through another one, is no place to be named, and tells it so
// (testing.T.Helper) before anything else.
func TestWhatSpeaksIsAHelper(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	imports := importsOf(t, fset)
	var all []*speaker
	for _, p := range goList(t, ".", "./swarmtest", "./internal/inner", "./internal/session", "./internal/shared") {
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}
		typeCheck(t, fset, imports, p, info)
		for node := range info.Scopes {
			if file, is := node.(*ast.File); is {
				all = append(all, speakersOf(file, info)...)
			}
		}
	}
	speaks := map[string]bool{} // functions, by their full names
	for more := true; more; {
		more = false
		for _, s := range all {
			if s.says = s.says || s.calls(speaks); s.says && s.name != "" && !speaks[s.name] {
				speaks[s.name], more = true, true
			}
		}
	}
	n := 0
	for _, s := range all {
		if !s.says {
			continue
		}
		if n++; !s.helper {
			t.Errorf("%s: this function has a test say something, and is no helper: the line would be ours", fset.Position(s.at))
		}
	}
	if n < 150 {
		t.Errorf("only %d functions have a test say something: which are they?", n)
	}
}

// A speaker is a function, declared or literal, as far as a T is concerned.
type speaker struct {
	name   string // empty is a literal
	at     token.Pos
	helper bool     // it says so
	says   bool     // it calls Errorf, say
	with   []string // functions that it gives a T
}

func (s *speaker) calls(speaks map[string]bool) bool {
	for _, name := range s.with {
		if speaks[name] {
			return true
		}
	}
	return false
}

// speakersOf looks at all functions of a file. What stands in a literal counts for that alone.
func speakersOf(file *ast.File, info *types.Info) (all []*speaker) {
	var look func(s *speaker, n ast.Node)
	begin := func(name string, at token.Pos, body *ast.BlockStmt) {
		s := &speaker{name: name, at: at}
		all = append(all, s)
		for _, statement := range body.List {
			if e, is := statement.(*ast.ExprStmt); is && methodOfT(e.X, info) == "Helper" {
				s.helper = true
			}
		}
		look(s, body)
	}
	look = func(s *speaker, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				begin("", n.Pos(), n.Body)
				return false
			case *ast.CallExpr:
				switch methodOfT(n, info) {
				case "Errorf", "Logf", "Skipf", "Cleanup":
					s.says = true
				}
				for _, arg := range n.Args {
					if isT(info.TypeOf(arg)) {
						s.with = append(s.with, calledBy(n, info))
						break
					}
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Body != nil {
			begin(info.Defs[f.Name].(*types.Func).FullName(), f.Pos(), f.Body)
		}
	}
	return all
}

// methodOfT is the method of a T that is called, if one is.
func methodOfT(e ast.Expr, info *types.Info) string {
	call, is := e.(*ast.CallExpr)
	if !is {
		return ""
	}
	if f, is := call.Fun.(*ast.SelectorExpr); is && isT(info.TypeOf(f.X)) {
		return f.Sel.Name
	}
	return ""
}

// calledBy is the full name of a function that is called.
func calledBy(call *ast.CallExpr, info *types.Info) string {
	fun := call.Fun
	if generic, is := fun.(*ast.IndexExpr); is {
		fun = generic.X
	}
	var name *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return ""
	}
	if f, is := info.Uses[name].(*types.Func); is {
		return f.Origin().FullName()
	}
	return ""
}

// isT reports whether a type is what tests are to us: it can say something, and has helpers.
func isT(t types.Type) bool {
	if t == nil {
		return false
	}
	has := 0
	for _, name := range []string{"Helper", "Errorf", "Logf", "Cleanup"} {
		if m, _, _ := types.LookupFieldOrMethod(t, true, nil, name); m != nil {
			has++
		}
	}
	return has == 4
}
