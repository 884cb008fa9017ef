// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
)

// Keeping what a test made: SEATRIAL_KEEP=failed or all, and for how long, if
// not for 4 hours: SEATRIAL_KEEP=failed:30m.
const keepStandard = 4 * time.Hour

// keepTime returns for how long what a test made is to be kept; 0 is not at all.
func keepTime(failed bool) (time.Duration, error) {
	value := os.Getenv("SEATRIAL_KEEP")
	which, span, timed := strings.Cut(value, ":")
	keep := keepStandard
	if timed {
		var err error
		if keep, err = time.ParseDuration(span); err != nil || keep <= 0 {
			return 0, fmt.Errorf("SEATRIAL_KEEP=%q: %q is no time like 30m", value, span)
		}
	}
	switch which {
	case "all":
		return keep, nil
	case "failed":
		if failed {
			return keep, nil
		}
		return 0, nil
	case "":
		return 0, nil
	}
	return 0, fmt.Errorf("SEATRIAL_KEEP=%q is not failed, all, or one of these with a time: failed:30m", value)
}

// keep leaves everything to people, says how to enter it and how it goes, and
// reports whether that could be done: what has no end must not be kept.
func (s *scope) keep(ctx context.Context, t T, span time.Duration) bool {
	t.Helper()
	if len(s.things) == 0 {
		return false
	}
	ahead, err := clock()
	until := time.Now().Add(ahead + span)
	if err == nil {
		name := "seatrial-kept-" + owner.NewID()
		record := s.owner.On(owner.Record, name)
		record.Until = until
		err = s.engine.CreateVolume(ctx, name, record.Labels())
	}
	if err != nil {
		t.Logf("keeping what the test made: %v; so it is removed", err)
		return false
	}
	var mu sync.Mutex
	var enter []string
	_ = s.each(func(x thing) error {
		commands := x.keep(ctx)
		mu.Lock()
		defer mu.Unlock()
		enter = append(enter, commands...)
		return nil
	})
	slices.Sort(enter)
	t.Logf("kept until %s:\n    %s\n    hint: seatrial gc --run %s removes it before",
		until.Add(-ahead).Format(time.DateTime), strings.Join(enter, "\n    "), run)
	return true
}

// keep leaves the container as it is.
func (c *Container) keep(ctx context.Context) []string {
	name := c.ID
	if inspected, err := c.engine.Inspect(ctx, c.ID); err == nil {
		name = strings.TrimPrefix(inspected.Name, "/")
	}
	c.close(ctx)
	return []string{"docker exec -it " + name + " sh"}
}

// keep leaves the project as it is.
func (p *Project) keep(ctx context.Context) []string {
	p.stopListening()
	enter := []string{"docker compose -p " + p.Name + " ps"}
	for _, c := range p.all() {
		enter = append(enter, c.keep(ctx)...)
	}
	return enter
}
