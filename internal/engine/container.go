// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// containers are the calls for containers: their life, what is in them, what they use.
type containers struct {
	*connection
	commands   *commands
	publishing *publishing
	networks   *networks
	volumes    *volumes
}

// Start starts a container.
func (e *containers) Start(ctx context.Context, id string) error {
	if _, err := e.api.ContainerStart(ctx, id, client.ContainerStartOptions{}); err != nil {
		return inOneLine(err)
	}
	return nil
}

// Stop stops a container: its stop signal, then, if it does not end within its
// own stop timeout (10 seconds, unless it has another), SIGKILL.
func (e *containers) Stop(ctx context.Context, id string) error {
	_, err := e.api.ContainerStop(ctx, id, client.ContainerStopOptions{})
	return err
}

// Kill ends a container at once. One that has ended already is no error.
func (e *containers) Kill(ctx context.Context, id string) error {
	return ignore(e.Signal(ctx, id, ""), IsInUse)
}

// Signal sends a signal to a container that runs: SIGHUP, HUP or 1; empty is
// SIGKILL.
func (e *containers) Signal(ctx context.Context, id, signal string) error {
	_, err := e.api.ContainerKill(ctx, id, client.ContainerKillOptions{Signal: signal})
	return err
}

// Pause freezes all processes of a container.
func (e *containers) Pause(ctx context.Context, id string) error {
	_, err := e.api.ContainerPause(ctx, id, client.ContainerPauseOptions{})
	return err
}

// Unpause lets them go on.
func (e *containers) Unpause(ctx context.Context, id string) error {
	_, err := e.api.ContainerUnpause(ctx, id, client.ContainerUnpauseOptions{})
	return err
}

// Inspect returns all that the engine knows of a container.
func (e *containers) Inspect(ctx context.Context, id string) (container.InspectResponse, error) {
	c, err := insist(ctx, func() (client.ContainerInspectResult, error) {
		return e.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	})
	if err == nil && (c.Container.State == nil || c.Container.Config == nil) {
		err = fmt.Errorf("inspecting container %s: the engine's answer has no state", id)
	}
	return c.Container, err
}

// HasHealthcheck reports whether a container has a health check.
func HasHealthcheck(c container.InspectResponse) bool {
	h := c.Config.Healthcheck
	return h != nil && len(h.Test) > 0 && h.Test[0] != "NONE"
}

// Remove removes a container, running or not, with its anonymous volumes. One
// that is gone already is no error.
func (e *containers) Remove(ctx context.Context, id string) error {
	var inherited []string
	if c, err := e.Inspect(ctx, id); err == nil && c.Config.Labels[composeReplace] != "" {
		inherited = anonymous(c)
	}
	if err := e.remove(ctx, id); err != nil {
		return err
	}
	return e.RemoveUnused(ctx, inherited)
}

// RemoveKnown is Remove for those who know the container's labels.
func (e *containers) RemoveKnown(ctx context.Context, id string, labels map[string]string) error {
	if labels[composeReplace] != "" {
		return e.Remove(ctx, id)
	}
	return e.remove(ctx, id)
}

func (e *containers) remove(ctx context.Context, id string) error {
	_, err := e.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	for IsInUse(err) && strings.Contains(err.Error(), "already in progress") && ctx.Err() == nil { // somebody else does
		time.Sleep(50 * time.Millisecond)
		_, err = e.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	}
	return ignore(err, IsNotFound)
}

// composeReplace is on a container that Compose has put in the place of another. It
// has the anonymous volumes of that by their names, and so the engine does not take
// them for anonymous.
const composeReplace = "com.docker.compose.replace"

// Anonymous returns the names of the anonymous volumes of a container.
func (e *containers) Anonymous(ctx context.Context, id string) ([]string, error) {
	c, err := e.Inspect(ctx, id)
	if err != nil {
		return nil, ignore(err, IsNotFound)
	}
	return anonymous(c), nil
}

