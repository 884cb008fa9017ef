// SPDX-License-Identifier: Apache-2.0

package lazyregexp

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAll compiles each expression of the module that is given to New.
func TestAll(t *testing.T) {
	t.Parallel()
	found := 0
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || types.ExprString(call.Fun) != "lazyregexp.New" {
				return true
			}
			found++
			expr, err := types.Eval(files, nil, token.NoPos, types.ExprString(call.Args[0]))
			switch {
			case err != nil:
				t.Errorf("%s: the expression is no constant text: %v", files.Position(call.Pos()), err)
			default:
				if _, err := regexp.Compile(constant.StringVal(expr.Value)); err != nil {
					t.Errorf("%s: %v", files.Position(call.Pos()), err)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("%d expressions found: does anybody use the package?", found)
	}
}
