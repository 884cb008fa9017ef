// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
)

// PortsElsewhere says why a container that publishes nothing cannot: it has no network
// of its own.
func (e *containers) PortsElsewhere(ctx context.Context, c container.InspectResponse) (why string, err error) {
	if c.HostConfig == nil {
		return "", nil
	}
	mode := c.HostConfig.NetworkMode
	if mode.IsNone() {
		return "it has no network (network mode none)", nil
	}
	if !mode.IsContainer() {
		return "", nil
	}
	other, err := e.Inspect(ctx, mode.ConnectedContainer())
	if IsNotFound(err) {
		return "it is in the network of a container that is gone", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("it is in the network of container %s, which has the ports", strings.TrimPrefix(other.Name, "/")), nil
}

// Unpublishable says why the engine never publishes the ports of a running container,
// if its networks are the reason: the engine itself says nothing.
func (e *containers) Unpublishable(ctx context.Context, c container.InspectResponse) (why string, err error) {
	if c.HostConfig == nil || c.NetworkSettings == nil {
		return "", nil
	}
	wants6 := false
	for _, bindings := range c.HostConfig.PortBindings {
		for _, b := range bindings {
			wants6 = wants6 || !b.HostIP.IsValid() || b.HostIP.Is6()
		}
	}
	var four, six bool
	names := slices.Sorted(maps.Keys(c.NetworkSettings.Networks))
	for _, name := range names {
		f, s, err := e.networks.Families(ctx, name)
		if err != nil {
			return "", err
		}
		four, six = four || f, six || s
	}
	switch joined := strings.Join(names, ", "); {
	case len(names) == 0 || four || wants6 && six:
		return "", nil
	case !six:
		return "nothing leads out of its networks (" + joined + ")", nil
	default:
		return "its networks (" + joined + ") have no IPv4, and its ports are to be on an address of IPv4", nil
	}
}
