// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
)

// Running is what there is of a project on the engine, by the names that its files
// use.
type Running struct {
	Containers []RunningContainer
	Networks   []RunningObject
	Volumes    []RunningObject
}

// A RunningContainer is a container of a project, which need not run.
type RunningContainer struct {
	Service string
	Number  int    // of the replica, from 1; 0 for one of Run
	Name    string // on the engine: for docker exec in a script
	ID      string
	State   string // running, exited, …
	Node    string // of a stack's
}

// A RunningObject is a network or volume of a project.
type RunningObject struct {
	Key    string // in the files; for the copy of a directory, its path in the project's directory
	Name   string // on the engine
	ID     string // a volume has none but its name
	Driver string
	Node   string // of a stack's
}

func running(ctx context.Context, e *engine.Engine, project string) (*Running, error) {
	containers, err := e.Containers(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	r := &Running{}
	for _, o := range containers {
		at := placeOf(o.Labels)
		r.Containers = append(r.Containers, RunningContainer{at.service, at.number, o.Name, o.ID, o.State, ""})
	}
	networks, err := e.Networks(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	for _, o := range networks {
		r.Networks = append(r.Networks, RunningObject{o.Labels[engine.ComposeNetwork], o.Name, o.ID, o.Driver, ""})
	}
	volumes, err := e.Volumes(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	for _, o := range volumes {
		key := cmp.Or(o.Labels[engine.ComposeVolume], o.Labels[owner.LabelCopy])
		r.Volumes = append(r.Volumes, RunningObject{key, o.Name, o.ID, o.Driver, ""})
	}
	slices.SortFunc(r.Containers, func(a, b RunningContainer) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
	for _, all := range [][]RunningObject{r.Networks, r.Volumes} {
		slices.SortFunc(all, func(a, b RunningObject) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name)) })
	}
	return r, nil
}

// Running asks the engine what there is of the project, by its labels.
func (p *Project) Running(ctx context.Context) (*Running, error) {
	r, err := running(ctx, p.Session.Engine, p.Name)
	if err != nil {
		return nil, fmt.Errorf("looking up what runs of %s: %w", p.current().files(), err)
	}
	return r, nil
}

// Network returns the name on the engine of a network, by its key in the files.
func (p *Project) Network(ctx context.Context, key string) (string, error) {
	return object(ctx, p, "network", key, p.current().plan.SameNetworks, p.Session.Engine.Networks, engine.ComposeNetwork)
}

// Volume returns the name on the engine of a volume, by its key in the files.
func (p *Project) Volume(ctx context.Context, key string) (string, error) {
	return object(ctx, p, "volume", key, p.current().plan.SameVolumes, p.Session.Engine.Volumes, engine.ComposeVolume)
}

// object looks for a network or volume by its label. One that goes by several keys is
// labelled with that of them by which Compose made it.
func object(ctx context.Context, p *Project, kind, key string, same map[string]string, list func(ctx context.Context, label, value string) ([]engine.Object, error), label string) (string, error) {
	all, err := list(ctx, engine.ComposeProject, p.Name)
	if err != nil {
		return "", fmt.Errorf("looking up %s %q of %s: %w", kind, key, p.current().files(), err)
	}
	var keys []string
	for _, o := range all {
		if made := o.Labels[label]; key != "" && made != "" && cmp.Or(same[made], made) == cmp.Or(same[key], key) {
			return o.Name, nil
		}
		if o.Labels[label] != "" {
			keys = append(keys, o.Labels[label])
		}
	}
	slices.Sort(keys)
	return "", fmt.Errorf("looking up %s %q of %s: there is none; there are %s", kind, key, p.current().files(), report.List(keys))
}
