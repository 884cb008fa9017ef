// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// ReadFile returns up to most bytes of a file of a container, running or not;
// nothing of what is no regular file. It follows links. If there is no such
// file, the error is one of [IsNotFound].
func (e *containers) ReadFile(ctx context.Context, id, name string, most int) ([]byte, error) {
	found, err := e.Stat(ctx, id, name)
	for links := 0; err == nil && found.Mode&fs.ModeSymlink != 0; links++ {
		if links == 40 { // Linux gives up there, too
			return nil, fmt.Errorf("%s: too many links", name)
		}
		if name = found.Link; !path.IsAbs(name) {
			return nil, fmt.Errorf("%s: a link, and the engine does not say where it leads", name)
		}
		found, err = e.Stat(ctx, id, name)
	}
	if err != nil || most == 0 || !found.Mode.IsRegular() {
		return nil, err
	}
	archive, err := e.CopyOut(ctx, id, name)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	content := tar.NewReader(archive)
	if _, err := content.Next(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return io.ReadAll(io.LimitReader(content, int64(most)))
}

// Owner returns whose a file or directory in a container is, running or not, and its mode.
func (e *containers) Owner(ctx context.Context, id, name string) (uid, gid int, mode fs.FileMode, err error) {
	archive, err := e.CopyOut(ctx, id, name)
	if err != nil {
		return 0, 0, 0, err
	}
	defer archive.Close() // the content of a directory is not read
	header, err := tar.NewReader(archive).Next()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("reading %s: %w", name, err)
	}
	return header.Uid, header.Gid, header.FileInfo().Mode(), nil
}
