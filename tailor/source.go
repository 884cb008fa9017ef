// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// sources are the YAML nodes of all files that make up a project, to say where
// something in the loaded model was written. They are looked at, never changed
// and never written out.
type sources struct {
	in *input
	// layers are the documents, the one that wins first.
	layers []*layer
	// bases are the files that extends refers to, by absolute name.
	bases map[string]*layer
	// used are the services of bases that were extended.
	used map[*layer]map[string]bool
	// read are the files that were read, in order, as they were.
	read []File
	// err is the first thing wrong with one of the bases.
	err error
}

// layer is one YAML document.
type layer struct {
	file  string // absolute
	shown string
	root  *yaml.Node
	// dir is what relative names in include and extends refer to.
	dir string
	env map[string]string
	// includes are the documents that this one includes; they are in
	// sources.layers as well.
	includes []*layer
	// rest is the second document of a stack file, which docker does not read.
	rest *yaml.Node
}

const maxDepth = 64 // of includes and extends: more is a cycle

func parseSources(in *input) (*sources, error) {
	s := &sources{in: in, bases: map[string]*layer{}, used: map[*layer]map[string]bool{}}
	for _, f := range in.files {
		layers, err := s.parse(f.name, f.content, in.dir, in.env, 0)
		if err != nil {
			return nil, err
		}
		s.layers = append(layers, s.layers...)
	}
	return s, nil
}

// parse returns the documents of a file and of what they include, the one
// that wins first.
func (s *sources) parse(name string, content []byte, dir string, env map[string]string, depth int) ([]*layer, error) {
	var all []*layer
	s.read = append(s.read, File{name, string(content)})
	shown := s.in.shown(name)
	d := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var doc yaml.Node
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, yamlError(shown, content, err)
		}
		if len(doc.Content) == 0 {
			continue
		}
		l := &layer{file: name, shown: shown, root: doc.Content[0], dir: dir, env: env}
		if err := wellFormed(l); err != nil {
			return nil, err
		}
		if l.includes, err = s.parseIncludes(l, depth+1); err != nil {
			return nil, err
		}
		all = slices.Concat([]*layer{l}, l.includes, all)
	}
}

// parseIncludes follows the include section as Compose does. Files that can't
// be read are left to the loader, whose message is better.
func (s *sources) parseIncludes(l *layer, depth int) ([]*layer, error) {
	section, _ := child(l.root, "include")
	section = resolve(section)
	if section == nil || section.Kind != yaml.SequenceNode || depth > maxDepth {
		return nil, nil
	}
	var all []*layer
	for _, item := range section.Content {
		item = resolve(item)
		paths := l.texts(item)
		dir := ""
		var envFiles []string
		if item.Kind == yaml.MappingNode {
			paths = l.textsAt(item, "path")
			envFiles = l.textsAt(item, "env_file")
			if d := l.textsAt(item, "project_directory"); len(d) > 0 {
				dir = d[0]
			}
		}
		if len(paths) == 0 || remote(paths[0]) {
			continue
		}
		for i := range paths {
			paths[i] = absolute(l.dir, paths[i])
		}
		if dir == "" {
			dir = filepath.Dir(paths[0])
		}
		dir = absolute(s.in.dir, dir)
		env := s.includeEnv(l, dir, envFiles)
		for _, p := range slices.Backward(paths) {
			content, err := s.in.read(p)
			if err != nil {
				continue
			}
			layers, err := s.parse(p, content, dir, env, depth)
			if err != nil {
				return nil, err
			}
			all = append(all, layers...)
		}
	}
	return all, nil
}

// includeEnv is the environment of an included file: it adds the variables of
// its own env files, or of the .env in its project directory.
func (s *sources) includeEnv(l *layer, dir string, envFiles []string) map[string]string {
	if len(envFiles) == 0 {
		envFiles = []string{filepath.Join(dir, ".env")}
	}
	vars := map[string]string{}
	for _, name := range envFiles {
		if content, err := s.in.read(absolute(s.in.dir, name)); err == nil {
			_ = parseEnv(content, l.env, vars) // the loader reports it
		}
	}
	env := maps.Clone(vars)
	maps.Copy(env, l.env)
	return env
}

// base returns the document of a file that extends refers to.
func (s *sources) base(l *layer, name string) *layer {
	name = absolute(l.dir, name)
	if b, ok := s.bases[name]; ok {
		return b
	}
	s.bases[name] = nil
	content, err := s.in.read(name)
	if err != nil {
		return nil
	}
	layers, err := s.parse(name, content, filepath.Dir(name), l.env, maxDepth)
	if err != nil {
		s.err = cmp.Or(s.err, err)
		return nil
	}
	if len(layers) == 0 {
		return nil
	}
	s.bases[name] = layers[0]
	return layers[0]
}

// interpolate returns text as Compose reads it. Text that Compose would not
// accept is returned as it is.
func (l *layer) interpolate(text string) string {
	return l.interpolateWith(text, func(string) (string, bool) { return "", false })
}

// interpolateWith is interpolate, with other values for some variables.
func (l *layer) interpolateWith(text string, other func(name string) (string, bool)) string {
	s, err := template.SubstituteWithOptions(text, func(name string) (string, bool) {
		if v, ok := other(name); ok {
			return v, true
		}
		v, ok := l.env[name]
		return v, ok
	}, template.WithoutLogging)
	if err != nil {
		return text
	}
	return s
}

// texts returns the strings of a scalar or a list of scalars.
func (l *layer) texts(n *yaml.Node) []string {
	n = resolve(n)
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		return []string{l.interpolate(n.Value)}
	case n.Kind == yaml.SequenceNode:
		var all []string
		for _, e := range n.Content {
			if e = resolve(e); e.Kind == yaml.ScalarNode {
				all = append(all, l.interpolate(e.Value))
			}
		}
		return all
	}
	return nil
}

func (l *layer) textsAt(n *yaml.Node, key string) []string {
	v, _ := child(n, key)
	return l.texts(v)
}
