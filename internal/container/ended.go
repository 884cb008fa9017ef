// SPDX-License-Identifier: Apache-2.0

package container

import (
	"errors"
	"fmt"

	"github.com/seatrial/seatrial/internal/engine"
)

// Ended says that a container is not to be found because its test has ended, or it was replaced.
func (c *Container) Ended(err error) error {
	switch {
	case engine.IsNotFound(err) && c.replaced.Load(): // which of those of a test's end is none
		return ErrReplaced
	case engine.IsNotFound(err) && c.removed.Load():
		return ErrRemoved
	}
	return err
}

var (
	ErrRemoved  = errors.New("it was removed at the end of the test that made it")
	ErrReplaced = errors.New("it is gone: replaced by an update of its project, scaled away, taken down, or removed by somebody else\n    hint: Service returns the one that is there now")
)

// WaitError is the error of a wait for the container, as messages have it.
func (c *Container) WaitError(err error) error {
	if err = c.Ended(err); err == ErrRemoved {
		return fmt.Errorf("waiting for %s: %w", c.Name, err)
	}
	return err
}
