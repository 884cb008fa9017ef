// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/moby/moby/api/types/jsonstream"
)

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
