// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/wait"
)

// Ports are where the ports of a container are reached.
type Ports struct{ c *Container }

// Ports returns the container's.
func (c *Container) Ports() Ports { return Ports{c} }

// File returns the ports as the project's file has them now: an update may change its
// numbers, and keep the container.
func (p Ports) File() []Published {
	if p.c.Published == nil {
		return nil
	}
	return p.c.Published()
}

// Bound returns where a port of the container is published: by its own number, or that
// under which the file publishes it.
func (p Ports) Bound(ctx context.Context, port portnumber.Port) (engine.Binding, error) {
	b, err := p.Binding(ctx, port)
	var not *NotRunning
	if errors.As(err, &not) {
		err = fmt.Errorf("%w%s", err, p.c.Log().Last())
	}
	return b, err
}

// Host returns the port of the host at which a port of the container is published.
func (p Ports) Host(ctx context.Context, port portnumber.Port) (int, error) {
	b, err := p.Bound(ctx, port)
	return b.HostPort, err
}

// Addr returns the host:port at which a port is reached from here.
func (p Ports) Addr(ctx context.Context, port portnumber.Port) (string, error) {
	if p.c.Ingress != nil {
		if addr, published, err := p.c.Ingress(ctx, port); published && err != nil {
			return "", fmt.Errorf("looking up port %v of %s: %w", port, p.c.Name, err)
		} else if published {
			return addr, nil
		}
	}
	b, err := p.Bound(ctx, port)
	if err != nil {
		return "", err
	}
	addr, err := p.c.Engine.Reach(ctx, b)
	if err != nil {
		return "", fmt.Errorf("looking up port %v of %s: %w", port, p.c.Name, err)
	}
	return addr, nil
}

// Binding is Bound, without the last lines of the log in its errors.
func (p Ports) Binding(ctx context.Context, port portnumber.Port) (engine.Binding, error) {
	inspected, err := p.c.Engine.Inspect(ctx, p.c.ID)
	if err != nil {
		return engine.Binding{}, fmt.Errorf("looking up port %v of %s: %w", port, p.c.Name, p.c.Ended(err))
	}
	state, bindings := engine.StateOf(inspected), engine.Bindings(inspected)
	if len(bindings) == 0 {
		if why, err := p.c.Engine.PortsElsewhere(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %v of %s: it publishes none: %s", port, p.c.Name, why))
		}
	}
	// Docker calls a container that waits for its restart running, too; and one
	// that was just started has its ports a moment later.
	waits := len(bindings) == 0 && inspected.HostConfig != nil && len(inspected.HostConfig.PortBindings) > 0
	if waits && state.Status == "running" {
		if why, err := p.c.Engine.Unpublishable(ctx, inspected); err != nil || why != "" {
			return engine.Binding{}, errors.Join(err, fmt.Errorf("looking up port %v of %s: the engine publishes none: %s", port, p.c.Name, why))
		}
	}
	if state.Status != "running" && state.Status != "paused" || waits {
		return engine.Binding{}, fmt.Errorf("looking up port %v of %s: it has no ports: %w", port, p.c.Name, &NotRunning{wait.State(state)})
	}
	b, err := LookUp(port, p.File(), bindings)
	if errors.Is(err, errUnpublished) {
		err = fmt.Errorf("%w%s", err, p.publishing(port, inspected.Config.Labels[engine.ComposeService]))
	}
	if err != nil {
		return b, fmt.Errorf("looking up port %v of %s: %w", port, p.c.Name, err)
	}
	return b, nil
}

// publishing says what in the test publishes a port, if the test has made the container.
func (p Ports) publishing(port portnumber.Port, service string) string {
	tcp := port.Protocol == "tcp"
	switch {
	case p.c.borrowed || p.c.Ingress != nil:
	case service != "" && tcp:
		return fmt.Sprintf("; add Publish: map[string][]int{%q: {%d}}", service, port.Number)
	case service != "":
		return fmt.Sprintf("; add PublishOther: map[string][]string{%q: {%q}}", service, port)
	case p.c.Published == nil && tcp:
		return fmt.Sprintf("; add Ports: []int{%d}", port.Number)
	case p.c.Published == nil:
		return fmt.Sprintf("; add OtherPorts: []string{%q}", port)
	}
	return ""
}

// errUnpublished is why a port has no place on the host.
var errUnpublished = errors.New("it is not published")

// LookUp finds the host's port for a number: that under which the file
// publishes a port, or that of a port of the container. If it is both, they
// must be the same port.
func LookUp(number portnumber.Port, file []Published, bindings []engine.Binding) (engine.Binding, error) {
	inside := Inside(number, file)
	if _, both := bound(number, bindings); inside != number && both {
		return engine.Binding{}, fmt.Errorf("%v is ambiguous: the file publishes %v as %v, and the container's own %v is published too", number, inside, number, number)
	}
	if found, ok := bound(inside, bindings); ok {
		return found, nil
	}
	return engine.Binding{}, fmt.Errorf("%w; %s%s", errUnpublished, listPorts(file, bindings), otherProtocol(number, file, bindings))
}

// Inside returns the port of the container that a port means: the file may publish it
// under another number.
func Inside(port portnumber.Port, file []Published) portnumber.Port {
	for _, p := range file {
		if p.Number == port.Number && p.Protocol == port.Protocol {
			return portnumber.Port{Number: p.Target, Protocol: port.Protocol}
		}
	}
	return port
}

// otherProtocol says how a port is looked up whose number is published for another
// protocol.
func otherProtocol(number portnumber.Port, file []Published, bindings []engine.Binding) string {
	for _, protocol := range portnumber.Protocols {
		other := portnumber.Port{Number: number.Number, Protocol: protocol}
		if _, ok := bound(Inside(other, file), bindings); ok {
			return fmt.Sprintf("\n    hint: AddrOf(t, %q) looks up that one", other.Full())
		}
	}
	return ""
}

func bound(port portnumber.Port, bindings []engine.Binding) (engine.Binding, bool) {
	for _, b := range bindings {
		if b.Port == port.Number && b.Protocol == port.Protocol {
			return b, true
		}
	}
	return engine.Binding{}, false
}

func listPorts(file []Published, bindings []engine.Binding) string {
	if len(bindings) == 0 {
		return "nothing is published"
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
	return "published are " + strings.Join(all, ", ")
}

// NotRunning is why a container has no ports.
type NotRunning struct{ wait.State }

// Error says how the container is, as the end of a message.
func (e *NotRunning) Error() string {
	switch {
	case e.Ended():
		return "it " + e.String()
	case e.Status == "running":
		return "the engine has published none: that takes a moment after a start, and comes to nothing if all of its networks are internal"
	}
	return "it is " + e.String()
}
