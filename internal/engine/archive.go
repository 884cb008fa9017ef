// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// An archived is what archive returns. Whoever reads it to the end gets the error
// that ended it; the API client loses that.
type archived struct {
	io.ReadCloser
	mu  sync.Mutex
	err error
}

// reason returns why it is not complete, if it is not.
func (a *archived) reason() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// archive returns a tar archive of what lies in a directory, or of one file, with
// owners, modes and times. It follows no link. What is neither a file nor a
// directory nor a link (a socket, say) is left out. All of it lies in a directory
// of this name. The caller closes it.
func archive(path, dir string) *archived {
	return pack(path, func(h *tar.Header) { h.Name = dir + "/" + strings.TrimPrefix(h.Name, "./") })
}

// ArchiveAs returns such an archive in which all belongs to root, as with COPY in
// a Dockerfile, and in which a file has this name, and the directory itself, too.
func ArchiveAs(path, name string) io.ReadCloser {
	info, err := os.Stat(path)
	isDir := err == nil && info.IsDir()
	return pack(path, func(h *tar.Header) {
		h.Uid, h.Gid = 0, 0
		switch {
		case !isDir:
			h.Name = name
		case h.Name == "./":
			h.Name = name + "/"
		default:
			h.Name = name + "/" + h.Name
		}
	})
}

// emptyDirs returns an archive of empty directories in another, as Docker makes
// those that are missing for a mount.
func emptyDirs(dir string, names []string) *archived {
	return packBy(func(a *tar.Writer) error {
		for _, name := range names {
			if err := a.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/" + name + "/", Mode: 0o755}); err != nil {
				return err
			}
		}
		return nil
	})
}

// pack writes the archive, and lets edit change each header.
func pack(path string, edit func(*tar.Header)) *archived {
	return packBy(func(a *tar.Writer) error { return writeArchive(a, path, edit) })
}

// packBy returns the archive that write writes, while it writes it.
func packBy(write func(*tar.Writer) error) *archived {
	r, w := io.Pipe()
	made := &archived{ReadCloser: r}
	go func() {
		a := tar.NewWriter(w)
		err := write(a)
		if err == nil {
			err = a.Close()
		}
		if !errors.Is(err, io.ErrClosedPipe) { // nobody reads on
			made.mu.Lock()
			made.err = err
			made.mu.Unlock()
		}
		w.CloseWithError(err)
	}()
	return made
}

func writeArchive(a *tar.Writer, root string, edit func(*tar.Header)) error {
	name := filepath.Base(root)
	root, err := filepath.EvalSymlinks(root) // a mount follows a link, too
	if err != nil {
		return err
	}
	info, err := os.Lstat(root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return writeEntry(a, root, name, info, edit)
	}
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != root {
			return nil // it went meanwhile
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile
		}
		if err != nil {
			return err
		}
		return writeEntry(a, path, name, info, edit)
	})
}

func writeEntry(a *tar.Writer, path, name string, info fs.FileInfo, edit func(*tar.Header)) (err error) {
	link := ""
	switch info.Mode().Type() {
	case 0, fs.ModeDir:
	case fs.ModeSymlink:
		if link, err = os.Readlink(path); err != nil {
			return err
		}
	default:
		return nil
	}
	header, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return err
	}
	header.Name, header.Uname, header.Gname = filepath.ToSlash(name), "", "" // numbers count: there may be other users there
	if info.IsDir() {
		header.Name += "/"
	}
	edit(header)
	if !info.Mode().IsRegular() {
		return a.WriteHeader(header)
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if err := a.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.CopyN(a, file, header.Size)
	if errors.Is(err, io.EOF) { // it became shorter meanwhile
		_, err = io.CopyN(a, zeros{}, header.Size-n)
	}
	return err
}

// zeros is an endless stream of zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
