// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Each function of the package has an example.
func TestExamples(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	has := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok || f.Recv != nil:
			case strings.HasPrefix(f.Name.Name, "Example"):
				has[strings.TrimPrefix(f.Name.Name, "Example")] = true
			case f.Name.IsExported() && !strings.HasSuffix(name, "_test.go"):
				verbs = append(verbs, f.Name.Name)
			}
		}
	}
	for _, verb := range verbs {
		if !has[verb] {
			t.Errorf("%s has no example: func Example%s", verb, verb)
		}
	}
}