var anonymousName = regexp.MustCompile(`^[0-9a-f]{64}$`)

func anonymous(c container.InspectResponse) []string {
	var all []string
	for _, m := range c.Mounts {
		if m.Type != mount.TypeVolume || !anonymousName.MatchString(m.Name) {
			continue
		}
		if c.Config.Labels[composeReplace] != "" || !asked(c, m.Name) {
			all = append(all, m.Name)
		}
	}
	return all
}

// asked reports whether somebody asked for a volume by its name.
func asked(c container.InspectResponse, volume string) bool {
	return c.HostConfig != nil && (slices.ContainsFunc(c.HostConfig.Binds, func(bind string) bool { return strings.HasPrefix(bind, volume+":") }) ||
		slices.ContainsFunc(c.HostConfig.Mounts, func(m mount.Mount) bool { return m.Source == volume }))
}

// RemoveUnused removes those volumes of these that no container has.
func (e *containers) RemoveUnused(ctx context.Context, volumes []string) error {
	var all error
	for _, v := range volumes {
		all = errors.Join(all, ignore(e.volumes.RemoveVolume(ctx, v), IsInUse))
	}
	return all
}

// Ref is how the engine knows an image.
func (o Object) Ref() string {
	if o.Untagged {
		return o.ID
	}
	return o.Name
}

// Containers lists the containers, ended ones too, that carry a label with this
// value, or with any if it is empty.
func (e *containers) Containers(ctx context.Context, label, value string) ([]Object, error) {
	list, err := insist(ctx, func() (client.ContainerListResult, error) {
		return e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled(label, value)})
	})
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, c := range list.Items {
		name := c.ID
		if len(c.Names) > 0 {
			name = strings.TrimPrefix(c.Names[0], "/")
		}
		o := Object{ID: c.ID, Name: name, Labels: c.Labels, State: string(c.State), Status: c.Status}
		if c.NetworkSettings != nil {
			o.Networks = slices.Sorted(maps.Keys(c.NetworkSettings.Networks))
		}
		for _, p := range c.Ports {
			if p.PublicPort != 0 {
				o.Ports = append(o.Ports, Binding{int(p.PrivatePort), p.Type, addressOf(p.IP), int(p.PublicPort)})
			}
		}
		slices.SortFunc(o.Ports, byPort)
		for _, m := range c.Mounts {
			switch {
			case !m.RW:
			case m.Type == mount.TypeVolume && !anonymousName.MatchString(m.Name):
				o.Writes = append(o.Writes, m.Name)
			case m.Type == mount.TypeBind:
				o.Writes = append(o.Writes, m.Source)
			}
		}
		all = append(all, o)
	}
	return all, nil
}

// Addresses returns the addresses of a container by the names of its networks.
// They are empty while it does not run.
func Addresses(c container.InspectResponse) map[string]string {
	all := map[string]string{}
	if c.NetworkSettings == nil {
		return all
	}
	for name, endpoint := range c.NetworkSettings.Networks {
		all[name] = ""
		if endpoint == nil {
			continue
		}
		for _, ip := range []netip.Addr{endpoint.GlobalIPv6Address, endpoint.IPAddress} { // IPv4 if it has both
			if ip.IsValid() && !ip.IsUnspecified() {
				all[name] = ip.String()
			}
		}
	}
	return all
}

// Names returns by what names others reach a container, by network, but those that it
// has from the engine.
func Names(c container.InspectResponse) map[string][]string {
	all := map[string][]string{}
	if c.NetworkSettings == nil {
		return all
	}
	own := []string{strings.TrimPrefix(c.Name, "/"), c.ID[:min(len(c.ID), 12)]}
	for network, endpoint := range c.NetworkSettings.Networks {
		all[network] = nil
		if endpoint != nil {
			all[network] = slices.DeleteFunc(slices.Concat(endpoint.Aliases, endpoint.DNSNames), func(name string) bool { return slices.Contains(own, name) })
		}
	}
	return all
}
