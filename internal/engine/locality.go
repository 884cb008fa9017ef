// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/moby/moby/api/types/network"
	machine "github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
)

const here = "127.0.0.1"

// publishing tells where the ports of the engine are published, and how they are reached from
// here.
type publishing struct {
	*connection
	processes *processes
	networks  *networks
	address   string // where its published ports are reached, if somebody said so
	locality  locality
}

// A reachability says where an engine is, seen from here: where its published ports
// are reached. A unix socket says nothing about that: it may lead into a virtual
// machine, out of a container, or into another network namespace.
type reachability struct {
	address  string // where they are reached; empty if nobody knows
	loopback bool   // also if they are published on the engine's 127.0.0.1 only
	why      string // how that is known
}

// A locality finds out once, when it is first needed.
type locality struct {
	sync.Mutex
	known *reachability
}

// reachable returns where the engine is. It fails only if the engine does not answer.
func (e *publishing) reachable(ctx context.Context) (reachability, error) {
	e.locality.Lock()
	defer e.locality.Unlock()
	if e.locality.known != nil {
		return *e.locality.known, nil
	}
	p, err := e.locate(ctx)
	if err != nil {
		return reachability{}, fmt.Errorf("finding out where the engine's ports are reached: %w", err)
	}
	e.locality.known = &p
	return p, nil
}

// PublishAddress returns the address on which ports must be published so that we
// reach them, or nothing if that is loopback.
func (e *publishing) PublishAddress(ctx context.Context) (string, error) {
	p, err := e.reachable(ctx)
	if err != nil || p.loopback {
		return "", err
	}
	return "0.0.0.0", nil
}

// bindAddress is PublishAddress for the API, where an invalid address is all of them. On
// networks that have IPv6 alone, an engine that is told an address of IPv4 publishes nothing,
// and does not say so.
func (e *publishing) bindAddress(ctx context.Context, networks []string) (netip.Addr, error) {
	all, err := e.PublishAddress(ctx)
	if err != nil || all != "" {
		return netip.Addr{}, err
	}
	only6 := false
	for _, name := range networks {
		four, six, err := e.networks.Families(ctx, name)
		if err != nil {
			return netip.Addr{}, err
		}
		if four {
			return netip.MustParseAddr(here), nil
		}
		only6 = only6 || six
	}
	if only6 {
		return netip.IPv6Loopback(), nil
	}
	return netip.MustParseAddr(here), nil
}

// Reach returns the address at which the test reaches a published port.
func (e *publishing) Reach(ctx context.Context, b Binding) (string, error) {
	p, err := e.reachable(ctx)
	if err != nil {
		return "", err
	}
	if p.address == "" {
		return "", fmt.Errorf("port %d is published where this test cannot reach it: %s\n    hint: if there is a way, say at which address: SEATRIAL_ADDRESS, or spec.Engine.Address", b.HostPort, p.why)
	}
	host := b.HostIP
	switch ip, err := netip.ParseAddr(host); {
	case !p.loopback || err != nil:
		host = p.address
	case ip.IsUnspecified() && ip.Is6(): // of two families the other one is bound, too, and is asked for first
		host = netip.IPv6Loopback().String()
	case ip.IsUnspecified():
		host = p.address
	}
	return net.JoinHostPort(host, strconv.Itoa(b.HostPort)), nil
}

