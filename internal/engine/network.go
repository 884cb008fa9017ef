// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Networks lists the networks that carry a label with this value.
func (e *Engine) Networks(ctx context.Context, label, value string) ([]Object, error) {
	return e.networks(ctx, labelled(label, value))
}

// OwnNetworks lists those of them that are no swarm's, of which managers dispose.
func (e *Engine) OwnNetworks(ctx context.Context, label, value string) ([]Object, error) {
	filters := labelled(label, value)
	if filters == nil {
		filters = make(client.Filters)
	}
	return e.networks(ctx, filters.Add("scope", "local"))
}

func (e *Engine) networks(ctx context.Context, filters client.Filters) ([]Object, error) {
	list, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, n := range list.Items {
		all = append(all, Object{ID: n.ID, Name: n.Name, Labels: n.Labels, Driver: n.Driver})
	}
	return all, nil
}

// RemoveNetwork removes a network. One that is gone already is no error.
func (e *Engine) RemoveNetwork(ctx context.Context, id string) error {
	_, err := e.api.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
	return ignore(err, IsNotFound)
}

// Volumes lists the volumes that carry a label with this value.
func (e *Engine) Volumes(ctx context.Context, label, value string) ([]Object, error) {
	list, err := e.api.VolumeList(ctx, client.VolumeListOptions{Filters: labelled(label, value)})
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, v := range list.Items {
		all = append(all, Object{ID: v.Name, Name: v.Name, Labels: v.Labels, Driver: v.Driver})
	}
	return all, nil
}

// CreateVolume creates an empty volume.
func (e *Engine) CreateVolume(ctx context.Context, name string, labels map[string]string) error {
	_, err := e.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: labels})
	return err
}

// RemoveVolume removes a volume. One that is gone already is no error.
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	_, err := e.api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
	return ignore(err, IsNotFound)
}

// CreateNetwork creates a bridge, or an overlay network of the swarm that
// containers can join, too, and returns its id. From an internal one nothing leads
// out.
func (e *Engine) CreateNetwork(ctx context.Context, name string, overlay, internal bool, labels map[string]string) (id string, err error) {
	o := client.NetworkCreateOptions{Driver: "bridge", Internal: internal, Labels: labels}
	if overlay {
		o.Driver, o.Attachable = "overlay", true
	}
	created, err := e.api.NetworkCreate(ctx, name, o)
	return created.ID, err
}

// HasNetwork reports whether there is a network of this name or id.
func (e *Engine) HasNetwork(ctx context.Context, name string) (bool, error) {
	_, err := e.api.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	return err == nil, ignore(err, IsNotFound)
}

// Families reports over which protocols the engine publishes ports of containers in a
// network: both are false for one that is not there, or out of which nothing leads.
// An engine that does not tell of IPv4 has it in every network.
func (e *Engine) Families(ctx context.Context, name string) (four, six bool, err error) {
	n, err := e.api.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	if err != nil || n.Network.Internal {
		return false, false, ignore(err, IsNotFound)
	}
	four = n.Network.EnableIPv4 || !n.Network.EnableIPv6
	for _, config := range n.Network.IPAM.Config {
		four = four || config.Subnet.IsValid() && config.Subnet.Addr().Is4()
	}
	return four, n.Network.EnableIPv6, nil
}

// PortsElsewhere says why a container that publishes nothing cannot: it has no network
// of its own.
func (e *Engine) PortsElsewhere(ctx context.Context, c container.InspectResponse) (why string, err error) {
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
func (e *Engine) Unpublishable(ctx context.Context, c container.InspectResponse) (why string, err error) {
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
		f, s, err := e.Families(ctx, name)
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

// HasVolume reports whether there is a volume of this name.
func (e *Engine) HasVolume(ctx context.Context, name string) (bool, error) {
	_, err := e.api.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
	return err == nil, ignore(err, IsNotFound)
}
