// SPDX-License-Identifier: Apache-2.0

// Package buildcontext reads the directory that an image is built from, as
// docker build would: without what the ignore file excludes. It says what is in
// it by content, and remembers contents, so that a directory that did not change
// costs a walk and not a read. The directory is never written.
package buildcontext

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// An Entry is something in a context. Owners and times are none of its
// properties: BuildKit drops the one, and caches without the other.
type Entry struct {
	Path string // from the context's root, with slashes
	Mode fs.FileMode
	Size int64
	Link string // where a symbolic link leads
	Sum  [sha256.Size]byte
}

// IgnoreFile returns the ignore file that is in effect for a Dockerfile, of
// which the one beside it, called after it, goes before the context's own; and
// its content, which is nil if there is none.
func IgnoreFile(context, dockerfile string) (name string, content []byte, err error) {
	names := []string{dockerfile + ".dockerignore"}
	if context != "" {
		names = append(names, filepath.Join(context, ".dockerignore"))
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err == nil {
			return name, append([]byte{}, content...), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, fmt.Errorf("reading the ignore file: %w", err)
		}
	}
	return "", nil, nil
}

// Patterns reads the content of an ignore file.
func Patterns(content []byte) ([]string, error) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(string(content)))
	if err == nil {
		_, err = patternmatcher.New(patterns)
	}
	return patterns, err
}

// Read lists what is in a context, sorted by path, but what the patterns
// exclude. Memo may be nil.
func Read(dir string, patterns []string, memo *Memo) ([]Entry, error) {
	w := walk{root: dir, memo: memo, parents: map[string]patternmatcher.MatchInfo{}}
	var err error
	if w.ignored, err = patternmatcher.New(patterns); err != nil {
		return nil, err
	}
	if err := filepath.WalkDir(dir, w.visit); err != nil {
		return nil, err
	}
	w.dropEmpty()
	if err := w.hash(); err != nil {
		return nil, err
	}
	return w.entries, nil
}

type walk struct {
	root    string
	memo    *Memo
	ignored *patternmatcher.PatternMatcher
	parents map[string]patternmatcher.MatchInfo // of directories that were visited
	entries []Entry
	unsure  []bool        // by entry: an excluded directory, which counts if something in it does
	todo    []int         // entries whose content is not known
	infos   []fs.FileInfo // of todo
}

func (w *walk) visit(path string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(w.root, path)
	if err != nil || rel == "." {
		return err
	}
	excluded, match, err := w.ignored.MatchesUsingParentResults(rel, w.parents[filepath.Dir(rel)])
	if err != nil {
		return err
	}
	if d.IsDir() {
		w.parents[rel] = match
		if excluded && !w.ignored.Exclusions() {
			return fs.SkipDir
		}
	} else if excluded {
		return nil
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	e := Entry{Path: filepath.ToSlash(rel), Mode: info.Mode(), Size: info.Size()}
	switch {
	case e.Mode&fs.ModeSocket != 0: // BuildKit leaves them out
		return nil
	case e.Mode&fs.ModeSymlink != 0:
		if e.Link, err = os.Readlink(path); err != nil {
			return err
		}
		e.Mode, e.Size = fs.ModeSymlink, 0 // its permissions differ between systems, and mean nothing
	case e.Mode.IsRegular():
		var known bool
		if e.Sum, known = w.memo.sum(e.Path, info); !known {
			w.todo, w.infos = append(w.todo, len(w.entries)), append(w.infos, info)
		}
	default:
		e.Size = 0
	}
	w.entries, w.unsure = append(w.entries, e), append(w.unsure, excluded)
	return nil
}

// dropEmpty drops the excluded directories in which nothing is included.
func (w *walk) dropEmpty() {
	if !w.ignored.Exclusions() {
		return
	}
	needed := map[string]bool{}
	kept := make([]bool, len(w.entries))
	for i := len(w.entries) - 1; i >= 0; i-- { // what is in a directory comes after it
		e := w.entries[i]
		if kept[i] = !w.unsure[i] || needed[e.Path]; kept[i] {
			parent, _, ok := cutLast(e.Path)
			needed[parent] = needed[parent] || ok
		}
	}
	place := make([]int, len(w.entries))
	n := 0
	for i, e := range w.entries {
		place[i] = n
		if kept[i] {
			w.entries[n] = e
			n++
		}
	}
	w.entries = w.entries[:n]
	for i, j := range w.todo { // regular files, which are all kept
		w.todo[i] = place[j]
	}
}

func cutLast(path string) (parent, name string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// hash reads the files whose content is not known.
func (w *walk) hash() error {
	next := make(chan int)
	errs := make([]error, len(w.todo))
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8, len(w.todo)) {
		wg.Go(func() {
			buf, sum := make([]byte, 256<<10), sha256.New()
			for i := range next {
				e := &w.entries[w.todo[i]]
				if e.Sum, errs[i] = sumFile(filepath.Join(w.root, filepath.FromSlash(e.Path)), sum, buf); errs[i] == nil {
					w.memo.learn(e.Path, w.infos[i], e.Sum)
				}
			}
		})
	}
	for i := range w.todo {
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(errs...)
}

func sumFile(path string, sum hash.Hash, buf []byte) (result [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return result, err
	}
	defer file.Close()
	sum.Reset()
	if _, err := io.CopyBuffer(sum, onlyReader{file}, buf); err != nil {
		return result, err
	}
	sum.Sum(result[:0])
	return result, nil
}

// onlyReader hides what else a file can do, so that the buffer is used.
type onlyReader struct{ io.Reader }

// readAny reads a file, as an entry without a path, or a directory.
func readAny(path string) ([]Entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		entries, err := Read(path, nil, nil)
		return append([]Entry{{Mode: info.Mode()}}, entries...), err
	}
	sum, err := sumFile(path, sha256.New(), make([]byte, 256<<10))
	return []Entry{{Mode: info.Mode(), Sum: sum}}, err
}
