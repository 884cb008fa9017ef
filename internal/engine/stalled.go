// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"time"
)

// Stalled returns for how long the processes of the container have waited for a
// processor since they were started, as far as they are seen from here: what a program
// does in half a second elsewhere takes it as much longer.
func (f *Follower) Stalled(ctx context.Context) time.Duration {
	pid, err := f.process(ctx)
	if err != nil || pid == 0 {
		return 0
	}
	return stalled(f.engine, f.id, pid)
}
