// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"sync"
	"sync/atomic"
)

// processes are what is seen from here of the engine's own process and of those of its
// containers.
type processes struct {
	*connection
	seen     atomic.Bool // a process of its containers was seen from here
	samePIDs func() bool // the engine's process surely numbers processes as ours does
}

func newProcesses(c *connection) *processes {
	e := &processes{connection: c}
	e.samePIDs = sync.OnceValue(func() bool {
		same, sure := e.sharesNamespace("pid")
		return same && sure
	})
	return e
}
