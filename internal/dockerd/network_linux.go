// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// A way is how this machine reaches the world; without a device, it does not.
type way struct {
	device string
	mtu    int
}

// wayOut returns the machine's way to the world, if an engine may share it. That
// takes a machine that forwards; we don't make it one.
func wayOut() (way, error) {
	none := way{mtu: 1500}
	routes, err := routes()
	if err != nil {
		return none, err
	}
	for _, r := range routes {
		if r.to.Bits() > 1 { // VPNs halve the default route
			continue
		}
		if on, err := os.ReadFile(forwarding(r.device)); err != nil || strings.TrimSpace(string(on)) != "1" {
			return none, fmt.Errorf("this machine does not forward what %s receives\n    hint: sysctl net.ipv4.ip_forward=1", r.device)
		}
		device, err := net.InterfaceByName(r.device)
		if err != nil {
			return none, err
		}
		return way{r.device, device.MTU}, nil
	}
	return none, errors.New("this machine has no default route")
}

func forwarding(device string) string {
	return "/proc/sys/net/ipv4/conf/" + device + "/forwarding"
}

// connect makes the link, and tells the engine's first process about it, which
// then starts dockerd.
func (e *Engine) connect(ctx context.Context, w way) error {
	if err := e.makeLink(ctx, w.mtu); err != nil {
		return fmt.Errorf("making its network: %w", err)
	}
	gateway := "-"
	if w.device != "" {
		if err := e.open(ctx); err != nil {
			e.noWayOut = err
		} else {
			gateway = e.link.Near().String()
		}
	}
	servers := "nameserver " + e.Address() + "\n" // where nobody listens: refused at once
	if gateway != "-" {
		if found := resolvers(); found != "" {
			servers = found
		}
	}
	if err := os.WriteFile(filepath.Join(e.dir, "resolv.conf"), []byte(servers), 0o644); err != nil {
		return err
	}
	return e.first.order(fmt.Sprintf("%v/%d %s %d", e.link.Far(), e.link.Subnet().Bits(), gateway, w.mtu))
}

// makeLink takes a link whose addresses are nobody's here.
func (e *Engine) makeLink(ctx context.Context, mtu int) error {
	routes, err := routes()
	if err != nil {
		return err
	}
	pid := e.first.cmd.Process.Pid
	for range 200 {
		l := outside.Link(1 + rand.IntN(outside.Links-1))
		if taken(l, routes) {
			continue
		}
		size := strconv.Itoa(mtu)
		err := e.run(ctx, "ip", "link", "add", l.Device(), "mtu", size, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(pid))
		if err != nil {
			if _, missing := net.InterfaceByName(l.Device()); missing == nil {
				continue // another engine was faster
			}
			return err
		}
		e.link, e.linked = l, true
		if err := (outside.Note{First: process.Of(pid), Link: l}).Write(e.dir); err != nil {
			return err
		}
		if err := e.run(ctx, "ip", "address", "add", fmt.Sprintf("%v/%d", l.Near(), l.Subnet().Bits()), "dev", l.Device()); err != nil {
			return err
		}
		return e.run(ctx, "ip", "link", "set", l.Device(), "up")
	}
	return errors.New("no free subnet in 198.18.0.0/15")
}

func taken(l outside.Link, routes []route) bool {
	for _, r := range routes {
		// A wider route, a VPN's 128.0.0.0/1 say, gives way to ours.
		if r.to.Bits() >= 15 && r.to.Overlaps(l.Subnet()) {
			return true
		}
	}
	return false
}

// open lets the engine share the machine's way to the world.
func (e *Engine) open(ctx context.Context) error {
	if err := os.WriteFile(forwarding(e.link.Device()), []byte("1"), 0); err != nil {
		return err
	}
	for _, rule := range e.link.Rules("-I", e.name()) {
		if err := e.run(ctx, "iptables", rule...); err != nil {
			return err
		}
	}
	return nil
}

// disconnect gives the link back, while its name is still ours.
func (e *Engine) disconnect() {
	if e.linked {
		_ = e.run(context.Background(), "ip", "link", "delete", e.link.Device()) // gone, if the engine is
		e.linked = false
	}
}

// run runs a command that goes with this run, should we be killed meanwhile.
func (e *Engine) run(ctx context.Context, name string, args ...string) error {
	file, ok := look(name, os.Getenv("PATH")+":"+sbin)
	if !ok {
		return fmt.Errorf("looking for %s: not in PATH", name)
	}
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env = append(os.Environ(), watchdog.Mark(e.options.Run))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

type route struct {
	to     netip.Prefix
	device string
}

// routes reads the main table of this thread's network: /proc/net is the main
// thread's, which somebody may have left elsewhere.
func routes() ([]route, error) {
	file, err := os.Open("/proc/thread-self/net/route")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []route
	in := bufio.NewScanner(file)
	for in.Scan() {
		// Iface Destination Gateway Flags RefCnt Use Metric Mask ...
		fields := strings.Fields(in.Text())
		if len(fields) < 8 {
			continue
		}
		to, err1 := hex.DecodeString(fields[1])
		mask, err2 := hex.DecodeString(fields[7])
		if err1 != nil || err2 != nil || len(to) != 4 || len(mask) != 4 {
			continue // the heading
		}
		ones := bits.OnesCount32(binary.BigEndian.Uint32(mask))
		at := netip.AddrFrom4([4]byte{to[3], to[2], to[1], to[0]}) // in the machine's byte order: little-endian
		all = append(all, route{netip.PrefixFrom(at, ones), fields[0]})
	}
	return all, in.Err()
}
