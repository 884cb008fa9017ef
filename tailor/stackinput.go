// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/spec"
)

func readStackInput(ctx context.Context, s spec.Stack, o StackOptions) (*input, error) {
	in := &input{read: o.Read, leased: map[string]string{}, platform: o.Platform}
	if in.read == nil {
		in.read = os.ReadFile
	}
	if len(s.Files) == 0 {
		return nil, errors.New("reading stack: Files is empty\nhint: name a stack file")
	}
	for _, name := range s.Files {
		f, err := in.openFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, plain(err))
		}
		in.files = append(in.files, f)
	}
	dir := s.Dir
	if dir == "" {
		dir = filepath.Dir(in.files[0].name)
	}
	var err error
	if in.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("reading directory %q: %w", dir, err)
	}
	if _, err := os.Stat(in.dir); o.Read == nil && err != nil {
		return nil, fmt.Errorf("reading directory %q: %w", dir, plain(err))
	}
	in.shown = shownLike(in.files)
	in.replaceTexts(s.Replace)
	for name, value := range s.Env {
		if !utf8.ValidString(value) {
			return nil, fmt.Errorf("reading Env[%q]: the value is not UTF-8, which the document cannot hold", name)
		}
	}
	in.process = map[string]string{"PWD": in.dir}
	maps.Copy(in.process, o.Base)
	maps.DeleteFunc(in.process, func(_, value string) bool { return !utf8.ValidString(value) })
	maps.Copy(in.process, s.Env)
	in.env = in.process
	return in, ctx.Err()
}

// parseStackSources reads the nodes of all files, to say where something was
// written. docker stack deploy looks at the first document of a file.
func parseStackSources(in *input) (*sources, error) {
	s := &sources{in: in, bases: map[string]*layer{}, used: map[*layer]map[string]bool{}}
	for _, f := range in.files {
		d := yaml.NewDecoder(bytes.NewReader(f.content))
		var doc yaml.Node
		if err := d.Decode(&doc); errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
			return nil, &ReadError{File: f.shown, Err: errors.New("the file is empty")}
		} else if err != nil {
			return nil, yamlError(f.shown, f.content, err)
		}
		l := &layer{file: f.name, shown: f.shown, root: doc.Content[0], dir: in.dir, env: in.env}
		if err := wellFormed(l); err != nil {
			return nil, err
		}
		var more yaml.Node
		if err := d.Decode(&more); err == nil && len(more.Content) > 0 {
			l.rest = more.Content[0]
		}
		s.layers = append([]*layer{l}, s.layers...)
	}
	return s, nil
}
