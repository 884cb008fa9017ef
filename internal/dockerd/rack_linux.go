// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"github.com/seatrial/seatrial/internal/netns"
	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/registry"
	"github.com/seatrial/seatrial/internal/sweep"
)

// Start makes the rack. If it fails, nothing is left.
func (r *Rack) Start(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return errors.Join(fmt.Errorf("making a network for private engines: %w", err), r.Stop())
	}
	return nil
}

func (r *Rack) start(ctx context.Context) (err error) {
	if err := root(); err != nil {
		return err
	}
	if r.dir, err = newDir(r.run); err != nil {
		return err
	}
	if r.images, err = registry.New(r.dir); err != nil {
		return err
	}
	if r.space, err = netns.New(); err != nil {
		return err
	}
	r.way, r.noWayOut = wayOut()
	pick := func() outside.Link { return outside.OfSwarm(rand.IntN(outside.Swarms)) }
	if r.link, err = lease(ctx, r.run, pick, r.way.mtu, r.space, uplink); err != nil {
		return err
	}
	r.linked = true
	if err := (outside.Note{Link: r.link}).Write(r.dir); err != nil {
		return err
	}
	if err := r.space.Do(func() error { return r.route(ctx) }); err != nil {
		return err
	}
	subnet := []string{"route", "add", r.link.Subnet().String(), "via", r.link.Far().String(), "dev", r.link.Device()}
	if err := commands(ctx, r.run, "ip", [][]string{subnet}); err != nil {
		return err
	}
	if r.noWayOut == nil {
		r.noWayOut = open(ctx, r.run, r.link, r.name())
	}
	return nil
}

func (r *Rack) name() string { return filepath.Base(r.dir) }

// uplink is the switch's device towards this machine.
const uplink = "uplink"

// route makes a router of the switch.
func (r *Rack) route(ctx context.Context) error {
	// /proc/sys/net is that of the thread's namespace, which is the switch's here.
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return err
	}
	far := fmt.Sprintf("%v/%d", r.link.Far(), r.link.Ends().Bits())
	return commands(ctx, r.run, "ip", [][]string{
		{"address", "add", far, "dev", uplink},
		{"link", "set", uplink, "up"},
		{"link", "set", "lo", "up"},
		{"route", "add", "default", "via", r.link.Near().String()},
		// Drop packets for a node that is off. Otherwise this machine and the
		// switch would send them back and forth.
		{"route", "add", "blackhole", r.link.Subnet().String()},
	})
}

// Stop removes the rack. Its engines must have been stopped.
func (r *Rack) Stop() error {
	if r.dir == "" {
		return nil
	}
	if r.linked {
		_ = commands(context.Background(), r.run, "ip", [][]string{{"link", "delete", r.link.Device()}})
		r.linked = false
	}
	err := r.space.Close()
	r.space = netns.Space{}
	if err = errors.Join(err, sweep.RemoveDir(r.dir)); err != nil {
		return fmt.Errorf("removing the network of private engines in %s: %w", r.dir, err)
	}
	return nil
}

// port is the switch's device towards an engine.
func port(e *Engine) string { return "port" + strconv.Itoa(e.slot) }

// seat links an engine with the switch.
func (r *Rack) seat(ctx context.Context, e *Engine, _ way) (seat, error) {
	at := seat{address: netip.PrefixFrom(e.address(), 32), gateway: r.link.Far(), mtu: r.way.mtu, world: r.noWayOut == nil}
	space, err := netns.Of(e.first.cmd.Process.Pid)
	if err != nil {
		return at, err
	}
	defer space.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	return at, r.space.Do(func() error {
		name := port(e)
		if err := pair(ctx, r.run, name, r.way.mtu, space, "eth0"); err != nil {
			return err
		}
		err := commands(ctx, r.run, "ip", [][]string{
			{"address", "add", r.link.Far().String() + "/32", "dev", name},
			{"link", "set", name, "up"},
			{"route", "add", at.address.String(), "dev", name},
		})
		return errors.Join(err, r.delay(ctx, e))
	})
}

// unplug removes the link at once, without waiting for the kernel to do it, because
// its name is needed again.
func (r *Rack) unplug(e *Engine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.inside(context.Background(), "ip", []string{"link", "delete", port(e)}) // it may have none
}

// inside calls a command in the switch.
func (r *Rack) inside(ctx context.Context, name string, calls ...[]string) error {
	return r.space.Do(func() error { return commands(ctx, r.run, name, calls) })
}
