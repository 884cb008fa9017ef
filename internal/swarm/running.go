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

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
)

// A listing finds out what there is of a stack.
type listing struct{ k *Stack }

// Running asks managers, and the engines of nodes that can be asked, what there is.
func (k *Stack) Running(ctx context.Context) (*container.Running, error) {
	r, err := listing{k}.running(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking up what runs of %s: %w", strings.Join(k.current().files, ", "), k.whyGone(err))
	}
	r.Sort()
	return r, nil
}

func (l listing) running(ctx context.Context) (*container.Running, error) {
	services, tasks, err := l.k.ask(ctx)
	if err != nil {
		return nil, err
	}
	r := &container.Running{}
	networks, err := l.k.session.Engine.Networks(ctx, engine.StackNamespace, l.k.Name)
	if err != nil {
		return nil, err
	}
	for _, o := range networks {
		r.Networks = append(r.Networks, container.RunningObject{Key: l.key(o.Name), Name: o.Name, ID: o.ID, Driver: o.Driver})
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
			r.Volumes = append(r.Volumes, container.RunningObject{Key: l.volumeKey(v.Name), Name: v.Name, ID: v.ID, Driver: v.Driver, Node: n.Hostname})
		}
		return err
	})
	for _, s := range services {
		for _, t := range tasks {
			if t.Service != s.ID || t.Container == "" {
				continue
			}
			c := container.RunningContainer{Service: l.k.role(s.Name), Number: t.Number(s.Mode), ID: t.Container, State: t.State, Node: l.k.follower.hostname(t.Node)}
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
		return "", fmt.Errorf("looking up volume %q of %s: there is none; %s", key, strings.Join(as.files, ", "), report.There(as.plan.Volumes))
	}
	return k.Name + "_" + cmp.Or(as.plan.SameVolumes[key], key), nil
}
