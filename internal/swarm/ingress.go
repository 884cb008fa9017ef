// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
)

// ingress looks up the ports that all nodes publish for a service.
func ingress(f *taskFollower, service, role string) container.Ingress {
	return func(ctx context.Context, port portnumber.Port) (addr string, published bool, err error) {
		var is engine.Service
		err = retryAsking(ctx, f.session, func(ctx context.Context) (err error) {
			is, err = f.session.Engine.Service(ctx, service)
			return err
		})
		if err != nil {
			return "", false, err
		}
		var all []engine.Binding
		for _, p := range is.Ports {
			if !p.Host {
				all = append(all, engine.Binding{Port: p.Target, Protocol: p.Protocol, HostPort: p.Published})
			}
		}
		b, err := container.LookUp(port, f.file(role), all)
		if err != nil {
			return "", false, nil
		}
		if n := withoutIPVS(f.known()); n != "" {
			return "", true, fmt.Errorf("the routing mesh publishes it, which needs IPVS, and the kernel of node %s has none\n    hint: with mode: host, which needs none, each task publishes it on its node", n)
		}
		addr, err = f.session.Engine.Reach(ctx, b)
		return addr, true, err
	}
}

// withoutIPVS names a node whose kernel has no IPVS, as far as we know.
func withoutIPVS(nodes map[string]*node) string {
	for _, n := range reachable(nodes) {
		if n.engine.LacksIPVS() {
			return n.Hostname
		}
	}
	return ""
}

// unfound says which services others look for in vain; it is empty if there are no others,
// or all are found.
func (g *serviceGroup) unfound(services []engine.Service) string {
	var names []string
	for _, s := range services {
		if s.Virtual {
			names = append(names, g.role(s.Name))
		}
	}
	if len(names) == 0 || len(services) < 2 {
		return ""
	}
	n := withoutIPVS(g.follower.known())
	if n == "" {
		return ""
	}
	return fmt.Sprintf("others find %s by virtual IPs, which need IPVS, and the kernel of node %s has none: they are not reached; with endpoint_mode: dnsrr, which needs none, they are", strings.Join(names, ", "), n)
}
