// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/seatrial/seatrial/spec"
)

// Whatever the file says: no panic, and no override that changes what was not
// planned.
func FuzzCompose(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	cases, _ := filepath.Glob("testdata/cases/*.txtar")
	archives = append(archives, cases...)
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if !strings.HasPrefix(file.Name, "want.") {
				f.Add(file.Data)
			}
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(dir, "compose.yaml")
		read := func(n string) ([]byte, error) {
			if n == name {
				return text, nil
			}
			return nil, fs.ErrNotExist
		}
		for _, s := range []spec.Project{
			{},
			{
				Isolate: true, StablePorts: true, PortReferences: "all", Networks: map[string]string{"host": ""},
				Allow: []string{"docker-socket", "container-reference"}, Lock: []string{"device", "host-namespace", "system-directory"},
			},
		} {
			s.Files = []string{name}
			p, err := Compose(context.Background(), s, Options{Read: read})
			var be *bugError
			if errors.As(err, &be) {
				t.Fatal(err)
			}
			if err == nil {
				_, _ = p.Text(), p.Diff()
			}
		}
	})
}
