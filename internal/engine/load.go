// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"

	"github.com/moby/moby/client"
)

// ImageID returns the id of an image.
func (e *images) ImageID(ctx context.Context, ref string) (string, error) {
	image, err := e.api.ImageInspect(ctx, ref)
	return image.ID, err
}

// Load copies an image from another engine, under the same reference. If there is
// one under it, nothing is sent: references of ours name the content. (Ids don't:
// the two kinds of image store have different ones for the same image.)
func (e *images) Load(ctx context.Context, from *Engine, ref string) error {
	has, err := e.HasImage(ctx, ref, "")
	if err != nil || has {
		return err
	}
	content, err := from.api.ImageSave(ctx, []string{ref})
	if err != nil {
		return fmt.Errorf("saving it from the engine %s: %w", from.Host(), err)
	}
	defer content.Close()
	answer, err := e.api.ImageLoad(ctx, content, client.ImageLoadWithQuiet(true))
	if err != nil {
		return err
	}
	defer answer.Close()
	return streamError(answer)
}
