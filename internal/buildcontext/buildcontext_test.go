// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tree makes files of a map: a name with / at its end is a directory, a content
// that begins with -> a link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		link, isLink := strings.CutPrefix(content, "->")
		switch {
		case err != nil:
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o755)
		case isLink:
			err = os.Symlink(link, path)
		default:
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir, ignore string, memo *Memo) []Entry {
	t.Helper()
	patterns, err := Patterns([]byte(ignore))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := Read(dir, patterns, memo)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func paths(entries []Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Path)
	}
	return strings.Join(all, " ")
}

func TestRead(t *testing.T) {
	dir := tree(t, map[string]string{
		"a": "x", "b/c": "x", "b/d/e": "x", "b/d/f": "x", "empty/": "", "link": "->b/c", "out": "->../../x", "node_modules/m/i": "x", "node_modules/k/": "",
	})
	tests := []struct{ ignore, want string }{
		{"", "a b b/c b/d b/d/e b/d/f empty link node_modules node_modules/k node_modules/m node_modules/m/i out"},
		{"# comment\nb\nnode_modules\n", "a empty link out"},
		{"**/d\nnode_modules/*\nempty/", "a b b/c link node_modules out"},
		{"*\n!b/d/e", "b b/d b/d/e"},
		{"b/*\n!b/d\nb/d/f\nnode_modules\n!node_modules/none", "a b b/d b/d/e empty link out"},
		{"*\n!empty", "empty"},
		{"/a\n./b/\nlink", "empty node_modules node_modules/k node_modules/m node_modules/m/i out"},
	}
	for _, test := range tests {
		t.Run(test.ignore, func(t *testing.T) {
			if got := paths(read(t, dir, test.ignore, nil)); got != test.want {
				t.Errorf("entries = %s\nwant      %s", got, test.want)
			}
		})
	}
	if _, err := Patterns([]byte("[")); err == nil {
		t.Error("a broken pattern is accepted")
	}
}

func TestReadLeavesSocketsOut(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // the name of a socket has few characters
	l, err := net.Listen("unix", "s")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	if got := paths(read(t, dir, "", nil)); got != "" {
		t.Errorf("entries = %q, want none", got)
	}
}

