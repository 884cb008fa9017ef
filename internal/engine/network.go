// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/moby/moby/client"
)

// networks are the calls for networks.
type networks struct{ *connection }

// Networks lists the networks that carry a label with this value.
func (e *networks) Networks(ctx context.Context, label, value string) ([]Object, error) {
	return e.list(ctx, labelled(label, value))
}

// OwnNetworks lists those of them that are no swarm's, of which managers dispose.
func (e *networks) OwnNetworks(ctx context.Context, label, value string) ([]Object, error) {
	filters := labelled(label, value)
	if filters == nil {
		filters = make(client.Filters)
	}
	return e.list(ctx, filters.Add("scope", "local"))
}

func (e *networks) list(ctx context.Context, filters client.Filters) ([]Object, error) {
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
func (e *networks) RemoveNetwork(ctx context.Context, id string) error {
	_, err := e.api.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
	return ignore(err, IsNotFound)
}

// CreateNetwork creates a bridge, or an overlay network of the swarm that
// containers can join, too, and returns its id. From an internal one nothing leads
// out.
func (e *networks) CreateNetwork(ctx context.Context, name string, overlay, internal bool, labels map[string]string) (id string, err error) {
	o := client.NetworkCreateOptions{Driver: "bridge", Internal: internal, Labels: labels}
	if overlay {
		o.Driver, o.Attachable = "overlay", true
	}
	created, err := e.api.NetworkCreate(ctx, name, o)
	return created.ID, err
}

// HasNetwork reports whether there is a network of this name or id.
func (e *networks) HasNetwork(ctx context.Context, name string) (bool, error) {
	_, err := e.api.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	return err == nil, ignore(err, IsNotFound)
}

// Families reports over which protocols the engine publishes ports of containers in a
// network: both are false for one that is not there, or out of which nothing leads.
// An engine that does not tell of IPv4 has it in every network.
func (e *networks) Families(ctx context.Context, name string) (four, six bool, err error) {
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
