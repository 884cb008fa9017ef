// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/wait"
)

// Port returns the port of the host at which a TCP port of the container is
// published. In a project the number may also be the one under which the file
// publishes it. A restart moves it.
func (c *Container) Port(t T, port int) int {
	t.Helper()
	return c.bound(t, port).HostPort
}

// Addr returns the host:port at which a TCP port of the container is reached
// from the test. See [Container.Port].
func (c *Container) Addr(t T, port int) string {
	t.Helper()
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	if c.ingress != nil {
		if addr, published, err := c.ingress(ctx, port); published && err != nil {
			fail(t, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err))
		} else if published {
			return addr
		}
	}
	addr, err := c.engine.Reach(ctx, c.bound(t, port))
	if err != nil {
		fail(t, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err))
	}
	return addr
}

// URL returns "http://" and the Addr of a port.
func (c *Container) URL(t T, port int) string {
	t.Helper()
	return "http://" + c.Addr(t, port)
}

func (c *Container) bound(t T, port int) engine.Binding {
	t.Helper()
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	b, err := c.binding(ctx, port)
	if err != nil {
		var not *notRunning
		if errors.As(err, &not) {
			err = fmt.Errorf("%w%s", err, c.lastLines())
		}
		fail(t, err)
	}
	return b
}

// lastLines shows the end of the log below a message.
func (c *Container) lastLines() string {
	lines, total := c.follower.Tail(12)
	if total == 0 {
		return "\n    " + c.Name + " logged nothing"
	}
	return fmt.Sprintf("\n    last lines of %s (%d of %d):%s", c.Name, len(lines), total, quoted(lines))
}

func (c *Container) binding(ctx context.Context, port int) (engine.Binding, error) {
	inspected, err := c.engine.Inspect(ctx, c.ID)
	if err != nil {
		return engine.Binding{}, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, c.ended(err))
	}
	state, bindings := engine.StateOf(inspected), engine.Bindings(inspected)
	if len(bindings) == 0 {
		if why, err := c.engine.PortsElsewhere(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %d of %s: it publishes none: %s", port, c.Name, why))
		}
	}
	// Docker calls a container that waits for its restart running, too; and one
	// that was just started has its ports a moment later.
	waits := len(bindings) == 0 && inspected.HostConfig != nil && len(inspected.HostConfig.PortBindings) > 0
	if waits && state.Status == "running" {
		if why, err := c.engine.Unpublishable(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %d of %s: the engine publishes none: %s", port, c.Name, why))
		}
	}
	if state.Status != "running" && state.Status != "paused" || waits {
		return engine.Binding{}, fmt.Errorf("looking up port %d of %s: it has no ports: %w", port, c.Name, &notRunning{wait.State(state)})
	}
	b, err := lookUp(port, c.published(), bindings)
	if err != nil {
		return b, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err)
	}
	return b, nil
}

// lookUp finds the host's port for a number: that under which the file
// publishes a port, or that of a port of the container. If it is both, they
// must be the same port.
func lookUp(number int, file []published, bindings []engine.Binding) (engine.Binding, error) {
	inside := number
	if i := slices.IndexFunc(file, func(p published) bool { return p.number == number && p.protocol == "tcp" }); i >= 0 {
		inside = file[i].target
		if _, both := bound(number, bindings); inside != number && both {
			return engine.Binding{}, fmt.Errorf("%d is ambiguous: the file publishes %d as %d, and the container's own %d is published too", number, inside, number, number)
		}
	}
	if found, ok := bound(inside, bindings); ok {
		return found, nil
	}
	return engine.Binding{}, fmt.Errorf("it is not published; published are %s", listPorts(file, bindings))
}

func bound(port int, bindings []engine.Binding) (engine.Binding, bool) {
	for _, b := range bindings {
		if b.Port == port && b.Protocol == "tcp" {
			return b, true
		}
	}
	return engine.Binding{}, false
}

func listPorts(file []published, bindings []engine.Binding) string {
	if len(bindings) == 0 {
		return "none"
	}
	var all []string
	for _, b := range bindings {
		text := fmt.Sprintf("%d/%s", b.Port, b.Protocol)
		for _, p := range file {
			if p.target == b.Port && p.protocol == b.Protocol && p.number != 0 && p.number != p.target {
				text += fmt.Sprintf(" (%d in the file)", p.number)
			}
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}
