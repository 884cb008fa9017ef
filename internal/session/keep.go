// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
)

// keep leaves everything to people, says how to enter it and how it goes, and
// reports whether that could be done: what has no end must not be kept.
func (s *Session) keep(ctx context.Context, t T, span time.Duration) bool {
	t.Helper()
	enter := s.enter(ctx)
	if len(enter) == 0 { // only images were built
		return false
	}
	ahead, err := s.On.Clock(ctx)
	until := time.Now().Add(ahead + span)
	engines := s.engines(s.Engine)
	if err == nil {
		name := "seatrial-kept-" + owner.NewID()
		record := s.Owner.On(owner.Record, name)
		record.Until = until
		err = parallel.Do(engines, func(e *engine.Engine) error { return e.CreateVolume(ctx, name, record.Labels()) })
		if err != nil {
			_ = parallel.Do(engines, func(e *engine.Engine) error { return e.RemoveVolume(ctx, name) }) // one that stays only names the time
		}
	}
	if err != nil {
		t.Logf("keeping what the test made: %v; so it is removed", err)
		return false
	}
	command := "seatrial gc --run " + Run
	if len(engines) > 1 { // what is on nodes, their engines alone know
		var hosts []string
		for _, e := range engines {
			hosts = append(hosts, e.Host())
		}
		command = fmt.Sprintf("%s=%q %s", engine.EnvSwarm, strings.Join(hosts, " "), command)
	}
	t.Logf("kept until %s:\n    %s\n    hint: %s removes it before",
		until.Add(-ahead).Format(time.DateTime), strings.Join(enter, "\n    "), command)
	s.detachAll()
	return true
}

// enter returns the commands with which people get into what the test made, sorted.
func (s *Session) enter(ctx context.Context) []string {
	var mu sync.Mutex
	var all []string
	_ = parallel.Do(s.all(), func(r *Resource) error {
		if r.Enter == nil {
			return nil
		}
		commands := r.Enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, commands...)
		return nil
	})
	slices.Sort(all)
	return all
}
