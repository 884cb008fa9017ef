// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/kept"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// An engine never changes a network or volume that it has made. When the definition of a
// volume changes, docker compose asks whether its data may be lost. An older docker compose
// keeps the volume as it is, and a network, too.

// A planChange is what an update makes of what there is on the engine of networks and
// volumes.
type planChange struct {
	session    *session.Session
	containers *containers
	was, is    *tailor.Plan
}

// checkVolumes says which volumes of the project cannot become what the files say.
func (c *planChange) checkVolumes(ctx context.Context) error {
	volumes, err := c.session.Engine.Volumes(ctx, engine.ComposeProject, c.containers.project)
	if err != nil {
		return err
	}
	there := byLabel(volumes, engine.ComposeVolume)
	var wrong report.Problems
	for _, key := range changed(c.was.VolumeOptions, c.is.VolumeOptions) {
		before, after := c.was.VolumeOptions[key], c.is.VolumeOptions[key]
		switch {
		case there[key] == "":
		case before.Options != after.Options:
			wrong.Add("volume %s has the options %s, which the files change to %s: docker compose would ask whether to make it anew, and lose its data\n    hint: another Up starts with a new volume",
				key, before.Options, after.Options)
		default:
			c.session.Said.AddFor(fmt.Sprintf("volume %s keeps its labels, which the files change to %s: docker compose would ask whether to make it anew, and lose its data", key, after.Labels),
				fmt.Sprintf("Volume %q exists but doesn't match", there[key]))
		}
	}
	return wrong.Joined()
}

// networks returns the ids of the networks whose definition changes.
func (c *planChange) networks(ctx context.Context) (map[string]string, error) {
	keys := changed(c.was.NetworkOptions, c.is.NetworkOptions)
	if len(keys) == 0 {
		return nil, nil
	}
	there, err := c.networkIDs(ctx)
	maps.DeleteFunc(there, func(key, _ string) bool { return !slices.Contains(keys, key) })
	return there, err
}

// noteNetworks notes which of them are still the same.
func (c *planChange) noteNetworks(ctx context.Context, before map[string]string) error {
	if len(before) == 0 {
		return nil
	}
	there, err := c.networkIDs(ctx)
	for key, id := range before {
		if there[key] == id {
			c.session.Said.Add(fmt.Sprintf("the files change network %s (%s), and docker compose did not make it anew", key, c.is.NetworkOptions[key].Options))
		}
	}
	return err
}

// outsides returns, by the ids of the project's containers, how others reach each of them. It
// is empty if the definition of no network changes.
func (c *planChange) outsides(ctx context.Context, networks map[string]string) (map[string]kept.Container, error) {
	if len(networks) == 0 {
		return nil, nil
	}
	all := map[string]kept.Container{}
	for _, one := range c.containers.All() {
		inspected, err := c.session.Engine.Inspect(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		o := kept.Container{Names: map[string][]string{}}
		for network, names := range engine.Names(inspected) {
			o.Names[strings.TrimPrefix(network, c.containers.project+"_")] = names
		}
		for _, b := range engine.Bindings(inspected) {
			o.Ports = append(o.Ports, b.Port)
		}
		if slices.Sort(o.Ports); len(o.Ports) == 0 {
			o.Why, err = c.session.Engine.Unpublishable(ctx, inspected)
		}
		if err != nil {
			return nil, err
		}
		o.Ports, all[one.ID] = slices.Compact(o.Ports), o
	}
	return all, nil
}

// warnOfLosses warns of what the containers have lost that Compose kept.
func (c *planChange) warnOfLosses(ctx context.Context, networks map[string]string, before map[string]kept.Container) error {
	after, err := c.outsides(ctx, networks)
	for _, one := range c.containers.All() {
		for _, lost := range kept.Lost(before[one.ID], after[one.ID]) {
			c.session.Said.Add(fmt.Sprintf("%s is kept, and %s", one.Name, lost))
		}
	}
	return err
}

func (c *planChange) networkIDs(ctx context.Context) (map[string]string, error) {
	networks, err := c.session.Engine.Networks(ctx, engine.ComposeProject, c.containers.project)
	return byLabel(networks, engine.ComposeNetwork), err
}

// byLabel returns the ids of objects by the value of a label.
func byLabel(all []engine.Object, label string) map[string]string {
	ids := map[string]string{}
	for _, o := range all {
		ids[o.Labels[label]] = o.ID
	}
	return ids
}

// changed returns the keys that both have with different values.
func changed(before, after map[string]tailor.Made) []string {
	var keys []string
	for key, is := range after {
		if was, ok := before[key]; ok && was != is {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
