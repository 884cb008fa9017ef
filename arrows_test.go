// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seatrial/seatrial"

// arrows has, for each package, the packages of this module that it may import, and
// whether it may import other modules. The uppermost packages come first. A new arrow
// is a line here, with its reason in the commit.
var arrows = map[string]struct {
	own    []string
	others bool
}{
	"swarmtest": {[]string{"", "internal/dockerd", "internal/engine", "internal/process", "internal/push", "internal/session", "internal/watchdog",
		"spec"}, false}, // session: how far a start is, in the log of the test
	"internal/dockerd": {[]string{"internal/netns", "internal/outside", "internal/process", "internal/registry", "internal/sweep",
		"internal/watchdog"}, false},
	"internal/registry": {nil, false},
	"": {[]string{"internal/command", "internal/compose", "internal/container", "internal/engine", "internal/environment",
		"internal/image", "internal/inner", "internal/need", "internal/owner", "internal/portnumber", "internal/report",
		"internal/session", "internal/shared", "internal/swarm", "spec", "wait"}, false},
	"internal/swarm": {[]string{"internal/artifact", "internal/check", "internal/container", "internal/engine", "internal/environ",
		"internal/errorline", "internal/hostfiles", "internal/image", "internal/lease", "internal/owner", "internal/parallel",
		"internal/planned", "internal/portnumber", "internal/push", "internal/quote", "internal/report", "internal/session", "internal/swarm/converge", "internal/timelimit", "spec", "tailor", "wait"}, false},
	"internal/swarm/converge": {[]string{"internal/engine", "internal/errorline"}, false}, // the values that describe tasks; no engine is asked
	"internal/shared": {[]string{"internal/compose", "internal/container", "internal/isolate", "internal/parallel", "internal/report",
		"internal/session"}, false},
	"internal/inner":   {[]string{"internal/isolate", "internal/report", "internal/session"}, false},
	"internal/need":    {[]string{"internal/hostfiles", "internal/report", "internal/session", "spec"}, false},
	"internal/isolate": {nil, false},
	"internal/environment": {[]string{"internal/answers", "internal/artifact", "internal/buildcontext", "internal/checkout", "internal/compose", "internal/container",
		"internal/dockerfile", "internal/engine", "internal/envblock", "internal/hostpath", "internal/image", "internal/meant", "internal/owner", "internal/portnumber", "internal/process", "internal/progress", "internal/report",
		"internal/session", "internal/swarm", "internal/swarm/converge", "internal/sweep", "internal/watchdog", "spec", "tailor", "wait"}, false}, // converge: which tasks count
	"internal/progress":  {nil, true}, // sizes for people
	"internal/checkout":  {[]string{"internal/envblock", "internal/hostpath", "internal/owner", "internal/process"}, true},
	"internal/variables": {nil, false},
	"internal/child":     {nil, true},
	"internal/cliplugin": {nil, false},
	"internal/cireport":  {[]string{"internal/hostpath"}, false},
	"internal/condition": {[]string{"internal/portnumber", "wait"}, true},
	"internal/compose": {[]string{"internal/answers", "internal/artifact", "internal/check", "internal/container", "internal/engine", "internal/envblock", "internal/environ",
		"internal/hostfiles", "internal/hostpath", "internal/image", "internal/kept", "internal/lazyregexp", "internal/lease",
		"internal/owner", "internal/parallel", "internal/planned", "internal/progress", "internal/quote", "internal/report", "internal/said",
		"internal/session", "internal/setting", "internal/startorder", "internal/timelimit", "spec", "tailor", "wait"}, false},
	"internal/setting":   {[]string{"tailor"}, false},
	"internal/docs":      {nil, false},                                                                                          // tests only
	"internal/firstline": {nil, false},                                                                                          // tests only
	"internal/planned":   {[]string{"internal/artifact", "internal/container", "internal/portnumber", "tailor", "wait"}, false}, // which conditions can hold; what a plan leaves for people
	"internal/lease": {[]string{"internal/engine", "internal/owner", "internal/parallel", "internal/session", "internal/sweep",
		"internal/watchdog", "tailor"}, false},
	"internal/kept": {nil, false},
	"internal/container": {[]string{"internal/artifact", "internal/check", "internal/denied", "internal/engine", "internal/environ", "internal/errorline", "internal/hostfiles",
		"internal/hostpath", "internal/image", "internal/owner", "internal/parallel", "internal/portnumber", "internal/program", "internal/reach", "internal/relay", "internal/quote", "internal/report",
		"internal/session", "internal/timelimit", "internal/unresolved", "spec", "wait"}, false},
	"internal/image": {[]string{"internal/artifact", "internal/buildcontext", "internal/buildlog", "internal/check", "internal/dockerfile", "internal/engine", "internal/environ",
		"internal/hostpath", "internal/lock", "internal/owner", "internal/parallel", "internal/progress", "internal/quote", "internal/report",
		"internal/session", "internal/sweep", "spec", "tailor"}, false},
	"tailor": {[]string{"internal/answers", "internal/dockerfile", "internal/envblock", "internal/meant", "internal/portnumber", "internal/relay", "spec", "tailor/internal/blank", "tailor/internal/filekind", "tailor/internal/ipaddress", "tailor/internal/machinepath",
		"tailor/internal/modeltree", "tailor/internal/placeholder", "tailor/internal/portentry", "tailor/internal/option", "tailor/internal/substitution"}, true},
	"tailor/internal/portentry":    {[]string{"tailor/internal/modeltree"}, true}, // both loaders read the short form
	"tailor/internal/placeholder":  {[]string{"tailor/internal/modeltree"}, false},
	"tailor/internal/modeltree":    {nil, false},
	"tailor/internal/substitution": {nil, false},
	"tailor/internal/option":       {nil, false},
	"tailor/internal/blank":        {[]string{"tailor/internal/machinepath"}, true}, // references of images; names of files
	"tailor/internal/filekind":     {nil, true},                                     // YAML
	"tailor/internal/machinepath":  {nil, false},
	"tailor/internal/ipaddress":    {nil, false},
	"internal/answers":             {[]string{"internal/meant", "spec"}, true}, // beside the Compose files: what of the spec is written down
	"internal/envblock":            {nil, true},                                // what we wrote into .env, and read past
	"internal/meant":               {nil, true},
	"internal/dockerfile":          {nil, true},
	"internal/buildcontext":        {nil, true},
	"internal/hostpath":            {nil, false},
	"internal/hostfiles":           {[]string{"internal/engine", "internal/owner", "internal/session"}, false},
	"internal/command": {[]string{"internal/artifact", "internal/check", "internal/engine", "internal/environ", "internal/errorline", "internal/report",
		"internal/session", "spec", "wait"}, false},
	"internal/session": {[]string{"internal/artifact", "internal/engine", "internal/isolate", "internal/owner", "internal/page", "internal/parallel", "internal/process",
		"internal/progress", "internal/report", "internal/said", "internal/sweep", "internal/watchdog", "spec",
		"wait"}, false},
	"spec":                {[]string{"wait"}, false},
	"internal/watchdog":   {[]string{"internal/engine", "internal/process", "internal/sweep"}, false},
	"internal/sweep":      {[]string{"internal/engine", "internal/lock", "internal/outside", "internal/owner", "internal/process"}, false},
	"internal/outside":    {[]string{"internal/owner", "internal/process"}, false},
	"internal/said":       {nil, false},
	"internal/push":       {[]string{"internal/engine", "internal/lock"}, false},
	"internal/lazyregexp": {nil, false},
	"internal/lock":       {nil, true},
	"internal/process":    {[]string{"internal/owner"}, false},
	"internal/parallel":   {nil, false},
	"internal/environ":    {nil, false},
	"internal/engine":     {[]string{"internal/child", "internal/cliplugin", "internal/netns", "internal/parallel", "internal/portnumber", "internal/reach", "internal/stall", "internal/timelimit"}, true}, // child: a docker command in the place of this process
	"internal/stall":      {nil, false},
	"internal/timelimit":  {nil, false},
	"internal/quote":      {nil, false},
	"internal/startorder": {[]string{"internal/parallel", "wait"}, false},
	"internal/reach":      {[]string{"internal/netns"}, true},
	"internal/netns":      {nil, true},
	"internal/check":      {[]string{"internal/artifact", "internal/owner", "internal/report", "wait"}, true}, // references of images
	"internal/report":     {[]string{"internal/errorline", "internal/quote"}, false},
	"wait":                {[]string{"internal/errorline", "internal/portnumber", "internal/quote", "internal/timelimit"}, false}, // a port with its protocol
	"internal/errorline":  {[]string{"internal/lazyregexp", "internal/quote"}, false},                                             // lines of programs, without what terminals need
	"internal/denied":     {nil, false},
	"internal/unresolved": {nil, false},
	"internal/program":    {nil, false},
	"internal/buildlog":   {[]string{"internal/errorline", "internal/lazyregexp"}, false},
	"internal/owner":      {nil, false},
	"internal/artifact":   {nil, false},
	"internal/page":       {[]string{"internal/lazyregexp", "internal/quote", "internal/unresolved"}, true}, // the same; differences of files

	"internal/portnumber": {nil, false},
	"internal/relay":      {nil, false}, // the planner reads the names of Reach, package container opens the ways
}

