// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLayersPointDown keeps, inside the root package, what TestArrowsPointDown keeps
// between packages: its declarations are on their way to packages of their own, and
// testdata/layers.txt says to which, and which of these may use which.
func TestLayersPointDown(t *testing.T) {
	t.Parallel()
	plan := readLayers(t, filepath.Join("testdata", "layers.txt"))
	for used, by := range plan.edges(t, loadRoot(t)) {
		if !slices.Contains(plan.arrows[used.from], used.to) {
			t.Errorf("%s uses %s, and no arrow leads there: %s", used.from, used.to, strings.Join(slices.Sorted(maps.Keys(by)), ", "))
		}
	}
	for name, found := range plan.found {
		if !found {
			t.Errorf("layers.txt places %s, and there is no such file or declaration", name)
		}
	}
	for from, down := range plan.arrows {
		for _, to := range down {
			if slices.Contains(plan.arrows[to], from) {
				t.Errorf("arrows lead from %s to %s and back", from, to)
			}
		}
	}
}

// layers is the content of layers.txt.
type layers struct {
	files  map[string]string   // file without .go → layer
	decls  map[string]string   // declaration, or Type.member → layer, where it is not that of its file
	arrows map[string][]string // layer → layers that it may use
	found  map[string]bool     // what is placed → whether it is there
}

type arrow struct{ from, to string }

func readLayers(t *testing.T, name string) *layers {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	l := &layers{files: map[string]string{}, decls: map[string]string{}, arrows: map[string][]string{}, found: map[string]bool{}}
	for i, line := range strings.Split(string(content), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) < 2 {
			t.Fatalf("%s:%d: %q", name, i+1, line)
		}
		for _, word := range words[2:] {
			switch words[0] {
			case "files":
				l.files[word], l.found[word+".go"] = words[1], false
			case "decls":
				l.decls[word], l.found[word] = words[1], false
			case "arrows":
				l.arrows[words[1]] = append(l.arrows[words[1]], word)
			default:
				t.Fatalf("%s:%d: %q", name, i+1, line)
			}
		}
	}
	return l
}

// rootPackage is the root package, checked.
type rootPackage struct {
	fset  *token.FileSet
	files []*ast.File
	pkg   *types.Package
	info  *types.Info
}

func loadRoot(t *testing.T) *rootPackage {
	t.Helper()
	exports := map[string]string{}
	root := rootPackage{fset: token.NewFileSet(), info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}}
	for _, p := range goList(t, "-deps", "-export", ".") {
		exports[p.ImportPath] = p.Export
		if p.ImportPath != module {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(root.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			root.files = append(root.files, file)
		}
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	var err error
	root.pkg, err = (&types.Config{Importer: importer.ForCompiler(root.fset, "gc", open)}).Check(module, root.fset, root.files, root.info)
	if err != nil {
		t.Fatal(err)
	}
	return &root
}

// edges returns which layers use which, with the uses: "user → used".
func (l *layers) edges(t *testing.T, root *rootPackage) map[arrow]map[string]bool {
	t.Helper()
	all := map[arrow]map[string]bool{}
	for _, file := range root.files {
		name := strings.TrimSuffix(filepath.Base(root.fset.Position(file.Pos()).Filename), ".go")
		l.found[name+".go"] = true
		for _, d := range file.Decls {
			for user, node := range declared(d) {
				from := l.layer(t, name, user, d)
				ast.Inspect(node, func(n ast.Node) bool {
					id, ok := n.(*ast.Ident)
					if !ok {
						return true
					}
					object := root.info.Uses[id]
					if object == nil || object.Pkg() != root.pkg {
						return true
					}
					used := memberName(object, root.pkg)
					if used == "" {
						return true
					}
					at := strings.TrimSuffix(filepath.Base(root.fset.Position(object.Pos()).Filename), ".go")
					if to := l.layer(t, at, used, declarationOf(root, object)); to != from {
						if all[arrow{from, to}] == nil {
							all[arrow{from, to}] = map[string]bool{}
						}
						all[arrow{from, to}][fmt.Sprintf("%s → %s", user, used)] = true
					}
					return true
				})
			}
		}
	}
	return all
}

// layer returns the layer of a declaration. A function that takes a T and is exported
// is of the face, unless it is placed elsewhere.
func (l *layers) layer(t *testing.T, file, name string, d ast.Decl) string {
	t.Helper()
	if layer, ok := l.decls[name]; ok {
		l.found[name] = true
		return layer
	}
	if f, ok := d.(*ast.FuncDecl); ok && ast.IsExported(f.Name.Name) {
		for _, p := range f.Type.Params.List {
			if id, ok := p.Type.(*ast.Ident); ok && id.Name == "T" {
				return "face"
			}
		}
	}
	layer := l.files[file]
	if layer == "" {
		t.Fatalf("layers.txt does not say where %s.go belongs", file)
	}
	return layer
}

// declared returns what a declaration declares, by its names: Type.method.
func declared(d ast.Decl) map[string]ast.Node {
	all := map[string]ast.Node{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			at := d.Recv.List[0].Type
			if star, ok := at.(*ast.StarExpr); ok {
				at = star.X
			}
			name = fmt.Sprint(at) + "." + name
		}
		all[name] = d
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				all[s.Name.Name] = s
			case *ast.ValueSpec:
				all[s.Names[0].Name] = s
			}
		}
	}
	return all
}

// memberName is the name of a package's object, or Type.method; fields and what is
// local belong to the declaration that they are in.
func memberName(object types.Object, pkg *types.Package) string {
	f, ok := object.(*types.Func)
	if !ok {
		if object.Parent() != pkg.Scope() {
			return ""
		}
		return object.Name()
	}
	recv := f.Type().(*types.Signature).Recv()
	if recv == nil {
		return f.Name()
	}
	at := recv.Type()
	if ptr, ok := at.(*types.Pointer); ok {
		at = ptr.Elem()
	}
	if named, ok := at.(*types.Named); ok {
		return named.Obj().Name() + "." + f.Name()
	}
	return ""
}

// declarationOf returns the function declaration of an object; or nil.
func declarationOf(root *rootPackage, object types.Object) ast.Decl {
	for _, file := range root.files {
		if file.FileStart > object.Pos() || object.Pos() > file.FileEnd {
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Pos() == object.Pos() {
				return f
			}
		}
	}
	return nil
}
