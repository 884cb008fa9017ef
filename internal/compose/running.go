// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
)

func running(ctx context.Context, e *engine.Engine, project string) (*container.Running, error) {
	containers, err := e.Containers(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	r := &container.Running{}
	for _, o := range containers {
		at := placeOf(o.Labels)
		r.Containers = append(r.Containers, container.RunningContainer{Service: at.service, Number: at.number, Name: o.Name, ID: o.ID, State: o.State})
	}
	networks, err := e.Networks(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	for _, o := range networks {
		r.Networks = append(r.Networks, container.RunningObject{Key: o.Labels[engine.ComposeNetwork], Name: o.Name, ID: o.ID, Driver: o.Driver})
	}
	volumes, err := e.Volumes(ctx, engine.ComposeProject, project)
	if err != nil {
		return nil, err
	}
	for _, o := range volumes {
		key := cmp.Or(o.Labels[engine.ComposeVolume], o.Labels[owner.LabelCopy])
		r.Volumes = append(r.Volumes, container.RunningObject{Key: key, Name: o.Name, ID: o.ID, Driver: o.Driver})
	}
	r.Sort()
	return r, nil
}

// Running asks the engine what there is of the project, by its labels.
func (p *Project) Running(ctx context.Context) (*container.Running, error) {
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
	return "", fmt.Errorf("looking up %s %q of %s: there is none; %s", kind, key, p.current().files(), report.There(keys))
}
