// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plainMethods return what their names say: an example would show nothing more.
var plainMethods = []string{
	"Error", "String", "Unwrap",
	"ExitCode", "Health", "IP", "Port", "PortOf", "Stderr", "URL",
	"Service_Addr", "Service_AddrOf", "Service_Task", "Task_AddrOf",
}

// Each function of the package has an example, and so has each method that is a verb.
// Those of an Engine have the examples of the functions.
func TestExamples(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var functions, methods []string
	has := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case strings.HasPrefix(f.Name.Name, "Example"):
				has[strings.TrimPrefix(f.Name.Name, "Example")] = true
			case strings.HasSuffix(name, "_test.go") || !f.Name.IsExported():
			case f.Recv == nil:
				functions = append(functions, f.Name.Name)
			default:
				methods = append(methods, receiver(f)+"_"+f.Name.Name)
			}
		}
	}
	for _, verb := range slices.Concat(functions, methods) {
		of, method, isMethod := strings.Cut(verb, "_")
		switch {
		case of == "Engine" && slices.Contains(functions, method):
		case isMethod && (slices.Contains(plainMethods, method) || slices.Contains(plainMethods, verb)):
		case !has[verb]:
			t.Errorf("%s has no example: func Example%s", verb, verb)
		}
	}
}

// receiver returns the name of the type that a method belongs to.
func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	return of.(*ast.Ident).Name
}
