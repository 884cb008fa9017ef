// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
)

// A served resource is a service on its way to the end of the test.
type served struct {
	*serviceGroup
	name    string // in the swarm
	wrapped bool   // it was there before the test
	owned   bool   // and goes with it nevertheless
}

func (s *served) resource() session.Resource {
	return session.Resource{Evidence: s.evidence, Remove: s.remove, Enter: s.enter, Detach: s.detach, Engines: s.engines}
}

func (s *served) enter(context.Context) []string { return []string{"docker service ps " + s.name} }

func (s *served) remove(ctx context.Context) error {
	if s.wrapped && !s.owned {
		s.keepLogs(ctx)
		s.detach()
		return nil
	}
	is, err := s.session.Engine.Service(ctx, s.name)
	if err == nil {
		err = s.drop(ctx, []engine.Service{is})
	} else if engine.IsNotFound(err) {
		err = s.drop(ctx, nil) // its tasks may still end
	}
	if err != nil {
		return fmt.Errorf("service %s: %w", s.name, err)
	}
	s.detach()
	return nil
}

// gone says that a service is not to be found because its test has ended.
func (g *serviceGroup) gone(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended && engine.IsNotFound(err) {
		return container.ErrRemoved
	}
	return err
}

// leave ends what follows the tasks.
func (g *serviceGroup) detach() {
	g.mu.Lock()
	heard := g.heard
	g.ended, g.heard = true, map[string]func(){}
	containers := g.containers
	g.mu.Unlock()
	for _, stop := range heard {
		stop()
	}
	for _, c := range containers {
		c.Close(session.NoWait)
	}
}

// evidence saves what the swarm and the engines know about the services.
func (g *serviceGroup) evidence(ctx context.Context, dir *artifact.Dir) error {
	services, tasks, err := g.refresh(ctx)
	if err != nil || len(services) == 0 {
		return ignoreNotFound(err)
	}
	var known []*Task
	for _, s := range services {
		for _, t := range tasks {
			if t.Service == s.ID {
				known = append(known, g.task(s, t))
			}
		}
	}
	var all []any
	for _, k := range known {
		all = append(all, map[string]any{"name": k.Name, "node": k.Node, "task": k.task})
	}
	content, err := json.MarshalIndent(map[string]any{"services": services, "tasks": all}, "", "  ")
	if err != nil {
		return err
	}
	name := g.role(services[0].Name)
	if g.label == engine.StackNamespace {
		name = g.value
	}
	_, err = dir.Write(name+".tasks.json", []byte(dir.Redact(string(content))))
	return errors.Join(err, parallel.Do(known, func(k *Task) error {
		if c := g.container(k.ContainerID); c != nil {
			return c.Evidence(ctx, dir)
		}
		return nil
	}))
}

func ignoreNotFound(err error) error {
	if engine.IsNotFound(err) {
		return nil
	}
	return err
}

// drop removes services, and returns when the containers of their tasks are gone,
// and the volumes that were made for them. Containers are not left the time to end
// by themselves, which are of no more use. The swarm would take five seconds: its
// nodes wait twice for others to hear that a task ends.
// https://github.com/moby/moby/blob/v28.0.0/daemon/cluster/executor/container/controller.go
func (g *serviceGroup) drop(ctx context.Context, services []engine.Service) error {
	g.keepLogs(ctx)
	e := g.session.Engine
	err := parallel.Do(services, func(s engine.Service) error { return e.RemoveService(ctx, s.ID) })
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	g.mu.Lock()
	for id := range g.services {
		ids[id] = true
	}
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

// remains says which tasks there still are that have, or may get, a container, and
// removes those that have one, if their nodes can be asked.
func (g *serviceGroup) remains(ctx context.Context, ids map[string]bool) (left string, err error) {
	if err := g.listen(ctx); err != nil {
		return "", err
	}
	g.mu.Lock()
	nodes := g.nodes
	g.mu.Unlock()
	tasks, err := g.session.Engine.Tasks(ctx) // before the containers: one of a task that has none here is seen then
	if err != nil {
		return "", err
	}
	err = parallel.Do(reachable(nodes), func(n *node) error {
		containers, err := n.engine.Containers(ctx, g.label, g.value)
		return errors.Join(err, parallel.Do(containers, func(c engine.Object) error {
			if followed := g.container(c.ID); followed != nil {
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
			if t.Service != s.ID || t.Container == "" || g.container(t.Container) != nil {
				continue
			}
			k := g.task(s, t)
			stdout, stderr, _, err := g.session.Engine.TaskLog(ctx, t.ID)
			if err == nil {
				_, err = dir.Write(k.Name+".out", []byte(dir.Redact(stdout)))
			}
			if err == nil {
				_, err = dir.Write(k.Name+".err", []byte(dir.Redact(stderr)))
			}
			if err != nil {
				dir.Note("the log of task %s: %v", k.Name, err)
			}
		}
	}
}
