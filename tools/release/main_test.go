// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Packed files come out again, and packing is reproducible.
func TestPack(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	files := []packed{{"seatrial", 0o755, bytes.Repeat([]byte("program"), 1<<16)}, {"LICENSE", 0o644, []byte("text")}}
	for name, pack := range map[string]func(string, time.Time, []packed) ([]byte, error){"tar": packTar, "zip": packZip} {
		content, err := pack("seatrial_1", when, files)
		again, _ := pack("seatrial_1", when, files)
		if err != nil || !bytes.Equal(content, again) {
			t.Fatalf("%s: %v, or not twice the same", name, err)
		}
		got := map[string][]byte{}
		if name == "tar" {
			z, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			for r := tar.NewReader(z); ; {
				h, err := r.Next()
				if err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				got[h.Name], _ = io.ReadAll(r)
			}
		} else {
			r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.File {
				c, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				got[f.Name], _ = io.ReadAll(c)
			}
		}
		for _, f := range files {
			if !bytes.Equal(got["seatrial_1/"+f.name], f.content) {
				t.Errorf("%s: %s comes out with %d bytes, want %d", name, f.name, len(got["seatrial_1/"+f.name]), len(f.content))
			}
		}
	}
}

// A module is refused if its licence is not accepted, or if it has none.
func TestLicence(t *testing.T) {
	t.Parallel()
	ours, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, text string
		ok         bool
	}{
		{"LICENSE", string(ours), true}, {"Licence.txt", string(ours), true}, {"README", string(ours), false}, {"LICENSE", "Ask my lawyer.", false},
		{"COPYING", "SPDX-License-Identifier: GPL-3.0-only\n", false},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := (module{Dir: dir}).licence(io.Discard); (err == nil) != test.ok {
			t.Errorf("%s with %.20q: %v, want it accepted: %v", test.file, test.text, err, test.ok)
		}
	}
}
