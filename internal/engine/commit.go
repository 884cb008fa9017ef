// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Commit makes an image of the file system of a container, which is paused for
// that, and returns the image's id. The image runs as the container did. It has
// the labels of the container, and over them these.
func (e *Engine) Commit(ctx context.Context, id, ref string, labels map[string]string) (image string, err error) {
	committed, err := e.api.ContainerCommit(ctx, id, client.ContainerCommitOptions{
		Reference: ref, Config: &container.Config{Labels: labels}}) // the engine takes what is not given from the container
	return committed.ID, err
}
