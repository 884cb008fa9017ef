// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"
)

// Messages of seatrial show the line of the user's code. So every function that prints
// through a test, directly or indirectly, must call testing.T.Helper first.
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
	helper bool     // it calls Helper
	says   bool     // it calls Errorf or the like
	with   []string // functions to which it passes a T
}

func (s *speaker) calls(speaks map[string]bool) bool {
	for _, name := range s.with {
		if speaks[name] {
			return true
		}
	}
	return false
}

// speakersOf examines all functions of a file. Calls in a function literal count only for
// the literal.
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

// methodOfT returns the method of a T that is called, or "".
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

// calledBy returns the full name of a called function.
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

// isT reports whether a type is a test: it can print, and has Helper.
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
