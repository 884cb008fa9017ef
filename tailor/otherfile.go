// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/tailor/internal/filekind"
)

// otherKind returns an error that says what a file is, if it is no Compose file, but of a kind
// that people give in its place.
func (in *input) otherKind() error {
	for _, f := range in.files {
		if kind, ok := filekind.Of(f.name, f.content); ok {
			return &ReadError{File: f.shown, Err: fmt.Errorf("it is %s, not a Compose file\nhint: %s", kind.What, kind.Hint)}
		}
	}
	return nil
}

// serviceElsewhere returns a hint for files that refer to a service which none of them has, if
// that is what the loader says: where a file beside them has it, or which one may be meant.
func (s *sources) serviceElsewhere(said string) string {
	has := map[string]bool{}
	for _, l := range s.layers {
		for name := range l.services() {
			has[name] = true
		}
	}
	for _, l := range slices.Backward(s.layers) {
		for _, n := range l.services() {
			for _, name := range l.servicesNeeded(n) {
				if !has[name] && strings.Contains(said, strconv.Quote(name)) {
					return s.instead(name, slices.Sorted(maps.Keys(has)))
				}
			}
		}
	}
	return ""
}

// services returns the services of a document, by name.
func (l *layer) services() map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	n, _ := child(l.root, "services")
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return all
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		all[n.Content[i].Value] = n.Content[i+1]
	}
	return all
}

// servicesNeeded returns the names of services that one cannot be without.
func (l *layer) servicesNeeded(service *yaml.Node) []string {
	var all []string
	n, _ := child(service, "depends_on")
	if n = resolve(n); n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if required, _ := child(n.Content[i+1], "required"); required == nil || required.Value != "false" {
				all = append(all, n.Content[i].Value)
			}
		}
	} else {
		all = append(all, l.textsAt(service, "depends_on")...)
	}
	if extends, _ := child(service, "extends"); extends != nil && len(l.textsAt(extends, "file")) == 0 {
		all = append(append(all, l.texts(extends)...), l.textsAt(extends, "service")...)
	}
	for _, key := range []string{"network_mode", "ipc", "pid"} {
		for _, text := range l.textsAt(service, key) {
			if name, ok := strings.CutPrefix(text, "service:"); ok {
				all = append(all, name)
			}
		}
	}
	for _, key := range []string{"links", "volumes_from"} {
		for _, text := range l.textsAt(service, key) {
			if name, _, _ := strings.Cut(text, ":"); name != "container" {
				all = append(all, name)
			}
		}
	}
	return all
}

// instead says what to do about a service that is not among those that there are.
func (s *sources) instead(name string, there []string) string {
	if file := s.fileWith(name); file != "" {
		return file
	}
	if near := meant.Nearest(name, there); near != "" {
		return fmt.Sprintf("did you mean %s? The files have %s", near, strings.Join(there, ", "))
	}
	return fmt.Sprintf("the files have %s; if another file has service %s, give that, too, before the one that adds to it", strings.Join(there, ", "), name)
}

// fileWith says which file beside those of the project has a service, if one has.
func (s *sources) fileWith(service string) string {
	given := map[string]bool{}
	for _, f := range s.in.files {
		given[f.name] = true
	}
	for _, f := range s.in.files {
		entries, err := os.ReadDir(filepath.Dir(f.name))
		if err != nil {
			continue
		}
		for _, entry := range entries {
			name := filepath.Join(filepath.Dir(f.name), entry.Name())
			if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" || given[name] || !entry.Type().IsRegular() {
				continue
			}
			content, err := s.in.read(name)
			if err != nil {
				continue
			}
			var doc yaml.Node
			if err := yaml.Unmarshal(content, &doc); err != nil || len(doc.Content) == 0 {
				continue
			}
			if (&layer{root: doc.Content[0]}).services()[service] != nil {
				return fmt.Sprintf("%s has service %s: give it before %s", s.in.shown(name), service, f.shown)
			}
		}
	}
	return ""
}
