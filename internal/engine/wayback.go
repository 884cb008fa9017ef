// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"

	"github.com/moby/moby/client"
)

// A WayBack is how containers of an engine get at this process: at the gateway of a network,
// which is an address of the engine's host, or at this machine's loopback, to which a virtual
// machine leads its containers.
type WayBack struct {
	Loopback bool
	listen   func(address string) (net.Listener, error)
}

// HostGateway is what the engine takes for the address of its host, as that of a name.
const HostGateway = "host-gateway"

// WayBack finds out how containers get here. The error says why they do not.
func (e *publishing) WayBack(ctx context.Context) (*WayBack, error) {
	ours := &WayBack{listen: func(address string) (net.Listener, error) { return net.Listen("tcp", address) }}
	if e.ssh != nil {
		return nil, e.noWayBack("it is reached by ssh, and sshd lets nobody listen there for others, unless it is told to")
	}
	same, sure := e.processes.sharesNamespace("net")
	if same {
		return ours, nil
	}
	info, err := e.recentInfo(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case isDesktop(info.Info):
		return &WayBack{Loopback: true, listen: ours.listen}, nil
	case sure:
		return &WayBack{listen: func(address string) (net.Listener, error) {
			l, err := e.listenBeside(address)
			if errors.Is(err, errors.ErrUnsupported) {
				err = e.noWayBack("it is in another network")
			}
			return l, err
		}}, nil
	case forwards(info.Info, runtime.GOOS): // whose gateways may look like ours
		return nil, e.noWayBack("it runs without root, or in a virtual machine")
	case e.isHere(ctx, info.Info):
		return ours, nil
	case e.gatewayOfSelf(ctx) != "":
		return nil, e.noWayBack("the test runs in a container itself, which those of other networks do not reach")
	}
	return nil, e.noWayBack("nothing says that it is on this machine")
}

func (e *publishing) noWayBack(why string) error {
	return fmt.Errorf("containers of the engine (%s) do not reach this test: %s\n    hint: run the server in a container of the test, or the test on the engine's machine", e.Host(), why)
}

// Listen listens at a port of the gateway.
func (w *WayBack) Listen(gateway string, port int) (net.Listener, error) {
	if w.Loopback {
		gateway = here
	}
	return w.listen(net.JoinHostPort(gateway, strconv.Itoa(port)))
}

// Gateway returns the address that the engine's host has in a network: that of IPv4, if it
// has several.
func (e *publishing) Gateway(ctx context.Context, name string) (string, error) {
	n, err := e.api.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	if err != nil {
		return "", err
	}
	var found netip.Addr
	for _, config := range n.Network.IPAM.Config {
		if config.Gateway.IsValid() && (!found.IsValid() || config.Gateway.Is4()) {
			found = config.Gateway
		}
	}
	if !found.IsValid() {
		return "", fmt.Errorf("the engine gave network %s no gateway", name)
	}
	return found.String(), nil
}
