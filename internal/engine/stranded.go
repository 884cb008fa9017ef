// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Stranded says that of two containers one of which joined the other's network each is in a
// network of its own: when a container is started again it gets a new one, and who joined the
// old one stays there, where nothing leads to. The engine itself does not say so. It returns ""
// of a container of which that is not known.
func (e *containers) Stranded(ctx context.Context, id string) (advice string, err error) {
	c, err := e.Inspect(ctx, id)
	if err != nil || c.HostConfig == nil {
		return "", err
	}
	if c.HostConfig.NetworkMode.IsContainer() {
		host, err := e.Inspect(ctx, c.HostConfig.NetworkMode.ConnectedContainer())
		if err != nil {
			return "", err
		}
		return stranded(c, host), nil
	}
	list, err := e.api.ContainerList(ctx, client.ContainerListOptions{})
	if err != nil {
		return "", err
	}
	for _, o := range list.Items {
		mode := container.NetworkMode(o.HostConfig.NetworkMode)
		if !mode.IsContainer() || mode.ConnectedContainer() != c.ID && mode.ConnectedContainer() != strings.TrimPrefix(c.Name, "/") {
			continue
		}
		guest, err := e.Inspect(ctx, o.ID)
		if err != nil {
			return "", err
		}
		if advice := stranded(guest, c); advice != "" {
			return advice, nil
		}
	}
	return "", nil
}

// stranded says that a guest is not in the network that its host has now.
func stranded(guest, host container.InspectResponse) string {
	joined, err := time.Parse(time.RFC3339Nano, guest.State.StartedAt)
	began, failed := time.Parse(time.RFC3339Nano, host.State.StartedAt)
	switch {
	case err != nil || failed != nil || !guest.State.Running:
		return ""
	case !host.State.Running:
		return fmt.Sprintf("%s is in the network of %s, which has ended: start %[2]s, and then %[1]s again", calledInFile(guest), calledInFile(host))
	case joined.Before(began):
		return fmt.Sprintf("%s is in the network that %s had before that was started again: start %[1]s again, too", calledInFile(guest), calledInFile(host))
	}
	return ""
}

// calledInFile is what a Compose file calls a container, or else the engine.
func calledInFile(c container.InspectResponse) string {
	if service := c.Config.Labels[ComposeService]; service != "" {
		return service
	}
	return strings.TrimPrefix(c.Name, "/")
}
