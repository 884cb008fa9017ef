// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/wait"
)

// listenLimit is how long after its start a container may take until a server listens
// on what it publishes.
const listenLimit = 3 * time.Second

// AwaitListening waits until a server listens on each TCP port that a container publishes,
// and on others of it that are given. When its time is up, it warns. It asks the
// kernel alone, where that can be asked: servers count who connects and says nothing.
func AwaitListening(ctx context.Context, sc *session.Session, c *Container, others ...int) error {
	s, err := c.Follower.State(ctx)
	ports := slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.Follower.Published(), others))))
	if err != nil || len(ports) == 0 || s.Health != "" || s.Status != "running" {
		return err
	}
	if _, err := c.Follower.Listeners(ctx); errors.Is(err, errors.ErrUnsupported) {
		if s, err := c.Follower.Fresh(ctx); err == nil && s.Status == "running" {
			sc.WarnOnce("what listens in containers is not seen from here: ports that are published are not waited for")
		}
		return nil
	}
	look := func(ctx context.Context) error {
		all, err := c.Follower.Listeners(ctx)
		if err != nil {
			return err
		}
		return unheard(ports, all)
	}
	short, cancel := context.WithTimeout(ctx, max(listenLimit-time.Since(s.Since), time.Millisecond))
	defer cancel()
	err = wait.Until(short, c.Target(), wait.Func("servers on its published ports", look))
	var exit *wait.ExitError
	switch {
	case errors.As(err, &exit) && exit.State.Ended() && exit.State.ExitCode == 0:
		return nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		if missing := look(ctx); missing != nil && !c.warned.Swap(true) {
			sc.Warn("%s has run for %v, and %v", c.Name, time.Since(s.Since).Round(100*time.Millisecond), missing)
		}
		return nil
	}
	return err
}

// mostNamed is how many ports a message names.
const mostNamed = 8

// unheard says on which of these ports no server listens that others than the
// container itself reach.
func unheard(ports []int, all []netip.AddrPort) error {
	var missing, there []string
	for _, port := range ports {
		if !slices.ContainsFunc(all, func(a netip.AddrPort) bool { return int(a.Port()) == port && !a.Addr().IsLoopback() }) {
			missing = append(missing, strconv.Itoa(port))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	for _, a := range all {
		there = append(there, a.String())
	}
	word := "port"
	if len(missing) > 1 {
		word = "ports"
	}
	if more := len(missing) - mostNamed; more > 0 {
		missing = append(missing[:mostNamed], fmt.Sprintf("%d more", more))
	}
	return fmt.Errorf("nothing that is reached from outside listens on its published %s %s (listening inside: %s)", word, report.List(missing), report.List(there))
}