// linkedBy has the libraries that only some packages may import, so that they are not
// linked into tests.
var linkedBy = map[string][]string{
	"github.com/agext/levenshtein":   {"internal/meant"},
	"github.com/go-sql-driver/mysql": {"internal/condition"}, // which the command alone has
	"github.com/lib/pq":              {"internal/condition"},
	"github.com/spf13/cobra":         {"cmd/seatrial"}, // verbs, options, completion
	"github.com/spf13/pflag":         {"cmd/seatrial"},
	"golang.org/x/term":              {"cmd/seatrial"}, // whether there is a terminal, and how wide it is
}

type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Standard   bool
	Export     string
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Standard,Export"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// isFree reports whether a package may import anything: commands, and packages for tests.
func isFree(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"cmd", "tools", "examples"}, top) ||
		slices.ContainsFunc([]string{"internal/chromium", "internal/enginetest", "internal/conformance", "internal/leftovers", "internal/recipes", "internal/standin"}, func(free string) bool { return strings.HasPrefix(name+"/", free+"/") })
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	packages := goList(t, "./...")
	for name := range arrows {
		path := strings.TrimSuffix(module+"/"+name, "/")
		if !slices.ContainsFunc(packages, func(p listed) bool { return p.ImportPath == path }) {
			t.Errorf("there are arrows for %q, but no such package", path)
		}
	}
	for _, p := range packages {
		if name := strings.TrimPrefix(p.ImportPath, module+"/"); name == "internal/swarm/converge" && slices.Contains(p.Imports, "context") {
			t.Errorf("%s imports context: what asks an engine takes one, and it asks none", name)
		}
		if slices.Contains(p.Imports, "testing") {
			t.Errorf("%s imports testing outside of a test", p.ImportPath)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, path := range p.Imports {
			if by, restricted := linkedBy[path]; restricted && !slices.Contains(by, name) {
				t.Errorf("%s imports %s, which is for %s alone", p.ImportPath, path, strings.Join(by, ", "))
			}
		}
		may, ruled := arrows[name]
		if !ruled && !isFree(name) {
			t.Errorf("there are no arrows for %q", name)
		}
		if !ruled {
			continue
		}
		for _, own := range may.own {
			if path := strings.TrimSuffix(module+"/"+own, "/"); runtime.GOOS == "linux" && !slices.Contains(p.Imports, path) { // elsewhere some files are left out
				t.Errorf("there is an arrow from %s to %s, which it does not import", p.ImportPath, path)
			}
		}
		for _, path := range p.Imports {
			own, isOwn := strings.CutPrefix(path+"/", module+"/")
			own = strings.TrimSuffix(own, "/")
			switch first, _, _ := strings.Cut(path, "/"); {
			case isOwn && !slices.Contains(may.own, own):
				t.Errorf("%s imports %s", p.ImportPath, own)
			case !isOwn && strings.Contains(first, ".") && !may.others:
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}

// No exported signature has a type of a dependency or of an internal package, so
// that we can change these.
func TestExportedSignaturesAreOurs(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	imports := importsOf(t, fset)
	for _, p := range goList(t, "./...") {
		if strings.Contains(p.ImportPath, "/internal/") || strings.Contains(p.ImportPath, "/cmd/") {
			continue
		}
		pkg := typeCheck(t, fset, imports, p, nil)
		foreign := func(other *types.Package) string {
			path := other.Path()
			first, _, _ := strings.Cut(path, "/")
			if strings.Contains(first, ".") && (!strings.HasPrefix(path, module) || strings.Contains(path, "/internal/")) {
				return "FOREIGN(" + path + ")"
			}
			return ""
		}
		for _, name := range pkg.Scope().Names() {
			object := pkg.Scope().Lookup(name)
			if !object.Exported() {
				continue
			}
			for _, text := range signatures(object, foreign) {
				if strings.Contains(text, "FOREIGN") {
					t.Errorf("%s.%s: %s", p.ImportPath, name, text)
				}
			}
		}
	}
}

// importsOf reads the exports of packages that go list has compiled.
func importsOf(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	exports := map[string]string{}
	for _, p := range goList(t, "-deps", "-export", "./...") {
		exports[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
}

func typeCheck(t *testing.T, fset *token.FileSet, imports types.Importer, p listed, info *types.Info) *types.Package {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// signatures formats the exported parts of an object; qualify names the packages of
// its types.
func signatures(object types.Object, qualify types.Qualifier) []string {
	all := []string{}
	add := func(o types.Object) { all = append(all, types.ObjectString(o, qualify)) }
	if _, isType := object.(*types.TypeName); !isType {
		add(object)
		return all
	}
	if s, ok := object.Type().Underlying().(*types.Struct); ok {
		for field := range s.Fields() {
			if field.Exported() {
				add(field)
			}
		}
	} else {
		all = append(all, types.TypeString(object.Type().Underlying(), qualify))
	}
	methods := types.NewMethodSet(types.NewPointer(object.Type()))
	for method := range methods.Methods() {
		if method.Obj().Exported() {
			add(method.Obj())
		}
	}
	return all
}
