// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// Bound returns where a port of the container is published: by its own number, or that
// under which the file publishes it.
func (c *Container) Bound(ctx context.Context, port int) (engine.Binding, error) {
	b, err := c.Binding(ctx, port)
	var not *NotRunning
	if errors.As(err, &not) {
		err = fmt.Errorf("%w%s", err, c.LastLines())
	}
	return b, err
}

// Port returns the port of the host at which a port of the container is published.
func (c *Container) Port(ctx context.Context, port int) (int, error) {
	b, err := c.Bound(ctx, port)
	return b.HostPort, err
}

// Addr returns the host:port at which a port is reached from here.
func (c *Container) Addr(ctx context.Context, port int) (string, error) {
	if c.Ingress != nil {
		if addr, published, err := c.Ingress(ctx, port); published && err != nil {
			return "", fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err)
		} else if published {
			return addr, nil
		}
	}
	b, err := c.Bound(ctx, port)
	if err != nil {
		return "", err
	}
	addr, err := c.Engine.Reach(ctx, b)
	if err != nil {
		return "", fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err)
	}
	return addr, nil
}

// LastLines shows the end of the log below a message.
func (c *Container) LastLines() string {
	lines, total := c.Follower.Tail(12)
	if total == 0 {
		return "\n    " + c.Name + " logged nothing"
	}
	return fmt.Sprintf("\n    last lines of %s (%d of %d):%s", c.Name, len(lines), total, report.Quoted(lines))
}

// Binding is Bound, without the last lines of the log in its errors.
func (c *Container) Binding(ctx context.Context, port int) (engine.Binding, error) {
	inspected, err := c.Engine.Inspect(ctx, c.ID)
	if err != nil {
		return engine.Binding{}, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, c.Ended(err))
	}
	state, bindings := engine.StateOf(inspected), engine.Bindings(inspected)
	if len(bindings) == 0 {
		if why, err := c.Engine.PortsElsewhere(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %d of %s: it publishes none: %s", port, c.Name, why))
		}
	}
	// Docker calls a container that waits for its restart running, too; and one
	// that was just started has its ports a moment later.
	waits := len(bindings) == 0 && inspected.HostConfig != nil && len(inspected.HostConfig.PortBindings) > 0
	if waits && state.Status == "running" {
		if why, err := c.Engine.Unpublishable(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %d of %s: the engine publishes none: %s", port, c.Name, why))
		}
	}
	if state.Status != "running" && state.Status != "paused" || waits {
		return engine.Binding{}, fmt.Errorf("looking up port %d of %s: it has no ports: %w", port, c.Name, &NotRunning{wait.State(state)})
	}
	b, err := LookUp(port, c.Ports(), bindings)
	if err != nil {
		return b, fmt.Errorf("looking up port %d of %s: %w", port, c.Name, err)
	}
	return b, nil
}

// LookUp finds the host's port for a number: that under which the file
// publishes a port, or that of a port of the container. If it is both, they
// must be the same port.
func LookUp(number int, file []Published, bindings []engine.Binding) (engine.Binding, error) {
	inside := number
	if i := slices.IndexFunc(file, func(p Published) bool { return p.Number == number && p.Protocol == "tcp" }); i >= 0 {
		inside = file[i].Target
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

func listPorts(file []Published, bindings []engine.Binding) string {
	if len(bindings) == 0 {
		return "none"
	}
	var all []string
	for _, b := range bindings {
		text := fmt.Sprintf("%d/%s", b.Port, b.Protocol)
		for _, p := range file {
			if p.Target == b.Port && p.Protocol == b.Protocol && p.Number != 0 && p.Number != p.Target {
				text += fmt.Sprintf(" (%d in the file)", p.Number)
			}
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

// Ingress looks up where a port is reached that all nodes of a swarm publish for a
// service, by its number in the container or in the file, if it is one.
type Ingress func(ctx context.Context, port int) (addr string, published bool, err error)
