// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// notRunning says how a container is that cannot do now what the engine was asked for, or
// why it is not there.
func notRunning(c *Container, err error) error {
	if !engine.IsInUse(err) {
		return c.Ended(err)
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
	said := fmt.Sprintf("%s; its state: %s", withoutID(err, c.ID), s)
	switch {
	case s.Ended():
		said = report.Sentence("it "+s.String(), why)
	case s.Status == "restarting":
		said = report.Sentence("it is "+s.String(), why)
	case s.Status != "running":
		said = "it is " + s.String()
	}
	return report.Reworded(said, err)
}

// withoutID is what an engine says of a container that a message has named already.
func withoutID(err error, id string) string {
	said := strings.TrimPrefix(err.Error(), "Error response from daemon: ")
	return strings.NewReplacer("Container "+id, "it", "container "+id, "it").Replace(said)
}
