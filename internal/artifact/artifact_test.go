// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCreateNeverOverwrites(t *testing.T) {
	d := Use(t.TempDir())
	var names []string
	for range 3 {
		path, err := d.Write("db.out", []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(path))
	}
	if got, want := strings.Join(names, " "), "db.out db~2.out db~3.out"; got != want {
		t.Errorf("three files called db.out are named %q, want %q", got, want)
	}
}

// A shipped file has one copy for each of its contents.
func TestWriteShipped(t *testing.T) {
	t.Parallel()
	d := Use(t.TempDir())
	for _, content := range []string{"FROM a", "FROM a", "FROM b", "FROM a"} {
		if err := d.WriteShipped("build-a.Dockerfile", content); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(d.Path())
	if err != nil || len(entries) != 2 {
		t.Errorf("there are %v, %v; want two files", entries, err)
	}
}

func TestNamesStayInTheDirectory(t *testing.T) {
	root := t.TempDir()
	for _, test := range []string{"TestA/../../b", "/etc", "..", "", "TestA/sub case"} {
		d, err := Open(root, test, "run")
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Dir(d.Path()); got != root {
			t.Errorf("directory of test %q lies in %q, want %q", test, got, root)
		}
		path, err := d.Write(test, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Dir(path); got != d.Path() {
			t.Errorf("artifact %q lies in %q, want %q", test, got, d.Path())
		}
	}
}

func TestDiscard(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	private, err := Open("", "TestA", "run")
	if err != nil {
		t.Fatal(err)
	}
	private.Note("something happened %d times", 2)
	line, err := os.ReadFile(filepath.Join(private.Path(), "timeline.txt"))
	if err != nil || !strings.Contains(string(line), "s  something happened 2 times\n") {
		t.Errorf("timeline.txt = %q, %v, want the noted line", line, err)
	}
	kept, err := Open(t.TempDir(), "TestA", "run")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Dir{private, kept} {
		if err := d.Discard(); err != nil {
			t.Errorf("discarding %s: %v", d.Path(), err)
		}
		if _, err := os.Stat(d.Path()); os.IsNotExist(err) == d.Kept() {
			t.Errorf("after Discard, stat of a directory with kept=%v: %v", d.Kept(), err)
		}
	}
}
