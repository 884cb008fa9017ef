// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/reach"
)

const (
	// A container without a health check is taken for one that works when it has run
	// for so long.
	worksAfter = 10 * time.Second
	// One that listens, where nobody says on which port it will, is so after this time:
	// some open a port for their operators first.
	listensAfter = 2 * time.Second
	// One that the engine has started so often does not get to work soon.
	hopelessStarts = 5
)

// IsSettled reports whether a container has got to where it does its work, or will not:
// whoever needs it need not be given more time for its sake. Without a health check
// that is told by whether it listens on the TCP ports that its image or its file names,
// or, if none is named, on any; else it is a guess: it has run for a while.
func (f *Follower) IsSettled(ctx context.Context) bool {
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
	}
	all, err := f.Listeners(ctx, "tcp")
	f.looks.mu.Lock()
	named := f.named
	f.looks.mu.Unlock()
	return serving(time.Since(s.Since), named, all, err == nil)
}

// serving is IsSettled of a container that has run for some time, given the ports that it
// is said to listen on, and where it does, if that is seen. One that listens on all
// of the ports works at once; some images name ports on which they never do.
func serving(ran time.Duration, named []int, all []reach.Listener, seen bool) bool {
	switch {
	case !seen:
		return ran >= worksAfter
	case len(named) == 0:
		return ran >= worksAfter || ran >= listensAfter && slices.ContainsFunc(all, func(l reach.Listener) bool { return l.Unreached == "" })
	}
	return reach.Unheard(named, all) == nil || ran >= worksAfter && len(all) > 0
}
