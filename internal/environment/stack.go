// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
)

// StackOf is what a spec of a project says of a stack: the options of both are the same, but
// for constraints, which stacks alone have.
func StackOf(p spec.Project, constraints map[string]string) spec.Stack {
	return spec.Stack{
		Files: p.Files, Dir: p.Dir, Env: p.Env, Images: p.Images, StandIns: p.StandIns, Ports: p.Ports, KeepPorts: p.KeepPorts,
		StablePorts: p.StablePorts, PortReferences: p.PortReferences, Publish: p.Publish, PublishOther: p.PublishOther, Networks: p.Networks, Volumes: p.Volumes,
		Secrets: p.Secrets, Configs: p.Configs, Paths: p.Paths, Constraints: constraints, Builds: p.Builds,
		Replace: p.Replace, Allow: p.Allow, Lock: p.Lock, Isolate: p.Isolate, CopyLimit: p.CopyLimit, Ready: p.Ready,
	}
}

// deploy starts the stack, or makes it what its files say now.
func (s *starter) deploy(ctx context.Context, p spec.Project) error {
	if err := s.sess.Manages(ctx); err != nil {
		return err
	}
	o := swarm.Options{NoWait: s.o.NoWait}
	if s.was != nil && s.n.IsUp() {
		o.Was = s.was.Stack
	}
	made := StackOf(p, s.o.Constraints)
	s.stack = swarm.Lasting(s.sess, s.o.Name, made, o)
	return s.stack.Deploy(ctx, made, s.say)
}

// lookAtStacks adds the services of environments that are stacks, and their tasks.
func lookAtStacks(ctx context.Context, e *engine.Engine, byRun map[string]*Named) error {
	stacks := slices.DeleteFunc(slices.Collect(maps.Values(byRun)), func(n *Named) bool { return !n.Stack })
	if len(stacks) == 0 {
		return nil
	}
	if is, err := e.Membership(ctx); err != nil || !is.Manages { // not any more: nothing runs
		return err
	}
	for _, n := range stacks {
		services, err := e.Services(ctx, owner.LabelRun, n.Tuple.Run)
		if err != nil {
			return fmt.Errorf("listing services: %w", err)
		}
		var ids []string
		for _, s := range services {
			if _, ok := owner.Read(owner.Service, s.Name, s.Labels); ok {
				n.Services, ids = append(n.Services, s), append(ids, s.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if n.all, err = e.Tasks(ctx, ids...); err != nil {
			return fmt.Errorf("listing tasks: %w", err)
		}
	}
	return nil
}

// task is a task of a stack, as the managers tell of it, with its number among those of its
// service.
type task struct {
	engine.Task
	service engine.Service
	number  int
}

// tasks are those that the services of a stack have now, by service and number.
func (n *Named) tasks() (all []task) {
	for _, s := range n.Services {
		present := slices.SortedFunc(slices.Values(converge.Present(s, n.all)), func(a, b engine.Task) int {
			return cmp.Or(a.Slot-b.Slot, cmp.Compare(a.Node, b.Node))
		})
		for i, t := range present {
			all = append(all, task{t, s, i + 1})
		}
	}
	slices.SortStableFunc(all, func(a, b task) int { return cmp.Compare(n.role(a.service), n.role(b.service)) })
	return all
}

// role is what the files call a service of a stack.
func (n *Named) role(s engine.Service) string { return strings.TrimPrefix(s.Name, n.Name+"_") }

// stackState says in a word how a stack is.
func (n *Named) stackState() string {
	wanted, starting := 0, false
	for _, s := range n.Services {
		wanted += s.Wanted
		there := 0
		for _, t := range converge.Present(s, n.all) {
			switch t.State {
			case "running", "complete":
				there++
			case "failed", "rejected":
				return "failing"
			default:
				starting = true
			}
		}
		if there >= s.Wanted {
			if converge.IsGlobal(s.Mode) {
				wanted++
			}
			continue
		}
		starting = true
		for _, t := range n.all { // those that were in its place
			if t.Of(s) && (t.State == "failed" || t.State == "rejected") {
				return "failing"
			}
		}
	}
	switch {
	case starting:
		return "starting"
	case wanted == 0:
		return "stopped"
	}
	return "up"
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
