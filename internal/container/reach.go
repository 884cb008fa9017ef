// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/relay"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Reach leads containers to servers of the test. Each name is that of a network which nobody
// joins: its gateway is an address of the engine's host that no other test has, so that
// copies have the same port, and containers of other networks reach it.
type Reach struct {
	session *session.Session
	role    string

	mu       sync.Mutex
	tracked  bool
	ended    bool
	gateways map[string]string // by name
	relays   []*relay.Relay
}

// NewReach returns one that leads nowhere yet. It ends with the test.
func NewReach(sess *session.Session, role string) *Reach {
	return &Reach{session: sess, role: role, gateways: map[string]string{}}
}

// Provide makes the ways there are to be, and returns the addresses of the names. What was
// there before and is not among them ends; what is stays as it is.
func (r *Reach) Provide(ctx context.Context, reach map[string]string) (addresses map[string]string, err error) {
	routes, err := relay.Routes(reach)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || len(routes) == 0 && len(r.relays) == 0 {
		return nil, err
	}
	if !r.tracked {
		r.tracked = true
		r.session.Track(session.Resource{Remove: func(context.Context) error { r.end(); return nil }, Detach: r.end})
	}
	r.relays = slices.DeleteFunc(r.relays, func(old *relay.Relay) bool {
		gone := !slices.Contains(routes, old.Route)
		if gone {
			old.Close()
		}
		return gone
	})
	for _, route := range routes {
		if slices.ContainsFunc(r.relays, func(old *relay.Relay) bool { return old.Route == route }) {
			continue
		}
		if err := r.open(ctx, route); err != nil {
			return nil, fmt.Errorf("leading %v: %w", route, err)
		}
	}
	return r.gateways, nil
}

func (r *Reach) open(ctx context.Context, route relay.Route) error {
	if r.ended {
		return errors.New("the test is over")
	}
	way, err := r.session.Engine.WayBack(ctx)
	if err != nil {
		return err
	}
	gateway, known := r.gateways[route.Name]
	if !known {
		if gateway, err = r.gateway(ctx, way.Loopback); err != nil {
			return err
		}
		r.gateways[route.Name] = gateway
	}
	l, err := way.Listen(gateway, route.Port)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) && route.Port < 1024 {
			err = fmt.Errorf("%w\n    hint: only root listens on ports below 1024: a key without a port has the server's own", err)
		}
		return err
	}
	r.relays = append(r.relays, relay.Start(l, route, func(err error) {
		r.session.Artifacts.Note("%s asked for %s:%d, and the test's server is not reached: %v", r.role, route.Name, route.Port, err)
	}))
	r.session.Artifacts.Note("%s: %v, by %s", r.role, route, gateway)
	return nil
}

// gateway makes an address for a name.
func (r *Reach) gateway(ctx context.Context, loopback bool) (string, error) {
	if loopback {
		return engine.HostGateway, nil
	}
	n, err := CreateNetwork(ctx, r.session, spec.Network{Name: r.role + "-reach"})
	if err != nil {
		return "", err
	}
	return r.session.Engine.Gateway(ctx, n.ID)
}

// end ends all ways.
func (r *Reach) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	for _, one := range r.relays {
		one.Close()
	}
	r.relays = nil
}
