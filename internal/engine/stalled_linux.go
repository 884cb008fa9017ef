// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strconv"

	"github.com/seatrial/seatrial/internal/stall"
)

// stalled looks at the processes of a container, of which pid is the first.
func stalled(e *processes, id string, pid int) stall.Stall {
	if !e.seesProcess(id, "/proc/"+strconv.Itoa(pid)) {
		return stall.Stall{}
	}
	return stall.Of("/proc", pid)
}