func (e *publishing) locate(ctx context.Context) (reachability, error) {
	if e.address != "" {
		ip, err := netip.ParseAddr(e.address)
		return reachability{e.address, err == nil && ip.IsLoopback() || e.address == "localhost", "it was said"}, nil
	}
	u, err := url.Parse(e.Host())
	if err != nil {
		return reachability{}, err
	}
	if e.ssh != nil {
		return e.locateRemote(ctx, sshHostname(ctx, e.ssh.address, e.ssh.env))
	}
	if u.Scheme == "tcp" || u.Scheme == "http" || u.Scheme == "https" {
		return e.locateRemote(ctx, u.Hostname())
	}
	same, sure := e.processes.sharesNamespace("net")
	if same {
		return reachability{here, true, "the engine's process is in our network namespace"}, nil
	}
	info, err := e.recentInfo(ctx)
	if err != nil {
		return reachability{}, err
	}
	if forwards(info.Info, runtime.GOOS) {
		return reachability{here, true, "it forwards its ports to this machine"}, nil
	}
	if !sure && e.isHere(ctx, info.Info) {
		return reachability{here, true, "it has our machine's name, and its bridge is an interface of ours"}, nil
	}
	if gateway := e.gatewayOfSelf(ctx); gateway != "" {
		return reachability{gateway, false, "we run in a container of it, and this is our gateway"}, nil
	}
	if sure {
		return reachability{why: "the engine's process is in another network namespace"}, nil
	}
	return reachability{why: "there is no sign that the engine at the other end of the socket is on this machine"}, nil
}

// locateRemote judges an engine that is reached at a host of the network. One at
// an address of ours may be at the other end of a tunnel, or here.
func (e *publishing) locateRemote(ctx context.Context, host string) (reachability, error) {
	if !isOurs(host) {
		return reachability{host, false, "the engine is reached there"}, nil
	}
	info, err := e.recentInfo(ctx)
	if err != nil {
		return reachability{}, err
	}
	if forwards(info.Info, runtime.GOOS) || e.isHere(ctx, info.Info) {
		return reachability{here, true, "it is on this machine, or forwards its ports"}, nil
	}
	return reachability{why: fmt.Sprintf("%s is this machine, and the engine, on %q, is not: there is a tunnel between", host, info.Info.Name)}, nil
}

// isHere reports whether an engine whose process cannot be looked at runs here, by
// two signs: the machine's name, and the default network's gateway among our
// addresses. Nearly all engines have the same gateway, but not the same name.
func (e *publishing) isHere(ctx context.Context, info machine.Info) bool {
	name, err := os.Hostname()
	return err == nil && name == info.Name && e.bridgeIsOurs(ctx)
}

// forwards reports whether an engine in a virtual machine, or one without root,
// makes its published ports appear on the loopback of the machine of its user.
func forwards(info machine.Info, goos string) bool {
	rootless := slices.ContainsFunc(info.SecurityOptions, func(o string) bool { return strings.HasPrefix(o, "name=rootless") })
	return rootless || isDesktop(info) || goos != "linux"
}

// isDesktop reports whether an engine runs in a virtual machine of its own, on
// the machine of its user.
func isDesktop(info machine.Info) bool {
	return strings.Contains(info.OperatingSystem, "Docker Desktop") || strings.Contains(info.OperatingSystem, "OrbStack")
}

// bridgeIsOurs reports whether the gateway of the engine's default network is an
// address of ours.
func (e *publishing) bridgeIsOurs(ctx context.Context) bool {
	bridge, err := e.api.NetworkInspect(ctx, "bridge", client.NetworkInspectOptions{})
	if err != nil {
		return false
	}
	for _, config := range bridge.Network.IPAM.Config {
		if config.Gateway.IsValid() && isOurs(config.Gateway.String()) {
			return true
		}
	}
	return false
}

// isOurs reports whether a host is an address of this network namespace.
func isOurs(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	addresses, err := net.InterfaceAddrs()
	return ip.IsLoopback() || err == nil && slices.ContainsFunc(addresses, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr() == ip
	})
}

// gatewayOfSelf returns the address of the engine's host, seen from the
// container of this engine that we run in, if we do.
func (e *publishing) gatewayOfSelf(ctx context.Context) string {
	for _, id := range containersOfSelf() {
		self, err := e.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil || self.Container.NetworkSettings == nil {
			continue
		}
		for _, endpoint := range self.Container.NetworkSettings.Networks {
			if gateway(endpoint) != "" {
				return gateway(endpoint)
			}
		}
	}
	return ""
}

func gateway(endpoint *network.EndpointSettings) string {
	if endpoint == nil || !endpoint.Gateway.IsValid() || endpoint.Gateway.IsUnspecified() {
		return ""
	}
	return endpoint.Gateway.String()
}
