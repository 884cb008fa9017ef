// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"

	"github.com/seatrial/seatrial/internal/portnumber"
)

// NewContainer is what a container is created from. Nil and empty fields leave
// the image's own, or the engine's.
type NewContainer struct {
	Name       string
	Image      string
	Entrypoint []string
	Command    []string
	Env        []string // KEY=value
	User       string
	Dir        string
	Ports      []portnumber.Port // to publish, on free ports of the host
	Mounts     []Mount
	Networks   []Endpoint
	Hosts      map[string]string // addresses of names
	// MoreNetworks are those that flags of CreateByCommand name.
	MoreNetworks []string
	Memory       int64 // bytes
	NanoCPUs     int64 // billionths of a CPU
	PIDs         int64
	Health       *Health
	Labels       map[string]string
	KeepBytes    bool // have the engine keep what is printed byte for byte, and all of it
	// Warn is called with what the engine says while it makes it, if it is not nil.
	Warn func(text string)
}

func (c NewContainer) warn(all ...string) {
	for _, text := range all {
		if c.Warn != nil && text != "" {
			c.Warn(text)
		}
	}
}

// A Mount is what a container sees at Target.
type Mount struct {
	Type     mount.Type // bind, volume or tmpfs
	Source   string     // a path of the engine's host, or a volume's name
	Target   string
	Subpath  string // of a volume; takes engine 26
	Size     int64  // of a tmpfs
	ReadOnly bool
}

// An Endpoint is a container's place in a network.
type Endpoint struct {
	Network string
	Aliases []string
}

// Health is how the engine asks a container whether it is well. Zero fields are
// the image's.
type Health struct {
	Test        []string // NONE; CMD and a command; or CMD-SHELL and a line
	Interval    time.Duration
	Timeout     time.Duration
	StartPeriod time.Duration
	Retries     int
}

// Create creates a container, and returns its id.
func (e *containers) Create(ctx context.Context, c NewContainer) (id string, err error) {
	exposed, bindings, err := e.ports(ctx, c)
	if err != nil {
		return "", err
	}
	host := &container.HostConfig{PortBindings: bindings}
	if c.KeepBytes {
		host.LogConfig = keptBytes
	}
	host.Memory, host.NanoCPUs = c.Memory, c.NanoCPUs
	if c.PIDs != 0 {
		host.PidsLimit = &c.PIDs
	}
	for _, m := range c.Mounts {
		host.Mounts = append(host.Mounts, m.api())
	}
	host.ExtraHosts = c.hosts()
	if len(c.Networks) > 0 {
		host.NetworkMode = container.NetworkMode(c.Networks[0].Network)
	}
	atOnce, later := e.endpoints(c.Networks)
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: c.Name,
		Config: &container.Config{
			Image: c.Image, Entrypoint: reset(c.Entrypoint), Cmd: c.Command, Env: c.Env, User: c.User, WorkingDir: c.Dir,
			ExposedPorts: exposed, Healthcheck: c.Health.api(), Labels: c.Labels,
		},
		HostConfig:       host,
		NetworkingConfig: &network.NetworkingConfig{EndpointsConfig: atOnce},
	})
	if err != nil {
		return "", inOneLine(err)
	}
	c.warn(created.Warnings...)
	for _, n := range later {
		if err := e.connect(ctx, created.ID, n); err != nil {
			return "", errors.Join(err, e.Remove(context.WithoutCancel(ctx), created.ID))
		}
	}
	return created.ID, nil
}

// reset writes an empty entrypoint as Docker does, where nil is the image's: as an empty
// word.
func reset(entrypoint []string) []string {
	if entrypoint != nil && len(entrypoint) == 0 {
		return []string{""}
	}
	return entrypoint
}

func (e *containers) ports(ctx context.Context, c NewContainer) (network.PortSet, network.PortMap, error) {
	exposed, bindings := network.PortSet{}, network.PortMap{}
	var host netip.Addr
	if len(c.Ports) > 0 {
		var err error
		if host, err = e.publishing.bindAddress(ctx, c.joins()); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range c.Ports {
		port, err := network.ParsePort(p.Full())
		if err != nil {
			return nil, nil, err
		}
		exposed[port] = struct{}{}
		bindings[port] = []network.PortBinding{{HostIP: host}}
	}
	return exposed, bindings, nil
}

// hosts writes the addresses of names as the engine takes them.
func (c NewContainer) hosts() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.Hosts)) {
		all = append(all, name+":"+c.Hosts[name])
	}
	return all
}

// joins returns the names of all networks that the container is to be in.
func (c NewContainer) joins() []string {
	names := slices.Clone(c.MoreNetworks)
	for _, n := range c.Networks {
		names = append(names, n.Network)
	}
	return names
}

func (m Mount) api() mount.Mount {
	to := mount.Mount{Type: m.Type, Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly}
	if m.Subpath != "" {
		to.VolumeOptions = &mount.VolumeOptions{Subpath: m.Subpath}
	}
	if m.Size != 0 {
		to.TmpfsOptions = &mount.TmpfsOptions{SizeBytes: m.Size}
	}
	return to
}

func (h *Health) api() *container.HealthConfig {
	if h == nil {
		return nil
	}
	return &container.HealthConfig{Test: h.Test, Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod, Retries: h.Retries}
}

// manyNetworks is the API since which a container can be created in several.
const manyNetworks = "1.44"

// endpoints returns the networks to create a container in, and those to connect
// it to afterwards.
func (e *containers) endpoints(all []Endpoint) (map[string]*network.EndpointSettings, []Endpoint) {
	atOnce := map[string]*network.EndpointSettings{}
	for i, n := range all {
		if i > 0 && versions.LessThan(e.api.ClientVersion(), manyNetworks) {
			return atOnce, all[i:]
		}
		atOnce[n.Network] = &network.EndpointSettings{Aliases: n.Aliases}
	}
	return atOnce, nil
}

func (e *containers) connect(ctx context.Context, id string, n Endpoint) error {
	_, err := e.api.NetworkConnect(ctx, n.Network, client.NetworkConnectOptions{
		Container: id, EndpointConfig: &network.EndpointSettings{Aliases: n.Aliases}})
	return err
}
