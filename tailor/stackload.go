// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/docker/cli/cli/compose/interpolation"
	"github.com/docker/cli/cli/compose/loader"
	"github.com/docker/cli/cli/compose/schema"
	composetypes "github.com/docker/cli/cli/compose/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackFiles reads the files of a stack as docker stack deploy does.
type stackFiles struct {
	*document

	// dicts are the files as docker stack deploy reads them, env files put in.
	dicts []map[string]any
	// ports are those of the services, by name, before any was given up.
	ports map[string][]any
}

// load reads the files with the loader of docker stack deploy.
func (m *stackFiles) load() error {
	for i, f := range m.in.files {
		dict, err := parseStack(f.content)
		if err != nil {
			return m.stackReadError(i, err)
		}
		delete(dict, "name")
		if first := m.dicts; len(first) > 0 && schema.Version(dict) != schema.Version(first[0]) {
			return m.versionError(i, dict)
		}
		if err := m.putEnvFiles(dict, i); err != nil {
			return err
		}
		m.dicts = append(m.dicts, dict)
	}
	var err error
	if m.orig, err = loadStack(m.in.dir, m.in.env, m.dicts...); err != nil {
		return m.stackReadError(m.fileOf(err), err)
	}
	if err := m.putBuildKeys(); err != nil {
		return err
	}
	for _, s := range modeltree.Mapping(m.orig, "services") { // which docker stack deploy never looks at
		if build := modeltree.Mapping(s, "build"); build != nil && !remote(modeltree.Str(build, "context")) {
			build["context"] = absolute(m.in.dir, modeltree.Str(build, "context"))
		}
	}
	m.tree = modeltree.Clone(m.orig).(map[string]any)
	for _, c := range m.containers() {
		m.ports[c.name], _ = modeltree.Clone(c.body["ports"]).([]any)
	}
	return nil
}

// putBuildKeys puts in what the loader drops of how services are built, because
// docker stack deploy builds nothing. Of several files the last one counts.
func (m *stackFiles) putBuildKeys() error {
	env := func(key string) (string, bool) { value, ok := m.in.env[key]; return value, ok }
	for i, dict := range m.dicts {
		for name, s := range modeltree.Mapping(dict, "services") {
			service := modeltree.Mapping(modeltree.Mapping(m.orig, "services"), name)
			build := modeltree.Mapping(service, "build")
			if service == nil || modeltree.Mapping(s, "build") == nil {
				continue
			}
			if build == nil { // it has nothing that the loader keeps
				build = map[string]any{}
				service["build"] = build
			}
			filled, err := interpolation.Interpolate(map[string]any{name: map[string]any{"build": modeltree.Mapping(s, "build")}}, interpolation.Options{LookupValue: env})
			if err != nil {
				return m.stackReadError(i, err)
			}
			for key, value := range modeltree.Mapping(filled[name], "build") {
				if contexts, isList := value.([]any); isList && key == "additional_contexts" { // a mapping, as for Compose
					all := map[string]any{}
					for name, from := range settings(contexts) {
						all[name] = *cmp.Or(from, new(string))
					}
					value = all
				}
				if !slices.Contains(loadedBuildKeys, key) {
					build[key] = modeltree.Clone(value)
				}
			}
		}
	}
	return nil
}

// loadedBuildKeys are those that docker's loader keeps.
var loadedBuildKeys = []string{"context", "dockerfile", "args", "labels", "cache_from", "extra_hosts", "network", "target"}

// versionError says that a file is of another version than the first.
func (m *stackFiles) versionError(i int, dict map[string]any) error {
	l := m.src.layers[len(m.src.layers)-1-i]
	e := &ReadError{File: l.shown, Line: l.root.Line, Column: l.root.Column}
	if _, v := entry(l.root, "version"); v != nil {
		e.Line, e.Column = v.Line, v.Column
	}
	e.Err = fmt.Errorf("version %s, and %s has %s: docker stack deploy wants one for all", schema.Version(dict), m.in.files[0].shown, schema.Version(m.dicts[0]))
	return e
}

// fileOf returns which of the files the loader gives up on.
func (m *stackFiles) fileOf(err error) int {
	for i, dict := range m.dicts {
		if _, own := loadStack(m.in.dir, m.in.env, dict); own != nil && own.Error() == err.Error() {
			return i
		}
	}
	return 0
}

func parseStack(content []byte) (dict map[string]any, err error) {
	defer survive(&err)
	if dict, err = loader.ParseYAML(content); err != nil {
		return nil, err
	}
	return dict, validText(dict)
}

// validText refuses strings that no JSON document can hold.
func validText(v any) error {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return fmt.Errorf("%q is not UTF-8", v)
		}
	case map[string]any:
		for k, e := range v {
			if err := errors.Join(validText(k), validText(e)); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := validText(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadStack returns the merged and interpolated model of parsed files, in the
// form in which it is written out.
func loadStack(dir string, env map[string]string, dicts ...map[string]any) (_ map[string]any, err error) {
	defer survive(&err)
	details := composetypes.ConfigDetails{WorkingDir: dir, Environment: env, Version: schema.Version(dicts[0])}
	for _, d := range dicts {
		details.ConfigFiles = append(details.ConfigFiles, composetypes.ConfigFile{Config: d})
	}
	config, err := loader.Load(details)
	if err != nil {
		return nil, err
	}
	return stackTree(config)
}

// stackReadError says where in a file the loader stopped.
func (m *stackFiles) stackReadError(file int, err error) error {
	f := m.in.files[file]
	var e *ReadError
	located := m.readError(err)
	if !errors.As(located, &e) {
		return located
	}
	if e.Line > 0 {
		return e
	}
	e.File = f.shown
	layers := slices.Clone(m.src.layers)
	slices.Reverse(layers)
	if l := layers[file]; e.Line == 0 {
		e.Line, e.Column = l.root.Line, l.root.Column
	}
	return e
}

func (m *stackFiles) lookup(name string) (string, bool) {
	v, ok := m.in.env[name]
	return v, ok
}
