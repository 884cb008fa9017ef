// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

const (
	// A container without a health check is taken for one that works when it has run
	// for so long.
	worksAfter = 10 * time.Second
	// One that the engine has started so often does not get to work soon.
	hopelessStarts = 5
)

// Works reports whether a container has got to where it does its work, or will not:
// whoever needs it need not be given more time for its sake. Without a health check
// that is a guess: it has run for a while, and listens, if its image or its file
// names a TCP port.
func (f *Follower) Works(ctx context.Context) bool {
	s, err := f.State(ctx)
	switch {
	case err != nil || s.Status == "exited" || s.Status == "dead":
		return true
	case s.Status == "restarting":
		return s.Restarts >= hopelessStarts
	case s.Status != "running":
		return false
	case s.Health != "":
		return s.Health != "starting"
	case time.Since(s.Since) < worksAfter:
		return false
	}
	f.mu.Lock()
	serves := f.serves
	f.mu.Unlock()
	if !serves {
		return true
	}
	all, err := f.Listeners(ctx)
	return err != nil || len(all) > 0
}

// servesTCP reports whether a container is said to listen on a TCP port.
func servesTCP(c container.InspectResponse) bool {
	for port := range c.Config.ExposedPorts {
		if port.Proto() == network.TCP {
			return true
		}
	}
	return false
}
