// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Commit makes an image of the file system of a container, which is paused for
// that, and returns the image's id. The image runs as the container did. It has
// the labels of the container, and over them these. An engine makes it first, and
// names it then: one that is cut off in between leaves an image whose comment
// says what it was to be called.
func (e *images) Commit(ctx context.Context, id, ref string, labels map[string]string) (image string, err error) {
	committed, err := e.api.ContainerCommit(ctx, id, client.ContainerCommitOptions{
		Reference: ref, Comment: ref, Config: &container.Config{Labels: labels}}) // the engine takes what is not given from the container
	return committed.ID, err
}

// committedAs returns what an image was to be called that was made by [Engine.Commit],
// and nothing was added to; it is empty for others.
func (e *images) committedAs(ctx context.Context, id string) (string, error) {
	image, err := e.api.ImageInspect(ctx, id)
	return image.Comment, ignore(err, IsNotFound)
}
