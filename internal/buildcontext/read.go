// SPDX-License-Identifier: Apache-2.0

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
	"slices"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// An Entry is a file, directory or link in a context. It has no owner and no times:
// BuildKit drops owners, and ignores times in its cache keys.
type Entry struct {
	Path string // from the context's root, with slashes
	Mode fs.FileMode
	Link string // where a symbolic link leads
	Sum  [sha256.Size]byte
}

// IgnoreFile returns the ignore file for a Dockerfile, and its content, which is
// nil if there is none. A file beside the Dockerfile, named after it, takes
// precedence over the context's own. A file that is added to the context replaces
// the one there.
func IgnoreFile(context, dockerfile string, extras ...Extra) (name string, content []byte, err error) {
	names := []string{dockerfile + ".dockerignore"}
	if context != "" {
		names = append(names, filepath.Join(context, ".dockerignore"))
	}
	for _, name := range names {
		for _, x := range extras {
			if context != "" && name == filepath.Join(context, x.Name) {
				name = x.From
			}
		}
		content, err := ReadRegular(name)
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

// Hides returns the line of an ignore file, counted from 1, that excludes a file of the
// context, and its pattern. If several match, the last one decides. The line is 0 if none
// does.
func Hides(ignore []byte, file string) (line int, pattern string) {
	n := 0
	for text := range strings.Lines(string(ignore)) {
		n++
		patterns, err := ignorefile.ReadAll(strings.NewReader(text))
		if err != nil || len(patterns) != 1 {
			continue
		}
		takesIn := strings.HasPrefix(patterns[0], "!")
		hit, err := patternmatcher.MatchesOrParentMatches(file, []string{strings.TrimPrefix(patterns[0], "!")})
		switch {
		case err != nil || !hit:
		case takesIn:
			line, pattern = 0, ""
		default:
			line, pattern = n, strings.TrimSpace(text)
		}
	}
	return line, pattern
}

// Takes reports whether a context includes a file of this machine, after its ignore file.
func Takes(context, dockerfile, file string) (bool, error) {
	rel, err := filepath.Rel(context, file)
	if err != nil || !filepath.IsLocal(rel) {
		return false, nil
	}
	if !filepath.IsAbs(dockerfile) {
		dockerfile = filepath.Join(context, dockerfile)
	}
	_, content, err := IgnoreFile(context, dockerfile)
	if err != nil {
		return false, err
	}
	patterns, err := ignorefile.ReadAll(strings.NewReader(string(content)))
	if err != nil {
		return false, err
	}
	ignored, err := patternmatcher.MatchesOrParentMatches(rel, patterns)
	return !ignored, err
}

// Read lists the entries of a context, sorted by path, without those that the
// patterns exclude. The memo may be nil.
func Read(dir string, patterns []string, memo *Memo) ([]Entry, error) {
	w := walk{root: dir, memo: memo, workers: make(chan struct{}, max(runtime.GOMAXPROCS(0)-1, 0))}
	var err error
	if w.ignored, err = patternmatcher.New(patterns); err != nil {
		return nil, err
	}
	w.visit("", patternmatcher.MatchInfo{})
	w.tasks.Wait()
	if w.err != nil {
		return nil, w.err
	}
	slices.SortFunc(w.found, func(a, b *found) int { return strings.Compare(a.Path, b.Path) })
	w.dropEmpty()
	if err := w.hash(); err != nil {
		return nil, err
	}
	entries := make([]Entry, len(w.found))
	for i, f := range w.found {
		entries[i] = f.Entry
	}
	return entries, nil
}

// A walk reads as many directories at the same time as there are processors.
type walk struct {
	root    string
	memo    *Memo
	workers chan struct{}
	tasks   sync.WaitGroup

	matching sync.Mutex // a matcher compiles its patterns as it goes
	ignored  *patternmatcher.PatternMatcher

	mu    sync.Mutex
	found []*found
	err   error
}

type found struct {
	Entry
	unsure  bool // an excluded directory, which counts if something in it is included
	unknown bool // a file whose content is not known
	stat    stat
}

// visit lists a directory, and all directories below it.
func (w *walk) visit(dir string, match patternmatcher.MatchInfo) {
	all, below, err := w.list(dir, match)
	w.add(all, err)
	for path, match := range below {
		select {
		case w.workers <- struct{}{}:
			w.tasks.Go(func() {
				defer func() { <-w.workers }()
				w.visit(path, match)
			})
		default:
			w.visit(path, match)
		}
	}
}

func (w *walk) add(all []found, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range all {
		w.found = append(w.found, &all[i])
	}
	w.err = errors.Join(w.err, err)
}

// list returns the entries of a directory, and the directories to descend into.
func (w *walk) list(dir string, parent patternmatcher.MatchInfo) (all []found, below map[string]patternmatcher.MatchInfo, err error) {
	opened, err := os.Open(filepath.Join(w.root, filepath.FromSlash(dir)))
	if err != nil {
		return nil, nil, err
	}
	defer opened.Close()
	entries, err := opened.ReadDir(-1)
	if err != nil {
		return nil, nil, err
	}
	all, below = make([]found, 0, len(entries)), map[string]patternmatcher.MatchInfo{}
	for _, d := range entries {
		path := d.Name()
		if dir != "" {
			path = dir + "/" + path
		}
		excluded, match, err := w.excluded(path, parent)
		switch {
		case err != nil:
			return nil, nil, err
		case excluded && (!d.IsDir() || !w.ignored.Exclusions()):
			continue
		}
		f, err := w.look(opened, path, d.Name())
		if err != nil {
			return nil, nil, err
		}
		if f.Mode&fs.ModeSocket != 0 { // BuildKit leaves them out
			continue
		}
		f.unsure = excluded
		all = append(all, f)
		if d.IsDir() {
			below[path] = match
		}
	}
	return all, below, nil
}

func (w *walk) excluded(path string, parent patternmatcher.MatchInfo) (bool, patternmatcher.MatchInfo, error) {
	if len(w.ignored.Patterns()) == 0 {
		return false, parent, nil
	}
	w.matching.Lock()
	defer w.matching.Unlock()
	return w.ignored.MatchesUsingParentResults(filepath.FromSlash(path), parent)
}

func (w *walk) look(dir *os.File, path, name string) (f found, err error) {
	if f.stat, err = statIn(dir, name); err != nil {
		return f, err
	}
	f.Entry = Entry{Path: path, Mode: f.stat.mode}
	switch {
	case f.Mode&fs.ModeSymlink != 0:
		f.Link, err = os.Readlink(filepath.Join(w.root, filepath.FromSlash(path)))
		f.Mode = fs.ModeSymlink // a link's permissions differ between systems, and have no effect
	case f.Mode.IsRegular():
		var known bool
		f.Sum, known = w.memo.sum(path, f.stat)
		f.unknown = !known
	}
	return f, err
}

// dropEmpty drops the excluded directories in which nothing is included.
func (w *walk) dropEmpty() {
	if !w.ignored.Exclusions() {
		return
	}
	needed := map[string]bool{}
	kept := w.found[:0]
	for _, f := range slices.Backward(w.found) { // entries come after their directory
		if !f.unsure || needed[f.Path] {
			if i := strings.LastIndexByte(f.Path, '/'); i >= 0 {
				needed[f.Path[:i]] = true
			}
		}
	}
	for _, f := range w.found {
		if !f.unsure || needed[f.Path] {
			kept = append(kept, f)
		}
	}
	w.found = kept
}

// hash reads the files whose content is not known.
func (w *walk) hash() error {
	next := make(chan *found)
	var mu sync.Mutex
	var errs []error
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8) {
		readers.Go(func() {
			buf, sum := make([]byte, 256<<10), sha256.New()
			for f := range next {
				var err error
				if f.Sum, err = sumFile(filepath.Join(w.root, filepath.FromSlash(f.Path)), sum, buf); err == nil {
					w.memo.learn(f.Path, f.stat, f.Sum)
					continue
				}
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	for _, f := range w.found {
		if f.unknown {
			next <- f
		}
	}
	close(next)
	readers.Wait()
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

// onlyReader hides the other methods of a file, so that io.CopyBuffer uses its buffer.
type onlyReader struct{ io.Reader }

// ReadRegular reads a file, but refuses one that could block, such as a pipe.
func ReadRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s", path, Kind(info))
	}
	return os.ReadFile(path)
}

// Kind names the kind of a file that is not a regular one.
func Kind(info fs.FileInfo) string {
	if info.IsDir() {
		return "a directory"
	}
	return "neither a file nor a directory"
}
