// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
)

// Files are the files and directories in a container.
type Files struct{ c *Container }

// Files returns the container's.
func (c *Container) Files() Files { return Files{c} }

// CopyIn copies a file or directory of this machine into the container.
func (f Files) CopyIn(ctx context.Context, host, inside string) error {
	return f.c.Life().do(ctx, fmt.Sprintf("copying %s to %s in", host, inside), func(ctx context.Context) error { return f.copyIn(ctx, host, inside) })
}

func (f Files) copyIn(ctx context.Context, host, inside string) error {
	if !path.IsAbs(inside) {
		return fmt.Errorf("%q is not an absolute path", inside)
	}
	info, err := os.Stat(host)
	if err != nil {
		return err
	}
	if host, err = filepath.Abs(host); err != nil {
		return err
	}
	dir, name := path.Clean(inside), "."
	if !info.IsDir() {
		if strings.HasSuffix(inside, "/") {
			return fmt.Errorf("%q is a directory; add the name of the file", inside)
		}
		dir, name = path.Split(dir)
	}
	if dir, name, err = f.nearest(ctx, dir, name); err != nil {
		return err
	}
	archive := engine.ArchiveAs(host, name)
	defer archive.Close()
	return f.c.Engine.CopyIn(ctx, f.c.ID, dir, archive)
}

// nearest finds the directory above a name that exists, for the engine unpacks
// only into such a one. The name becomes longer by what is missing.
func (f Files) nearest(ctx context.Context, dir, name string) (string, string, error) {
	for {
		dir = path.Clean(dir)
		stat, err := f.c.Engine.Stat(ctx, f.c.ID, dir)
		switch {
		case err == nil && (stat.Mode.IsDir() || stat.Mode&fs.ModeSymlink != 0): // links are followed by the engine
			return dir, name, nil
		case err == nil:
			return "", "", fmt.Errorf("%s is not a directory there", dir)
		case dir == "/":
			return "", "", err
		}
		var last string
		dir, last = path.Split(dir)
		name = path.Join(last, name)
	}
}

// CopyOut copies a file or directory of the container to this machine. Nothing is
// written through a link to a place outside of host.
func (f Files) CopyOut(ctx context.Context, inside, host string) error {
	return f.c.Life().do(ctx, fmt.Sprintf("copying %s to %s from", inside, host), func(ctx context.Context) error { return f.copyOut(ctx, inside, host) })
}

func (f Files) copyOut(ctx context.Context, inside, host string) error {
	if !path.IsAbs(inside) {
		return fmt.Errorf("%q is not an absolute path", inside)
	}
	host, err := filepath.Abs(host)
	if err != nil {
		return err
	}
	inside = path.Clean(inside)
	stat, err := f.c.Engine.Stat(ctx, f.c.ID, inside)
	if err == nil && stat.Mode&fs.ModeSymlink != 0 { // a link by its name means what it leads to
		inside = stat.Link
		stat, err = f.c.Engine.Stat(ctx, f.c.ID, inside)
	}
	if engine.IsNotFound(err) && !f.c.removed.Load() && !f.c.replaced.Load() && !isTaken(f.c) {
		return fmt.Errorf("there is no %s in it", inside)
	}
	if err != nil {
		return err
	}
	if info, failed := os.Stat(host); failed == nil && info.IsDir() != stat.Mode.IsDir() {
		return errors.New("one of the two is a directory, and the other is not")
	}
	archive, err := f.c.Engine.CopyOut(ctx, f.c.ID, inside)
	if err != nil {
		return err
	}
	defer archive.Close()
	return engine.Unpack(archive, host)
}
