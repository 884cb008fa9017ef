// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Unpack writes what an archive of [Engine.CopyOut] holds to this machine: the
// file, or what the directory holds, under the name to, whose directory is made
// if need be. Permissions and links are kept; owners, set-user-id bits and
// devices are not. Whatever links the archive has or finds, nothing is written
// outside of to.
func Unpack(archive io.Reader, to string) error {
	in := tar.NewReader(archive)
	first, err := in.Next()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if first.Typeflag != tar.TypeDir {
		u, err := unpackInto(filepath.Dir(to), "")
		if err != nil {
			return err
		}
		defer u.root.Close()
		first.Name = filepath.Base(to)
		return u.entry(first, in)
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	u, err := unpackInto(to, path.Clean(first.Name))
	if err != nil {
		return err
	}
	defer u.root.Close()
	for h := first; ; {
		if err := u.entry(h, in); err != nil {
			return fmt.Errorf("writing %s: %w", h.Name, err)
		}
		if h, err = in.Next(); errors.Is(err, io.EOF) {
			return u.finish()
		}
		if err != nil {
			return err
		}
	}
}

// An unpacking writes below one directory: the system refuses what leads out.
type unpacking struct {
	root  *os.Root
	strip string // the directory's name in the archive
	dirs  []*tar.Header
}

func unpackInto(dir, strip string) (*unpacking, error) {
	root, err := os.OpenRoot(dir)
	return &unpacking{root: root, strip: strip}, err
}

// name is where an entry of this name goes.
func (u *unpacking) name(entry string) (string, error) {
	name := path.Clean(strings.TrimPrefix(entry, "/"))
	if u.strip != "" && u.strip != "." {
		if name == u.strip {
			return ".", nil
		}
		inside, ok := strings.CutPrefix(name, u.strip+"/")
		if !ok {
			return "", fmt.Errorf("%q is not in the directory %q", entry, u.strip)
		}
		name = inside
	}
	return filepath.FromSlash(name), nil
}

func (u *unpacking) entry(h *tar.Header, in io.Reader) error {
	name, err := u.name(h.Name)
	if err != nil {
		return err
	}
	if h.Typeflag == tar.TypeDir {
		return u.dir(name, h)
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeSymlink, tar.TypeLink:
	default:
		return nil
	}
	// Not through what is there: a link would be followed.
	if err := u.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch h.Typeflag {
	case tar.TypeSymlink:
		return u.root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		old, err := u.name(h.Linkname)
		if err != nil {
			return err
		}
		return u.root.Link(old, name)
	}
	return u.file(name, h, in)
}

// dir makes a directory that can be written to. Its own mode comes at the end.
func (u *unpacking) dir(name string, h *tar.Header) error {
	if name != "." {
		info, err := u.root.Lstat(name)
		if err == nil && !info.IsDir() {
			err = errors.Join(u.root.Remove(name), fs.ErrNotExist)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = u.root.Mkdir(name, 0o700)
		}
		if err != nil {
			return err
		}
	}
	u.dirs = append(u.dirs, &tar.Header{Name: name, Mode: h.Mode, ModTime: h.ModTime})
	return nil
}

func (u *unpacking) file(name string, h *tar.Header, in io.Reader) error {
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, in)
	// What the umask says does not count.
	err = errors.Join(err, file.Chmod(fs.FileMode(h.Mode)&fs.ModePerm), file.Close())
	if err != nil {
		return err
	}
	return u.root.Chtimes(name, h.ModTime, h.ModTime)
}

// finish gives the directories their modes, those inside first.
func (u *unpacking) finish() error {
	for i := len(u.dirs) - 1; i >= 0; i-- {
		d := u.dirs[i]
		err := u.root.Chmod(d.Name, fs.FileMode(d.Mode)&fs.ModePerm)
		if err = errors.Join(err, u.root.Chtimes(d.Name, d.ModTime, d.ModTime)); err != nil {
			return fmt.Errorf("finishing %s: %w", d.Name, err)
		}
	}
	return nil
}
