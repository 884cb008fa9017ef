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

	"github.com/seatrial/seatrial/internal/netns"
	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// wayOut returns the machine's route to other networks, if an engine may share it.
// The machine must forward packets; this package does not turn that on.
func wayOut() (way, error) {
	none := way{mtu: 1500}
	routes, err := routes()
	if err != nil {
		return none, err
	}
	for _, r := range routes {
		if r.to.Bits() > 1 { // VPNs replace the default route by two halves
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

// A seat is an engine's place in a network.
type seat struct {
	address netip.Prefix
	gateway netip.Addr // not valid if there is none
	mtu     int
	world   bool // the gateway leads to other networks
}

// connect makes the engine's link, and tells its first process, which then starts
// dockerd.
func (e *Engine) connect(ctx context.Context, w way) error {
	take := e.seat
	if e.rack != nil {
		take = e.rack.seat
	}
	at, err := take(ctx, e, w)
	if err != nil {
		return fmt.Errorf("making its network: %w", err)
	}
	servers := "nameserver " + e.Address() + "\n" // nothing listens there, so requests are refused at once
	if at.world {
		if found := resolvers(); found != "" {
			servers = found
		}
	}
	if err := os.WriteFile(filepath.Join(e.dir, "resolv.conf"), []byte(servers), 0o644); err != nil {
		return err
	}
	gateway := "-"
	if at.gateway.IsValid() {
		gateway = at.gateway.String()
	}
	return e.first.order(fmt.Sprintf("%v %s %d", at.address, gateway, at.mtu))
}

// seat makes the link of an engine that is in no rack.
func (*Engine) seat(ctx context.Context, e *Engine, w way) (seat, error) {
	at := seat{mtu: w.mtu}
	space, err := netns.Of(e.first.cmd.Process.Pid)
	if err != nil {
		return at, err
	}
	defer space.Close()
	single := func() outside.Link { return outside.Link(1 + rand.IntN(outside.Singles-1)) }
	if e.link, err = lease(ctx, e.options.Run, single, w.mtu, space, "eth0"); err != nil {
		return at, err
	}
	e.linked = true
	at.address = netip.PrefixFrom(e.link.Far(), e.link.Ends().Bits())
	if err := (outside.Note{First: process.Of(e.first.cmd.Process.Pid), Link: e.link}).Write(e.dir); err != nil {
		return at, err
	}
	if w.device != "" {
		e.noWayOut = open(ctx, e.options.Run, e.link, e.name())
		at.world = e.noWayOut == nil
	}
	if at.world {
		at.gateway = e.link.Near()
	}
	return at, nil
}

// lease takes a link whose addresses are free on this machine. Its far end goes
// into a network namespace, under the caller's name.
func lease(ctx context.Context, run string, pick func() outside.Link, mtu int, to netns.Space, far string) (outside.Link, error) {
	routes, err := routes()
	if err != nil {
		return 0, err
	}
	for range 200 {
		l := pick()
		if taken(l, routes) {
			continue
		}
		if err := pair(ctx, run, l.Device(), mtu, to, far); err != nil {
			if _, missing := net.InterfaceByName(l.Device()); missing == nil {
				continue // another engine was faster
			}
			return 0, err
		}
		near := fmt.Sprintf("%v/%d", l.Near(), l.Ends().Bits())
		return l, commands(ctx, run, "ip", [][]string{
			{"address", "add", near, "dev", l.Device()},
			{"link", "set", l.Device(), "up"},
		})
	}
	return 0, errors.New("no free subnet in 198.18.0.0/15")
}

// pair makes a pair of devices, one of them in another namespace.
func pair(ctx context.Context, run, near string, mtu int, to netns.Space, far string) error {
	cmd, err := command(ctx, run, "ip", "link", "add", "name", near, "mtu", strconv.Itoa(mtu),
		"type", "veth", "peer", "name", far, "netns", "/proc/self/fd/3")
	if err != nil {
		return err
	}
	cmd.ExtraFiles = []*os.File{to.File()}
	return output(cmd)
}

func taken(l outside.Link, routes []route) bool {
	for _, r := range routes {
		// Our route is more specific than a wide one, a VPN's 128.0.0.0/1 say, and wins.
		if r.to.Bits() >= 15 && r.to.Overlaps(l.Subnet()) {
			return true
		}
	}
	return false
}

// open lets engines behind a link share the machine's route to other networks.
func open(ctx context.Context, run string, l outside.Link, name string) error {
	if err := os.WriteFile(forwarding(l.Device()), []byte("1"), 0); err != nil {
		return err
	}
	return commands(ctx, run, "iptables", l.Rules("-I", name))
}

// disconnect removes the link, while its name still belongs to this engine.
func (e *Engine) disconnect() {
	if e.rack != nil {
		e.rack.unplug(e)
	} else if e.linked {
		_ = commands(context.Background(), e.options.Run, "ip", [][]string{{"link", "delete", e.link.Device()}}) // it may have ended with the engine
		e.linked = false
	}
}

// commands calls a command several times, until one call fails.
func commands(ctx context.Context, run, name string, calls [][]string) error {
	for _, args := range calls {
		cmd, err := command(ctx, run, name, args...)
		if err != nil {
			return err
		}
		if err := output(cmd); err != nil {
			return err
		}
	}
	return nil
}

// command makes a command with the mark of a run, so that it is ended if this process is
// killed.
func command(ctx context.Context, run, name string, args ...string) (*exec.Cmd, error) {
	file, ok := look(name, os.Getenv("PATH")+":"+sbin)
	if !ok {
		return nil, fmt.Errorf("looking for %s: not in PATH", name)
	}
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env = append(os.Environ(), watchdog.Mark(run))
	return cmd, nil
}

// output runs a command, and adds its output to the error.
func output(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w: %s", filepath.Base(cmd.Path), strings.Join(cmd.Args[1:], " "), err, strings.TrimSpace(string(out)))
}

type route struct {
	to     netip.Prefix
	device string
}

// routes reads the main routing table of this thread's network. (/proc/net shows
// that of the main thread, which may be in another namespace.)
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
			continue // the header
		}
		ones := bits.OnesCount32(binary.BigEndian.Uint32(mask))
		at := netip.AddrFrom4([4]byte{to[3], to[2], to[1], to[0]}) // in the machine's byte order: little-endian
		all = append(all, route{netip.PrefixFrom(at, ones), fields[0]})
	}
	return all, in.Err()
}
