// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// Ended says that a container is not to be found because its test has ended, or
// how one is that cannot do now what it was told.
func (c *Container) Ended(err error) error {
	switch {
	case engine.IsNotFound(err) && c.replaced.Load(): // which of those of a test's end is none
		return ErrReplaced
	case engine.IsNotFound(err) && c.removed.Load():
		return ErrRemoved
	case !engine.IsInUse(err):
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	now, failed := c.Follower.State(ctx)
	if failed != nil {
		return err
	}
	s, why := wait.State(now), ""
	if !c.IsStopped() { // else what it logged before has nothing to do with that
		why = c.ErrorLine(ctx, s.StartID)
	}
	switch {
	case s.Ended():
		return report.Reworded(report.Sentence("it "+s.String(), why), err)
	case s.Status == "restarting":
		return report.Reworded(report.Sentence("it is "+s.String(), why), err)
	case s.Status != "running":
		return report.Reworded("it is "+s.String(), err)
	}
	return report.Reworded(fmt.Sprintf("%s; its state: %s", c.withoutID(err), s), err)
}

// withoutID is an error of the engine about the container, which a message has named already.
func (c *Container) withoutID(err error) string {
	said := strings.TrimPrefix(err.Error(), "Error response from daemon: ")
	return strings.NewReplacer("Container "+c.ID, "it", "container "+c.ID, "it").Replace(said)
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
