// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
)

// Running is what there is of a stack in the swarm, by the names that its files use.
type Running struct {
	Containers []RunningContainer
	Networks   []RunningObject
	Volumes    []RunningObject
}

// A RunningContainer is that of a task, on its node. Of a node whose engine cannot be
// asked, the managers tell.
type RunningContainer struct {
	Service string
	Number  int // the slot, from 1
	Name    string
	ID      string
	State   string // Docker's word for the container, or for the task
	Node    string // host name
}

// A RunningObject is a network of the swarm, or a volume of a node.
type RunningObject struct {
	Key    string // in the files; for the copy of a directory, its path in the stack's directory
	Name   string
	ID     string // a volume has none but its name
	Driver string
	Node   string // of a volume
}

// A listing finds out what there is of a stack.
type listing struct{ k *Stack }

// Running asks managers, and the engines of nodes that can be asked, what there is.
func (k *Stack) Running(ctx context.Context) (*Running, error) {
	r, err := listing{k}.running(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking up what runs of %s: %w", strings.Join(k.current().files, ", "), k.whyGone(err))
	}
	for _, all := range [][]RunningObject{r.Networks, r.Volumes} {
		slices.SortFunc(all, func(a, b RunningObject) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Node, b.Node)) })
	}
	slices.SortFunc(r.Containers, func(a, b RunningContainer) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Name, b.Name))
	})
	return r, nil
}

func (l listing) running(ctx context.Context) (*Running, error) {
	services, tasks, err := l.k.ask(ctx)
	if err != nil {
		return nil, err
	}
	r := &Running{}
	networks, err := l.k.session.Engine.Networks(ctx, engine.StackNamespace, l.k.Name)
	if err != nil {
		return nil, err
	}
	for _, o := range networks {
		r.Networks = append(r.Networks, RunningObject{l.key(o.Name), o.Name, o.ID, o.Driver, ""})
	}
	var mu sync.Mutex
	there := map[string]engine.Object{} // containers by their ids
	err = parallel.Do(reachable(l.k.follower.known()), func(n *node) error {
		containers, err := n.engine.Containers(ctx, engine.StackNamespace, l.k.Name)
		if err != nil {
			return err
		}
		volumes, err := n.engine.Volumes(ctx, engine.StackNamespace, l.k.Name)
		mu.Lock()
		defer mu.Unlock()
		for _, c := range containers {
			there[c.ID] = c
		}
		for _, v := range volumes {
			r.Volumes = append(r.Volumes, RunningObject{l.volumeKey(v.Name), v.Name, v.ID, v.Driver, n.Hostname})
		}
		return err
	})
	for _, s := range services {
		for _, t := range tasks {
			if t.Service != s.ID || t.Container == "" {
				continue
			}
			c := RunningContainer{l.k.role(s.Name), t.Number(s.Mode), "", t.Container, t.State, l.k.follower.hostname(t.Node)}
			if o, ok := there[t.Container]; ok {
				c.Name, c.State = o.Name, o.State
			} else if n := l.k.follower.known()[t.Node]; n != nil && n.away() == nil {
				continue // it was removed
			}
			r.Containers = append(r.Containers, c)
		}
	}
	return r, err
}

// key is the name in the files of what has a name in the swarm.
func (l listing) key(name string) string { return strings.TrimPrefix(name, l.k.Name+"_") }

// volumeKey is that of a volume: of a copy the path of what it is a copy of.
func (l listing) volumeKey(name string) string {
	key, plan := l.key(name), l.k.current().plan
	for _, c := range plan.Copies {
		if rel, err := filepath.Rel(plan.Dir, c.Source); err == nil && c.Volume == key {
			return filepath.ToSlash(rel)
		}
	}
	return key
}

// Volume returns the name on the nodes of a volume, by its key in the file.
func (k *Stack) Volume(key string) (string, error) {
	as := k.current()
	if !slices.Contains(as.plan.Volumes, key) {
		return "", fmt.Errorf("looking up volume %q of %s: there is none; there are %s", key, strings.Join(as.files, ", "), report.List(as.plan.Volumes))
	}
	return k.Name + "_" + cmp.Or(as.plan.SameVolumes[key], key), nil
}
