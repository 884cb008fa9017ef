// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/swarm/converge"
)

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
