// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/spec"
)

// Name is the name of the file.
const Name = ".seatrial.yaml"

// Beside returns the file that lies beside a Compose file, or in a directory, or nothing if
// there is none.
func Beside(file string) string {
	dir := file
	if info, err := os.Stat(file); err != nil || !info.IsDir() {
		dir = filepath.Dir(file)
	}
	name := filepath.Join(dir, Name)
	if _, err := os.Lstat(name); err != nil {
		return ""
	}
	return name
}

// A File is an answers file that was read.
type File struct {
	Name    string // as it was given
	Project spec.Project

	lines map[string]int
}

// Line returns the line of a field of the spec, or of the entry of a key in it; 0 if it is
// not in the file.
func (f *File) Line(field, key string) int { return f.lines[field+" "+key] }

// Keys are the keys, or items, of a field, without order.
func (f *File) Keys(field string) []string {
	var all []string
	for at := range f.lines {
		if key, ok := strings.CutPrefix(at, field+" "); ok && key != "" {
			all = append(all, key)
		}
	}
	return all
}

// Value returns the file that an entry names, for fields whose entries name files.
func (f *File) Value(field, key string) string {
	return map[string]map[string]string{"Paths": f.Project.Paths, "Secrets": f.Project.Secrets, "Configs": f.Project.Configs}[field][key]
}

// An Error is a mistake in a file, with its position.
type Error struct {
	File         string
	Line, Column int // 0 if it is not known
	Err          error
}

func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at += fmt.Sprintf(":%d", e.Line)
	}
	return "reading " + at + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// elsewhere are fields that a file cannot have, with the reason.
var elsewhere = map[string]string{
	"Files":     "the Compose files are those that the command, or the test, names",
	"Dir":       "the project directory is what the command, or the test, names",
	"Answers":   "one file of answers cannot name another one",
	"Reach":     "servers of a test are its own, with other addresses each time",
	"Ready":     "conditions are written in Go; what has a health check is waited for without",
	"TimeLimit": "how long to try is said to the command, with --timeout, or in the test",
}

// keyOf is the key of a field of the spec in the file.
func keyOf(field string) string {
	return string(unicode.ToLower(rune(field[0]))) + field[1:]
}

// Key is the key of a field of the spec in the file, or nothing if a file cannot have it.
func Key(field string) string {
	if _, known := reflect.TypeFor[spec.Project]().FieldByName(field); !known || elsewhere[field] != "" {
		return ""
	}
	return keyOf(field)
}

// keys are those that a file may have, and the fields of a struct in it.
func keys(of reflect.Type) []string {
	var all []string
	for f := range of.Fields() {
		if of != reflect.TypeFor[spec.Project]() || elsewhere[f.Name] == "" {
			all = append(all, keyOf(f.Name))
		}
	}
	slices.Sort(all)
	return all
}

// Read reads a file, with a function like os.ReadFile.
func Read(name string, read func(string) ([]byte, error)) (*File, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, &Error{File: name, Err: err}
	}
	if read == nil {
		read = os.ReadFile
	}
	content, err := read(abs)
	var pe *os.PathError
	if errors.As(err, &pe) { // the message has the name already
		err = pe.Err
	}
	if err != nil {
		return nil, &Error{File: name, Err: err}
	}
	f := &File{Name: name, lines: map[string]int{}}
	r := reader{f}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) { // only comments
		return f, nil
	} else if err != nil {
		return nil, r.syntax(err)
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, r.wrong(&more, "a second document: want one")
	} else if !errors.Is(err, io.EOF) {
		return nil, r.syntax(err)
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return f, nil
	}
	if err := r.project(doc.Content[0]); err != nil {
		return nil, err
	}
	f.settle(filepath.Dir(name))
	return f, nil
}

// reader reads what a file says into its spec.
type reader struct{ f *File }

var line = regexp.MustCompile(`\bline (\d+)(?:, column \d+)?: `)

// syntax converts an error of the YAML library, which has the line only in its text.
func (r reader) syntax(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &Error{File: r.f.Name, Err: errors.New(text)}
	if at := line.FindStringSubmatchIndex(text); at != nil {
		e.Line, _ = strconv.Atoi(text[at[2]:at[3]])
		e.Err = errors.New(text[:at[0]] + text[at[1]:])
	}
	return e
}

func (r reader) wrong(n *yaml.Node, format string, args ...any) error {
	return &Error{File: r.f.Name, Line: n.Line, Column: n.Column, Err: fmt.Errorf(format, args...)}
}

func (r reader) project(n *yaml.Node) error {
	return r.fields(n, "", reflect.ValueOf(&r.f.Project).Elem(), func(field string, key *yaml.Node) { r.f.lines[field+" "] = key.Line })
}

