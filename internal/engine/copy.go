// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"io"
	"io/fs"

	"github.com/moby/moby/client"
)

// CopyIn unpacks a tar archive into an existing directory of a container,
// running or not, with the owners and modes that the archive has.
func (e *containers) CopyIn(ctx context.Context, id, dir string, archive io.Reader) error {
	_, err := e.api.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: dir, Content: archive})
	return err
}

// CopyOut returns a tar archive of a file or directory of a container, running
// or not. Its entries begin with the last word of the path. The caller closes it.
func (e *containers) CopyOut(ctx context.Context, id, path string) (io.ReadCloser, error) {
	copied, err := e.api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: path})
	return copied.Content, err
}

// A Stat is what a container's file is. It is that of a link, if it is one.
type Stat struct {
	Size int64
	Mode fs.FileMode
	Link string // where a link leads
}

// Stat looks at a file of a container, running or not. If there is none, the
// error is one of [IsNotFound].
func (e *containers) Stat(ctx context.Context, id, path string) (Stat, error) {
	found, err := e.api.ContainerStatPath(ctx, id, client.ContainerStatPathOptions{Path: path})
	return Stat{found.Stat.Size, found.Stat.Mode, found.Stat.LinkTarget}, err
}
