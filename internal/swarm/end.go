// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
)

// evidence saves what the swarm and the engines know about the services.
func (g *serviceGroup) evidence(ctx context.Context, dir *artifact.Dir) error {
	services, tasks, err := g.refresh(ctx)
	if err != nil || len(services) == 0 {
		return ignoreNotFound(err)
	}
	name := g.role(services[0].Name)
	if g.label == engine.StackNamespace {
		name = g.value
	}
	err = dir.WriteJSON(name+".tasks.json", map[string]any{"services": services, "tasks": g.attempts(services, tasks)})
	return errors.Join(err, parallel.Do(tasks, func(t engine.Task) error {
		if c := g.follower.containers.Get(t.Container); c != nil {
			return c.Evidence(ctx, dir)
		}
		return nil
	}))
}

// An attempt is a task as evidence has it.
type attempt struct {
	Name    string      `json:"name"`
	Attempt int         `json:"attempt"` // from 1, of those that the swarm still remembers
	Node    string      `json:"node"`
	Task    engine.Task `json:"task"`
}

// attempts returns the tasks with their names: those that failed first, and of those the
// newest.
func (g *serviceGroup) attempts(services []engine.Service, tasks []engine.Task) []attempt {
	tasks = slices.SortedStableFunc(slices.Values(tasks), func(a, b engine.Task) int { return a.Created.Compare(b.Created) })
	var all []attempt
	for _, s := range services {
		count := map[string]int{}
		for _, t := range tasks {
			if t.Service == s.ID {
				name := g.taskName(s, t)
				count[name]++
				all = append(all, attempt{name, count[name], g.follower.hostname(t.Node), t})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b attempt) int {
		failed := func(a attempt) int {
			if a.Task.State == "failed" || a.Task.State == "rejected" {
				return 0
			}
			return 1
		}
		if by := cmp.Compare(failed(a), failed(b)); by != 0 || failed(a) == 1 {
			return by
		}
		return b.Task.Created.Compare(a.Task.Created)
	})
	return all
}

func ignoreNotFound(err error) error {
	if engine.IsNotFound(err) {
		return nil
	}
	return err
}

// drop removes services, and returns when the containers of their tasks and the volumes that
// were made for them are gone. It kills the containers, which are of no more use. The swarm
// would take five seconds: its nodes wait twice for others to hear that a task ends.
// https://github.com/moby/moby/blob/v28.0.0/daemon/cluster/executor/container/controller.go
func (g *serviceGroup) drop(ctx context.Context, services []engine.Service) error {
	g.keepLogs(ctx)
	e := g.session.Engine
	err := parallel.Do(services, func(s engine.Service) error { return e.RemoveService(ctx, s.ID) })
	if err != nil {
		return err
	}
	g.mu.Lock()
	ids := maps.Clone(g.ids)
	g.mu.Unlock()
	for _, s := range services {
		ids[s.ID] = true
	}
	for {
		looked := time.Now()
		left, err := g.remains(ctx, ids)
		if err == nil && left == "" {
			break
		}
		select {
		case <-ctx.Done():
			if left != "" {
				left = ": " + left
			}
			return errors.Join(fmt.Errorf("its tasks have not ended%s", left), err)
		case <-time.After(max(lookAgain, time.Since(looked))):
		}
	}
	return g.dropVolumes(ctx)
}

// remains names the tasks that still have a container, or may get one, and kills the
// containers on the nodes that can be asked.
func (g *serviceGroup) remains(ctx context.Context, ids map[string]bool) (left string, err error) {
	if err := g.follower.listen(ctx); err != nil {
		return "", err
	}
	nodes := g.follower.known()
	tasks, err := g.session.Engine.Tasks(ctx) // before the containers: one of a task that has none here is seen then
	if err != nil {
		return "", err
	}
	err = parallel.Do(reachable(nodes), func(n *node) error {
		containers, err := n.engine.Containers(ctx, g.label, g.value)
		return errors.Join(err, parallel.Do(containers, func(c engine.Object) error {
			if followed := g.follower.containers.Get(c.ID); followed != nil {
				_ = n.engine.Kill(ctx, c.ID) // it may be gone by now
				followed.Close(ctx)
			}
			return n.engine.Remove(ctx, c.ID)
		}))
	})
	for _, t := range tasks {
		n := nodes[t.Node]
		switch {
		case !ids[t.Service] || t.Over() || n != nil && n.Status != "ready": // a node that is down says nothing of what it had
		case n == nil && t.Node == "" && t.Desired == "remove": // and gets none any more
		case n == nil || t.Container == "" || n.away() != nil:
			left = fmt.Sprintf("task %s is %s", t.ID, t.State)
		}
	}
	return left, err
}

// dropVolumes removes the volumes that the nodes made for the services.
func (g *serviceGroup) dropVolumes(ctx context.Context) error {
	nodes, err := findNodes(ctx, g.session)
	if err != nil {
		return err
	}
	return parallel.Do(reachable(nodes), func(n *node) error {
		volumes, err := n.engine.Volumes(ctx, owner.LabelScope, g.session.Owner.Scope)
		if err != nil {
			return err
		}
		for _, v := range g.session.Owned(owner.Volume, volumes) {
			if g.owns(v) {
				err = errors.Join(err, n.engine.RemoveVolume(ctx, v.Name))
			}
		}
		return err
	})
}

// keepLogs writes the logs of tasks that were not followed, which the managers
// have to ask their nodes for.
func (g *serviceGroup) keepLogs(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, container.LastWords)
	defer cancel()
	services, tasks, err := g.refresh(ctx)
	if err != nil {
		return
	}
	dir := g.session.Artifacts
	for _, s := range services {
		for _, t := range tasks {
			if t.Service != s.ID || t.Container == "" || g.follower.containers.Get(t.Container) != nil {
				continue
			}
			name := g.taskName(s, t)
			stdout, stderr, _, err := g.session.Engine.TaskLog(ctx, t.ID)
			if err == nil {
				_, err = dir.Write(name+".out", []byte(dir.Redact(stdout)))
			}
			if err == nil {
				_, err = dir.Write(name+".err", []byte(dir.Redact(stderr)))
			}
			if err != nil {
				dir.Note("the log of task %s: %v", name, err)
			}
		}
	}
}
