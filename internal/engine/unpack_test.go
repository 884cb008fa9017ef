// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func tarOf(t *testing.T, headers ...tar.Header) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		content := ""
		if h.Typeflag == tar.TypeReg {
			content = "evil"
			h.Size = int64(len(content))
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// A container's archive is not trusted: nothing of it goes outside.
func TestUnpackStaysInside(t *testing.T) {
	dir := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeDir, Name: name} }
	file := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }
	link := func(name, to string) tar.Header {
		return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to}
	}
	hard := func(name, to string) tar.Header { return tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: to} }
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	if err := os.WriteFile(victim, []byte("good"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		about   string
		headers []tar.Header
		fails   bool
	}{
		{"dots", []tar.Header{dir("d/"), file("d/../../victim")}, true},
		{"dots in front", []tar.Header{dir("d/"), file("../victim")}, true},
		{"absolute", []tar.Header{dir("d/"), file(victim)}, true},
		{"link to a directory, then into it", []tar.Header{dir("d/"), link("d/out", outside), file("d/out/victim")}, true},
		{"relative link, then into it", []tar.Header{dir("d/"), link("d/out", "../.."), file("d/out/victim")}, true},
		{"link to a directory, then a directory", []tar.Header{dir("d/"), link("d/out", outside), dir("d/out/"), file("d/out/victim")}, false},
		{"link to a file, then that file", []tar.Header{dir("d/"), link("d/f", victim), file("d/f")}, false},
		{"hard link outside", []tar.Header{dir("d/"), hard("d/f", victim)}, true},
		{"hard link through a link", []tar.Header{dir("d/"), link("d/out", outside), hard("d/f", "d/out/victim")}, true},
		{"link alone", []tar.Header{link("d", victim)}, false},
		{"directory's mode through a link", []tar.Header{dir("d/"), dir("d/x/"), link("d/x", outside)}, true},
	}
	for _, test := range tests {
		to := filepath.Join(t.TempDir(), "to")
		err := Unpack(tarOf(t, test.headers...), to)
		if (err != nil) != test.fails {
			t.Errorf("%s: error %v, want one: %v", test.about, err, test.fails)
		}
		got, err := os.ReadFile(victim)
		info, failed := os.Stat(outside)
		if err != nil || failed != nil || string(got) != "good" || info.Mode().Perm() == 0o777 {
			t.Fatalf("%s: the file outside is %q, %v, its directory %v", test.about, got, err, info.Mode())
		}
		if entries, _ := os.ReadDir(outside); len(entries) != 1 {
			t.Fatalf("%s: outside there are now %v", test.about, entries)
		}
	}
}
