// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
)

// A Row is a container of an environment, or a task of a stack.
type Row struct {
	Service string    `json:"service"`
	Number  int       `json:"number"` // of the replica, from 1
	Name    string    `json:"name"`   // on the engine
	ID      string    `json:"id"`
	State   string    `json:"state"` // of a task the swarm's word
	Ports   []RowPort `json:"ports"`
}

// A RowPort is a port that a container publishes.
type RowPort struct {
	Number   int    `json:"number,omitempty"` // of the host, in the files
	Target   int    `json:"target"`
	Protocol string `json:"protocol"`
	Address  string `json:"address"` // host:port, as it is reached from here
}

// Rows returns the containers, by service and number, but those of one-off commands.
func (n *Named) Rows(ctx context.Context, e *engine.Engine) ([]Row, error) {
	if n.Stack {
		return n.stackRows(ctx, e)
	}
	var rows []Row
	for _, c := range n.Containers {
		if isOneOff(c) {
			continue
		}
		row := Row{Service: c.Labels[engine.ComposeService], Name: c.Name, ID: c.ID, State: stateOf(c), Ports: []RowPort{}}
		row.Number, _ = strconv.Atoi(c.Labels[engine.ComposeNumber])
		for _, b := range n.oneFamily(row.Service, c.Ports) {
			addr, err := e.Reach(ctx, b)
			if err != nil {
				return nil, err
			}
			p := RowPort{Number: n.fileNumber(row.Service, b), Target: b.Port, Protocol: b.Protocol, Address: addr}
			if !slices.Contains(row.Ports, p) {
				row.Ports = append(row.Ports, p)
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Service, b.Service), a.Number-b.Number) })
	return rows, nil
}

// ServiceNames are those of services that have a container, or of a stack all.
func (n *Named) ServiceNames() []string {
	var all []string
	for _, c := range n.Containers {
		all = append(all, c.Labels[engine.ComposeService])
	}
	for _, s := range n.Services {
		all = append(all, n.role(s))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// oneFamily leaves out what is bound on all addresses of IPv6 and, for the same port of the
// files, on all of IPv4: that is one port, and is reached by the latter.
func (n *Named) oneFamily(service string, all []engine.Binding) []engine.Binding {
	return slices.DeleteFunc(slices.Clone(all), func(b engine.Binding) bool {
		return isAll(b, netip.IPv6Unspecified()) && slices.ContainsFunc(all, func(o engine.Binding) bool {
			return isAll(o, netip.IPv4Unspecified()) && o.Port == b.Port && o.Protocol == b.Protocol && n.fileNumber(service, o) == n.fileNumber(service, b)
		})
	})
}

func isAll(b engine.Binding, unspecified netip.Addr) bool {
	ip, err := netip.ParseAddr(b.HostIP)
	return err == nil && ip == unspecified
}

// fileNumber is what the files say for a port. Several may lead to one inside.
func (n *Named) fileNumber(service string, b engine.Binding) (number int) {
	for _, p := range n.Ports {
		if p.Service != service || p.Target != b.Port || p.Protocol != b.Protocol {
			continue
		}
		if p.Host == b.HostPort {
			return p.Number
		}
		number = p.Number
	}
	return number
}

func stateOf(c engine.Object) string {
	switch {
	case strings.Contains(c.Status, "(unhealthy)"):
		return "unhealthy"
	case strings.Contains(c.Status, "(health: starting)"):
		return "starting"
	case strings.Contains(c.Status, "(healthy)"):
		return "healthy"
	}
	if code, ended := exitCode(c); ended {
		return exitedState + strconv.Itoa(code)
	}
	return c.State
}

// exitedState is how the state of a container that has ended begins. Its exit code follows.
const exitedState = "exited "

// exitCode returns that of a container that has ended.
func exitCode(c engine.Object) (code int, ended bool) {
	if c.State != "exited" {
		return 0, false
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(c.Status, "Exited ("), ")")
	code, err := strconv.Atoi(text)
	return code, err == nil
}

// isOneOff reports whether a container is that of a docker compose run.
func isOneOff(c engine.Object) bool {
	return strings.EqualFold(c.Labels[engine.ComposeOneoff], "true")
}

// WhyNot says why a container, or a task, does not run, and so publishes nothing, or nothing if
// it may run.
func (r Row) WhyNot() string {
	if code, ended := strings.CutPrefix(r.State, exitedState); ended {
		return "it exited with code " + code
	}
	switch r.State {
	case "created":
		return "it was never started"
	case "restarting":
		return "it ended, and is started again and again"
	case "complete", "failed", "rejected", "shutdown": // of a stack
		return "its task is " + r.State
	}
	return ""
}

// Silent returns the containers of services that publish ports in the files, and none now,
// because they do not run.
func (n *Named) Silent(rows []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		publishes := slices.ContainsFunc(n.Ports, func(p FilePort) bool { return p.Service == r.Service })
		return !publishes || len(r.Ports) > 0 || r.WhyNot() == ""
	})
}

