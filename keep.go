// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
)

// keeping is what SEATRIAL_KEEP says: which tests' things are kept, and for how
// long.
type keeping struct {
	which string // failed, all or nothing
	span  time.Duration
}

const keepStandard = 4 * time.Hour

func readKeeping(value string) (keeping, error) {
	which, span, timed := strings.Cut(value, ":")
	k := keeping{which, keepStandard}
	if which != "" && which != "failed" && which != "all" {
		return k, fmt.Errorf("SEATRIAL_KEEP=%q is not failed, all, or one of these with a time: failed:30m", value)
	}
	if timed {
		var err error
		if k.span, err = time.ParseDuration(span); err != nil || k.span <= 0 {
			return k, fmt.Errorf("SEATRIAL_KEEP=%q: %q is no time like 30m", value, span)
		}
	}
	return k, nil
}

// keepTime returns for how long what a test made is to be kept; 0 is not at all.
func keepTime(k keeping, failed bool) time.Duration {
	if k.which == "all" || k.which == "failed" && failed {
		return k.span
	}
	return 0
}

// keep leaves everything to people, says how to enter it and how it goes, and
// reports whether that could be done: what has no end must not be kept.
func (s *session) keep(ctx context.Context, t T, span time.Duration) bool {
	t.Helper()
	var mu sync.Mutex
	var enter []string
	_ = s.each(func(x resource) error {
		commands := x.enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	if len(enter) == 0 { // only images were built
		return false
	}
	ahead, err := s.on.clock(ctx)
	until := time.Now().Add(ahead + span)
	engines := s.engines()
	if err == nil {
		name := "seatrial-kept-" + owner.NewID()
		record := s.owner.On(owner.Record, name)
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
	slices.Sort(enter)
	command := "seatrial gc --run " + run
	if len(engines) > 1 { // what is on nodes, their engines alone know
		var hosts []string
		for _, e := range engines {
			hosts = append(hosts, e.Host())
		}
		command = fmt.Sprintf("%s=%q %s", engine.EnvSwarm, strings.Join(hosts, " "), command)
	}
	t.Logf("kept until %s:\n    %s\n    hint: %s removes it before",
		until.Add(-ahead).Format(time.DateTime), strings.Join(enter, "\n    "), command)
	_ = s.each(func(x resource) error { x.detach(); return nil })
	return true
}

// engines returns all engines that have something of the session's: its own first, then
// those of a swarm's nodes.
func (s *session) engines() []*engine.Engine {
	all := []*engine.Engine{s.engine}
	s.mu.Lock()
	things := s.resources
	s.mu.Unlock()
	for _, x := range things {
		spread, ok := x.(interface{ engines() []*engine.Engine })
		if !ok {
			continue
		}
		for _, e := range spread.engines() {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// enter returns a command with which people get into the container, or see why
// they can't.
func (c *Container) enter(ctx context.Context) []string {
	inspected, err := c.engine.Inspect(ctx, c.ID)
	if err != nil {
		return nil
	}
	name := strings.TrimPrefix(inspected.Name, "/")
	if inspected.State.Running {
		return []string{"docker exec -it " + name + " sh"}
	}
	return []string{"docker logs " + name}
}

// leave ends what follows the container. A log that goes on is not waited for.
func (c *Container) detach() { c.close(ended) }

// ended is the context of those who do not wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (p *Project) enter(ctx context.Context) []string {
	var mu sync.Mutex
	enter := []string{"docker compose -p " + p.Name + " ps"}
	_ = parallel.Do(p.all(), func(c *Container) error {
		commands := c.enter(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	return enter
}

func (p *Project) detach() {
	p.stopListening()
	p.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(p.containers)), p.past)
	p.mu.Unlock()
	for _, c := range all {
		c.detach()
	}
}
