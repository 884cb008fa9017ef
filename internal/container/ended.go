// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
)

// Ended says that a container is not to be found because its test has ended, because it was
// replaced, or because somebody has removed it.
func (c *Container) Ended(err error) error {
	switch {
	case engine.IsNotFound(err) && isTaken(c):
		return fmt.Errorf("%w%w", ErrTakenAway, report.Silent(err))
	case engine.IsNotFound(err) && c.replaced.Load(): // which of those of a test's end is none
		return ErrReplaced
	case engine.IsNotFound(err) && c.removed.Load():
		return ErrRemoved
	}
	return err
}

// isTaken reports whether somebody has removed a container whom nobody knows. The engine is
// asked for it: what an error says is not to be found may be something in it.
func isTaken(c *Container) bool {
	if c.ofSet || c.removed.Load() || c.taken.Load() {
		return c.taken.Load() && !c.removed.Load()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := c.Engine.Inspect(ctx, c.ID)
	return engine.IsNotFound(err)
}

var (
	ErrRemoved   = errors.New("it was removed at the end of the test that made it")
	ErrTakenAway = errors.New("it was removed while the test ran, by somebody else or by a command of the test")
	ErrReplaced  = errors.New("it is gone: replaced by an update of its project, scaled away, taken down, or removed by somebody else\n    hint: Service returns the one that is there now")
)

// WaitError is the error of a wait for the container, as messages have it.
func (c *Container) WaitError(err error) error {
	if err = c.Ended(err); err == ErrRemoved || errors.Is(err, ErrTakenAway) {
		return fmt.Errorf("waiting for %s: %w", c.Name, err)
	}
	return err
}