// fields reads a mapping whose keys are fields of a struct.
func (r reader) fields(n *yaml.Node, of string, into reflect.Value, at func(field string, key *yaml.Node)) error {
	known := keys(into.Type())
	return r.entries(n, cmp.Or(of, "the file"), func(key, value *yaml.Node) error {
		field := string(unicode.ToUpper(rune(key.Value[0]))) + key.Value[1:]
		switch why := elsewhere[field]; {
		case slices.Contains(known, key.Value):
		case of == "" && why != "":
			return r.wrong(key, "key %q is not for this file: %s", key.Value, why)
		default:
			hint := "it may have " + strings.Join(known, ", ")
			if near := meant.Nearest(key.Value, known); near != "" {
				hint = "did you mean " + near + "?"
			}
			if of != "" {
				return r.wrong(key, "%s: unknown key %q: %s", of, key.Value, hint)
			}
			return r.wrong(key, "unknown key %q: %s", key.Value, hint)
		}
		at(field, key)
		what := key.Value
		if of != "" {
			what = of + "." + what
		}
		return r.value(value, what, field, into.FieldByName(field))
	})
}

// value reads the value of a field.
func (r reader) value(n *yaml.Node, what, field string, into reflect.Value) error {
	n = resolve(n)
	if isNull(n) && into.Kind() != reflect.Map && into.Kind() != reflect.Slice {
		return r.wrong(n, "%s: want a value", what)
	}
	if isNull(n) {
		return nil
	}
	switch into.Interface().(type) {
	case string:
		text, err := r.text(n, what)
		if field == "PortReferences" && err == nil && text != "all" && text != "off" {
			err = r.wrong(n, "%s %q: want all or off", what, text)
		}
		into.SetString(text)
		return err
	case bool:
		if err := n.Decode(into.Addr().Interface()); err != nil || n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			return r.wrong(n, "%s: want true or false", what)
		}
	case int64:
		if err := n.Decode(into.Addr().Interface()); err != nil || into.Int() < 1 {
			return r.wrong(n, "%s: want a number of bytes", what)
		}
	case []string:
		return r.items(n, what, func(item *yaml.Node) error {
			text, err := r.text(item, what)
			r.f.lines[field+" "+text] = item.Line
			into.Set(reflect.Append(into, reflect.ValueOf(text)))
			return err
		})
	case []int:
		return r.items(n, what, func(item *yaml.Node) error {
			port, err := r.port(item, what)
			r.f.lines[field+" "+strconv.Itoa(port)] = item.Line
			into.Set(reflect.Append(into, reflect.ValueOf(port)))
			return err
		})
	case map[string]string, map[string][]int, map[string][]string, map[string]spec.Build:
		into.Set(reflect.MakeMap(into.Type()))
		return r.entries(n, what, func(key, value *yaml.Node) error {
			r.f.lines[field+" "+key.Value] = key.Line
			one := reflect.New(into.Type().Elem()).Elem()
			err := r.entry(value, what+"."+key.Value, field, one)
			into.SetMapIndex(reflect.ValueOf(key.Value), one)
			return err
		})
	default:
		return r.wrong(n, "%s cannot be written here", what) // a kind of field that this function does not know
	}
	return nil
}

// entry reads the value of a key in a map.
func (r reader) entry(n *yaml.Node, what, field string, into reflect.Value) error {
	n = resolve(n)
	switch into.Interface().(type) {
	case string:
		if field == "Env" && isNull(n) {
			return r.wrong(n, `%s: want a value; an empty one is ""`, what)
		}
		text, err := r.text(n, what)
		into.SetString(text)
		return err
	case spec.Build:
		return r.fields(n, what, into, func(string, *yaml.Node) {})
	}
	return r.value(n, what, "", into)
}

// text reads a scalar as it is written, because an image's tag or a variable may look
// like a number. A missing value is "".
func (r reader) text(n *yaml.Node, what string) (string, error) {
	switch n = resolve(n); {
	case n.Kind != yaml.ScalarNode:
		return "", r.wrong(n, "%s: want a text", what)
	case isNull(n):
		return "", nil
	}
	return n.Value, nil
}

func (r reader) port(n *yaml.Node, what string) (int, error) {
	port, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || port < 1 || port > 65535 {
		return 0, r.wrong(n, "%s: want numbers of ports", what)
	}
	return port, nil
}

func (r reader) items(n *yaml.Node, what string, take func(*yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return r.wrong(n, "%s: want a list", what)
	}
	for _, item := range n.Content {
		if err := take(resolve(item)); err != nil {
			return err
		}
	}
	return nil
}

func (r reader) entries(n *yaml.Node, what string, take func(key, value *yaml.Node) error) error {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		return r.wrong(n, "%s: want keys with values", what)
	}
	there := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		switch {
		case key.Kind != yaml.ScalarNode || key.Value == "":
			return r.wrong(key, "%s: want a name for a key", what)
		case there[key.Value] > 0:
			return r.wrong(key, "%s: key %q stands in line %d, too", what, key.Value, there[key.Value])
		}
		there[key.Value] = key.Line
		if err := take(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// settle makes names of files relative to the working directory, as in a spec.
func (f *File) settle(dir string) {
	name := func(value string) string {
		if value == "" || filepath.IsAbs(value) {
			return value
		}
		return filepath.Join(dir, value)
	}
	for _, m := range []map[string]string{f.Project.Secrets, f.Project.Configs, f.Project.Paths} {
		for key, value := range m {
			m[key] = name(value)
		}
	}
	for key, b := range f.Project.Builds {
		b.Context = name(b.Context)
		for i, file := range b.Files {
			b.Files[i] = name(file)
		}
		f.Project.Builds[key] = b
	}
}
