// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Whatever the files say: no panic, no document that changes what was not
// planned, no two documents for one input.
func FuzzStack(f *testing.F) {
	for _, archive := range stackArchives(f) {
		for _, file := range archive.Files {
			if !strings.HasPrefix(file.Name, "want.") {
				f.Add(file.Data, []byte("A=b$c\nB"))
			}
		}
	}
	f.Add([]byte(smallStack), []byte("# nothing"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, vars []byte) {
		name := filepath.Join(dir, "stack.yaml")
		read := func(n string) ([]byte, error) {
			switch {
			case n == name:
				return text, nil
			case strings.HasSuffix(n, ".env"):
				return vars, nil
			}
			return nil, fs.ErrNotExist
		}
		s := spec.Stack{Files: []string{name}, Isolate: len(text)%2 == 0, StablePorts: len(text)%3 == 0, Env: map[string]string{"SET": "$1", "A": ""}}
		p, err := Stack(context.Background(), s, StackOptions{Read: read})
		var be *bugError
		if errors.As(err, &be) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		_ = p.Text()
		if !json.Valid(p.Document()) {
			t.Fatalf("the document is no JSON:\n%s", p.Document())
		}
		again, err := Stack(context.Background(), s, StackOptions{Read: read})
		if err != nil || !bytes.Equal(again.Document(), p.Document()) || again.Text() != p.Text() {
			t.Fatalf("one input, two outputs: %v\n%s\n%s", err, p.Document(), again.Document())
		}
		for _, claim := range commonOfStack(t, p) {
			if strings.HasPrefix(claim, "port ") || strings.HasPrefix(claim, "subnet ") {
				t.Errorf("two copies have %s in common", claim)
			}
		}
	})
}
