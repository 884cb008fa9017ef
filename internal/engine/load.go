// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
)

// ImageID returns the id of an image.
func (e *Engine) ImageID(ctx context.Context, ref string) (string, error) {
	image, err := e.api.ImageInspect(ctx, ref)
	return image.ID, err
}

// Load copies an image from another engine, under the same reference. If there is
// one under it, nothing is sent: references of ours name the content. (Ids don't:
// the two kinds of image store have different ones for the same image.)
func (e *Engine) Load(ctx context.Context, from *Engine, ref string) error {
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

// streamError reads the messages by which an engine tells how something went,
// and returns the error among them.
func streamError(messages io.Reader) error {
	for d := json.NewDecoder(messages); ; {
		var m struct {
			jsonstream.Message
			Old string `json:"error"` // older engines have it, and Podman may have it alone
		}
		err := d.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case m.Error != nil:
			return m.Error
		case m.Old != "":
			return errors.New(m.Old)
		}
	}
}