// Find returns where a port of a service is reached, by its number in the files or that of
// the container, and of one service that has one port alone also without it.
func Find(rows []Row, service string, port portnumber.Port, index int) (RowPort, error) {
	var names, ports, others []string
	found, whyNot := false, ""
	var matches []RowPort
	for _, r := range rows {
		if !slices.Contains(names, r.Service) {
			names = append(names, r.Service)
		}
		if r.Service != service || r.Number != max(index, 1) {
			continue
		}
		found, whyNot = true, r.WhyNot()
		for _, p := range r.Ports {
			if p.Protocol != port.Protocol {
				others = append(others, p.label())
				continue
			}
			if slices.Contains(ports, p.label()) { // at another address: nobody can say which of the two
				continue
			}
			ports = append(ports, p.label())
			if port.Number == 0 || p.Number == port.Number {
				matches = append(matches, p)
			}
		}
		if len(matches) == 0 {
			for _, p := range r.Ports {
				if p.Protocol == port.Protocol && p.Target == port.Number {
					matches = append(matches, p)
				}
			}
		}
	}
	switch {
	case !found && index > 1 && slices.Contains(names, service):
		return RowPort{}, &UnknownError{fmt.Sprintf("service %s has no container %d", service, index)}
	case !found:
		return RowPort{}, unknownService(service, names)
	case len(ports)+len(others) == 0 && whyNot != "":
		return RowPort{}, &UnknownError{fmt.Sprintf("%s does not run: %s\n    hint: seatrial logs %s shows why", service, whyNot, service)}
	case len(ports) == 0 && len(others) > 0:
		return RowPort{}, &UnknownError{fmt.Sprintf("service %s publishes no %s port; it publishes %s", service, port.Protocol, strings.Join(others, ", "))}
	case len(ports) == 0:
		return RowPort{}, &UnknownError{fmt.Sprintf("service %s publishes no %s port", service, port.Protocol)}
	case len(matches) == 0:
		return RowPort{}, &UnknownError{fmt.Sprintf("service %s does not publish %s; it publishes %s", service, port.Full(), strings.Join(ports, ", "))}
	case port.Number == 0 && len(matches) > 1:
		return RowPort{}, &UnknownError{fmt.Sprintf("service %s publishes several ports: say which of %s", service, strings.Join(ports, ", "))}
	}
	return matches[0], nil
}

// OnlyPort returns the port of a container that a service of the files publishes alone, up or
// not.
func (n *Named) OnlyPort(service, protocol string) (target int, err error) {
	var targets, labels []string
	for _, p := range n.Ports {
		if p.Service == service && p.Protocol == protocol && !slices.Contains(targets, strconv.Itoa(p.Target)) {
			target = p.Target
			targets = append(targets, strconv.Itoa(target))
			labels = append(labels, RowPort{Number: p.Number, Target: p.Target, Protocol: p.Protocol}.label())
		}
	}
	switch len(targets) {
	case 0:
		return 0, &UnknownError{fmt.Sprintf("service %s publishes no %s port", service, protocol)}
	case 1:
		return target, nil
	}
	return 0, &UnknownError{fmt.Sprintf("service %s publishes several ports: say which of %s", service, strings.Join(labels, ", "))}
}

// label names a port by its numbers in the files.
func (p RowPort) label() string {
	if p.Number != 0 && p.Number != p.Target {
		return fmt.Sprintf("%d:%d/%s", p.Number, p.Target, p.Protocol)
	}
	return fmt.Sprintf("%d/%s", p.Target, p.Protocol)
}

// stackRows returns the tasks of a stack. A port that all nodes publish is reached at the
// engine, another one at the node of its task.
func (n *Named) stackRows(ctx context.Context, e *engine.Engine) ([]Row, error) {
	var rows []Row
	if len(n.Services) == 0 {
		return nil, nil
	}
	nodes, err := e.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	own, err := e.NodeAmong(ctx, nodes)
	if err != nil {
		return nil, err
	}
	for _, t := range n.tasks() {
		row := Row{Service: n.role(t.service), Number: t.number, Name: fmt.Sprintf("%s.%d.%s", t.service.Name, t.number, t.ID), ID: t.Container, State: t.State, Ports: []RowPort{}}
		for _, p := range append(slices.Clone(t.service.Ports), t.Ports...) {
			if p.Published == 0 || t.Over() {
				continue
			}
			b := engine.Binding{Port: p.Target, Protocol: p.Protocol, HostPort: p.Published}
			var addr string
			at := slices.IndexFunc(nodes, func(o engine.Node) bool { return o.ID == t.Node })
			if p.Host && t.Node != own && at >= 0 {
				addr = net.JoinHostPort(nodes[at].Address, strconv.Itoa(p.Published))
			} else if addr, err = e.Reach(ctx, b); err != nil {
				return nil, err
			}
			r := RowPort{Number: n.fileNumber(row.Service, b), Target: p.Target, Protocol: p.Protocol, Address: addr}
			if !slices.Contains(row.Ports, r) {
				row.Ports = append(row.Ports, r)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