func key(t *testing.T, dir, memos string) string {
	t.Helper()
	var memo *Memo
	if memos != "" {
		memo = OpenMemo(memos, dir)
	}
	k := NewKey()
	k.AddEntries("context", read(t, dir, "", memo))
	if err := memo.Save(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", k.Sum())
}

// The key changes with every byte and mode bit, and not with times.
func TestKey(t *testing.T) {
	dir := tree(t, map[string]string{"a": "one", "b/c": "two", "l": "->a"})
	path := func(name string) string { return filepath.Join(dir, name) }
	before := key(t, dir, "")
	changes := []struct {
		about string
		do    func() error
		same  bool
	}{
		{"nothing", func() error { return nil }, true},
		{"times", func() error { return os.Chtimes(path("a"), time.Time{}, time.Unix(1, 0)) }, true},
		{"times of a directory", func() error { return os.Chtimes(path("b"), time.Time{}, time.Unix(1, 0)) }, true},
		{"a byte", func() error { return os.WriteFile(path("a"), []byte("onE"), 0o644) }, false},
		{"and back", func() error { return os.WriteFile(path("a"), []byte("one"), 0o644) }, false},
		{"a mode bit", func() error { return os.Chmod(path("b/c"), 0o645) }, false},
		{"a mode bit of a directory", func() error { return os.Chmod(path("b"), 0o750) }, false},
		{"a name", func() error { return os.Rename(path("b/c"), path("b/d")) }, false},
		{"a link", func() error { return errors.Join(os.Remove(path("l")), os.Symlink("b", path("l"))) }, false},
		{"a directory", func() error { return os.Mkdir(path("e"), 0o755) }, false},
	}
	for _, change := range changes {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		after := key(t, dir, "")
		if (after == before) != change.same {
			t.Errorf("after a change of %s, the key is the same: %v, want %v", change.about, after == before, change.same)
		}
		before = after
	}
	one, two := NewKey(), NewKey()
	one.Add("args", "ab", "c")
	two.Add("args", "a", "bc")
	if string(one.Sum()) == string(two.Sum()) {
		t.Error("other values have the same key")
	}
}

// A file that is written again, with another content of the same size, at once or
// later, by a program that sets its time back or not, is noticed.
func TestMemoNotices(t *testing.T) {
	dir, memos := tree(t, map[string]string{"a": "one"}), t.TempDir()
	file := filepath.Join(dir, "a")
	old := time.Now().Add(-time.Hour)
	write := func(content string, at time.Time) {
		t.Helper()
		err := os.WriteFile(file, []byte(content), 0o644)
		if err == nil && !at.IsZero() {
			err = os.Chtimes(file, at, at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]string{}
	check := func(content string, at time.Time) {
		t.Helper()
		write(content, at)
		k := key(t, dir, memos)
		if want := key(t, dir, ""); k != want {
			t.Errorf("content %q has the key of another", content)
		}
		seen[content] = k
	}
	for i := range 20 {
		check([]string{"one", "two"}[i%2], time.Time{})
	}
	if runtime.GOOS == "linux" {
		for i := range 4 {
			check([]string{"one", "two"}[i%2], old)
		}
		time.Sleep(grain + 100*time.Millisecond)
		key(t, dir, memos) // it is remembered now
		for i := range 4 {
			check([]string{"two", "one"}[i%2], old)
		}
	}
	if len(seen) != 2 || seen["one"] == seen["two"] {
		t.Errorf("keys = %v, want two", seen)
	}
}

// What is remembered is not read again.
func TestMemoRemembers(t *testing.T) {
	dir, memos := tree(t, map[string]string{"a": "one", "b\nc": "two", `"d`: "three"}), t.TempDir()
	long := time.Now().Add(grain + time.Second)
	memo := OpenMemo(memos, dir)
	memo.began = long
	first := read(t, dir, "", memo)
	if err := memo.Save(); err != nil {
		t.Fatal(err)
	}
	memo = OpenMemo(memos, dir)
	for _, e := range first {
		info, err := lstat(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		if sum, ok := memo.sum(e.Path, info); !ok || sum != e.Sum {
			t.Errorf("%q is not remembered", e.Path)
		}
	}
	again := read(t, dir, "", memo)
	if d := cmp.Diff(first, again); d != "" {
		t.Errorf("read again (-first +second):\n%s", d)
	}
	files, err := os.ReadDir(memos)
	if err != nil || len(files) != 1 {
		t.Fatalf("there are %d files, %v, want one", len(files), err)
	}
	for _, content := range []string{"", "garbage", memoHead + "\x01", memoHead + "\x01\x00a123"} {
		if err := os.WriteFile(filepath.Join(memos, files[0].Name()), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(first, read(t, dir, "", OpenMemo(memos, dir))); d != "" {
			t.Errorf("with a broken memo (-first +now):\n%s", d)
		}
	}
}

// Files that only another ignore file excludes are not forgotten.
func TestMemoKeepsWhatIsIgnored(t *testing.T) {
	dir, memos := tree(t, map[string]string{"a": "one", "b": "two", "gone": "x"}), t.TempDir()
	remember(t, dir, "", memos)
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	writeTo(t, filepath.Join(dir, "c"), "three") // without a change nothing is saved
	remember(t, dir, "a", memos)
	memo := OpenMemo(memos, dir)
	if got := slices.Sorted(maps.Keys(memo.old)); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("it remembers %v, want a, b and c", got)
	}
}

// A file that had another link for a while is not read again.
func TestMemoLinked(t *testing.T) {
	dir, memos := tree(t, map[string]string{"a": "one", "b": "two"}), t.TempDir()
	remember(t, dir, "", memos)
	began := time.Now()
	if err := os.Link(filepath.Join(dir, "a"), filepath.Join(memos, "link")); err != nil {
		t.Fatal(err)
	}
	info, err := lstat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	memo := OpenMemo(memos, dir)
	if _, known := memo.sum("a", info); known && runtime.GOOS == "linux" {
		t.Error("the test shows nothing: a link does not change a file")
	}
	memo.Linked(began.Add(time.Hour))
	if _, known := memo.sum("a", info); known && runtime.GOOS == "linux" {
		t.Error("a file that changed before it was linked is known")
	}
	memo.Linked(began)
	if _, known := memo.sum("a", info); !known {
		t.Error("a file that was only linked is not known any more")
	}
	writeTo(t, filepath.Join(dir, "a"), "eno")
	if info, err = lstat(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	memo.Linked(began)
	if _, known := memo.sum("a", info); known {
		t.Error("a file that was linked and written to is known")
	}
}

// remember reads a directory, as if long after it was written.
func remember(t *testing.T, dir, ignore, memos string) {
	t.Helper()
	memo := OpenMemo(memos, dir)
	memo.began = time.Now().Add(time.Hour)
	read(t, dir, ignore, memo)
	if err := memo.Save(); err != nil {
		t.Fatal(err)
	}
}

func writeTo(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestStage(t *testing.T) {
	dir := tree(t, map[string]string{
		"a": "one", "b/c": "two", "b/x": "old", "link": "->a", "conf/": "", "no": "x",
		"b/file/old": "gone, with its directory", "b/dir": "gone, for a directory", "b/both/old": "two", "whole/of/it": "gone",
	})
	extras := tree(t, map[string]string{
		"a": "new", "dir/x": "new", "dir/y": "new", "there": "->a", "dir/file": "new", "dir/dir/new": "new", "dir/both/new": "new", "whole": "new",
	})
	if err := os.Chmod(filepath.Join(dir, "conf"), 0o555); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "staged")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Stage(to, dir, read(t, dir, "no", nil), []Extra{
		{"a", filepath.Join(extras, "a")}, {"b", filepath.Join(extras, "dir")}, {"there", filepath.Join(extras, "there")},
		{"whole", filepath.Join(extras, "whole")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range read(t, to, "", nil) {
		content, _ := os.ReadFile(filepath.Join(to, e.Path))
		got[e.Path] = fmt.Sprintf("%v %s%s", e.Mode, content, e.Link)
	}
	want := map[string]string{
		"a": "-rw-r--r-- new", "b": "drwxr-xr-x ", "b/c": "-rw-r--r-- two", "b/x": "-rw-r--r-- new", "b/y": "-rw-r--r-- new",
		"link": fmt.Sprint(fs.ModeSymlink) + " newa", "conf": "dr-xr-xr-x ", "there": "-rw-r--r-- new",
		"b/file": "-rw-r--r-- new", "b/dir": "drwxr-xr-x ", "b/dir/new": "-rw-r--r-- new",
		"b/both": "drwxr-xr-x ", "b/both/old": "-rw-r--r-- two", "b/both/new": "-rw-r--r-- new", "whole": "-rw-r--r-- new",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("staged (-want +got):\n%s", d)
	}
	if err := Unstage(to); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(content) != "one" {
		t.Errorf("the original is %q, %v, want it unchanged", content, err)
	}
}

// Where a file cannot be linked, as from another file system, its copy has its mode.
func TestCopyKeepsTheMode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTo(t, filepath.Join(dir, "run"), "go")
	to := filepath.Join(dir, "copy")
	s := &stage{to: dir}
	if err := s.copy(filepath.Join(dir, "run"), to, 0o755); err != nil || s.copied != 2 {
		t.Fatalf("%d bytes, %v", s.copied, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode() != 0o755 {
		t.Errorf("the copy has the mode %v, %v", info.Mode(), err)
	}
}

// The last line that matches decides.
func TestHides(t *testing.T) {
	t.Parallel()
	const ignore = "# of the editor\n*.swp\n\n**/*.json \nassets\n!assets/site.css\n!public/a.json\n"
	for file, want := range map[string]string{
		"assets/manifest.json": "5 assets", "conf/a.json": "4 **/*.json", "public/a.json": "0 ", "assets/site.css": "0 ", "main.go": "0 ", "a.swp": "2 *.swp",
	} {
		line, pattern := Hides([]byte(ignore), file)
		if got := fmt.Sprint(line, " ", pattern); got != want {
			t.Errorf("%s is hidden by %q, want %q", file, got, want)
		}
	}
}

func TestIgnoreFile(t *testing.T) {
	dir := tree(t, map[string]string{".dockerignore": "a", "x.Dockerfile.dockerignore": "", "Dockerfile": ""})
	for file, want := range map[string]string{"Dockerfile": ".dockerignore", "x.Dockerfile": "x.Dockerfile.dockerignore"} {
		name, content, err := IgnoreFile(dir, filepath.Join(dir, file))
		if err != nil || filepath.Base(name) != want || content == nil {
			t.Errorf("IgnoreFile(%s) = %s, %q, %v, want %s", file, name, content, err, want)
		}
	}
	if name, content, err := IgnoreFile("", filepath.Join(dir, "Dockerfile")); name != "" || content != nil || err != nil {
		t.Errorf("without a context: %s, %q, %v, want nothing", name, content, err)
	}
}

func BenchmarkReadUnchanged(b *testing.B) {
	dir, memos := b.TempDir(), b.TempDir()
	for i := range 200 {
		sub := filepath.Join(dir, fmt.Sprintf("d%03d", i))
		if err := os.Mkdir(sub, 0o755); err != nil {
			b.Fatal(err)
		}
		for j := range 100 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%03d", j)), []byte("x"), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	read := func(began time.Time) {
		memo := OpenMemo(memos, dir)
		memo.began = began
		_, err := Read(dir, []string{"**/.git", "*.log"}, memo)
		if err = errors.Join(err, memo.Save()); err != nil {
			b.Fatal(err)
		}
	}
	read(time.Now().Add(time.Hour))
	for b.Loop() {
		read(time.Now())
	}
}
