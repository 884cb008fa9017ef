// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An Extra is a file or directory that is added to the root of a context.
type Extra struct {
	Name string // in the context
	From string // absolute
}

// Read lists the addition: a file, as an entry without a path, or a directory.
func (x Extra) Read() ([]Entry, error) {
	from, err := filepath.EvalSymlinks(x.From)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(from)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		entries, err := Read(from, nil, nil)
		return append([]Entry{{Mode: info.Mode()}}, entries...), err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is %s", from, Kind(info))
	}
	sum, err := sumFile(from, sha256.New(), make([]byte, 256<<10))
	return []Entry{{Mode: info.Mode(), Sum: sum}}, err
}

// Stage makes a context from the given entries of another one and the extras, which
// replace entries of the same name. Files are linked, as the build only reads them,
// and copied only if they are on another file system or their owner forbids links.
// It returns the number of bytes copied.
func Stage(to, dir string, entries []Entry, extras []Extra) (copied int64, err error) {
	s := stage{to: to}
	for _, e := range entries {
		if !s.replaced(e, extras) {
			s.put(filepath.Join(dir, filepath.FromSlash(e.Path)), e)
		}
	}
	for _, x := range extras {
		s.extra(x)
	}
	for _, d := range s.dirs { // only now, as a directory's mode may forbid writing
		s.err = errors.Join(s.err, os.Chmod(d.path, d.mode))
	}
	return s.copied, s.err
}

type stage struct {
	to   string
	dirs []struct {
		path string
		mode fs.FileMode
	}
	copied int64
	err    error
}

// replaced reports whether an extra replaces an entry. Two directories are merged.
func (s *stage) replaced(e Entry, extras []Extra) bool {
	first, _, _ := strings.Cut(e.Path, "/")
	for _, x := range extras {
		if x.Name != first {
			continue
		}
		info, err := os.Stat(x.From) // a link is followed, as extra does
		for at := first; ; info, err = os.Lstat(filepath.Join(x.From, filepath.FromSlash(at[len(first):]))) {
			switch {
			case err != nil: // the added directory has nothing of this name
				return false
			case !info.IsDir():
				return true
			case at == e.Path:
				return !e.Mode.IsDir()
			}
			next, _, _ := strings.Cut(e.Path[len(at)+1:], "/")
			at += "/" + next
		}
	}
	return false
}

// put puts one entry into its place.
func (s *stage) put(from string, e Entry) {
	if s.err != nil {
		return
	}
	to := filepath.Join(s.to, filepath.FromSlash(e.Path))
	switch {
	case e.Mode.IsDir():
		if s.err = os.MkdirAll(to, 0o700); s.err == nil {
			s.dirs = append(s.dirs, struct {
				path string
				mode fs.FileMode
			}{to, e.Mode})
		}
	case e.Mode&fs.ModeSymlink != 0:
		s.err = os.Symlink(e.Link, to)
	case e.Mode.IsRegular():
		if os.Link(from, to) != nil {
			s.err = s.copy(from, to, e.Mode)
		}
	default:
		s.err = fmt.Errorf("%s is neither a file nor a directory nor a link", from)
	}
}

func (s *stage) copy(from, to string, mode fs.FileMode) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, in)
	s.copied += n
	return errors.Join(err, out.Chmod(mode), out.Close())
}

// extra adds a file or directory. A link is followed, because its target is what
// was asked for.
func (s *stage) extra(x Extra) {
	if s.err != nil {
		return
	}
	from, err := filepath.EvalSymlinks(x.From)
	if err != nil {
		s.err = err
		return
	}
	s.err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		e := Entry{Path: filepath.ToSlash(filepath.Join(x.Name, rel)), Mode: info.Mode()}
		if e.Mode&fs.ModeSymlink != 0 {
			if e.Link, err = os.Readlink(path); err != nil {
				return err
			}
		}
		s.put(path, e)
		return s.err
	})
}

// Unstage removes a directory that Stage made.
func Unstage(dir string) error {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // RemoveAll reports what could not be removed
		}
		return nil
	})
	return os.RemoveAll(dir)
}
