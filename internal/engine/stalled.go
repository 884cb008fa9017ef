// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/seatrial/seatrial/internal/stall"
)

// Stalled says what keeps the processes of the container from their work just now, as far as
// they are seen from here: what a program does elsewhere in half a second takes it longer by
// that.
func (f *Follower) Stalled(ctx context.Context) stall.Stall {
	pid, err := f.process(ctx)
	if err != nil || pid == 0 {
		return stall.Stall{}
	}
	return stalled(f.engine.processes, f.id, pid)
}
