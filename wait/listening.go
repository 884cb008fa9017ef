// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/portnumber"
)

// ListeningCondition is the condition that [Listening] and [ListeningOn] make.
type ListeningCondition struct {
	Port     int
	Protocol string // udp; empty is tcp

	wrong error // what ListeningOn could not read
}

// Listening is the condition that a server listens on a TCP port of the container,
// on an address that can be reached from outside: a listener on 127.0.0.1 inside
// does not count. Nothing is run in the container, so the image needs no shell.
//
// If the container's processes can be seen from this machine (a local engine on
// Linux), the kernel is asked: the port need not be published, and the server sees
// no connection. Otherwise the published port is dialled, and the connection must
// stay open: Docker's proxy accepts before anything listens behind it, and then
// hangs up.
func Listening(port int) ListeningCondition { return ListeningCondition{Port: port} }

// ListeningOn is [Listening] for a port with its protocol, as Docker writes it:
// "53/udp", or "80" for one of TCP. For UDP, where no answer shows that a server is
// there, the container's processes must be visible from this machine. Listeners for
// SCTP cannot be seen: wait for a log line instead.
func ListeningOn(port string) ListeningCondition {
	p, err := portnumber.Parse(port)
	c := ListeningCondition{Port: p.Number, Protocol: p.Protocol, wrong: err}
	if p.Protocol == "tcp" {
		c.Protocol = ""
	}
	return c
}

func (c ListeningCondition) port() portnumber.Port {
	return portnumber.Port{Number: c.Port, Protocol: cmp.Or(c.Protocol, "tcp")}
}

func (c ListeningCondition) String() string { return "listening on " + c.port().String() }

func (c ListeningCondition) check() error {
	switch {
	case c.wrong != nil:
		return c.wrong
	case c.port().Protocol != "tcp" && c.port().Protocol != "udp":
		return fmt.Errorf("who listens on port %v is not seen, as it is for tcp and udp: wait.Log or wait.Exec may tell", c.port())
	}
	return checkPort(c.Port)
}

func (c ListeningCondition) goal() goal {
	return goal{do: fmt.Sprintf("listen on %d", c.Port), doing: c.String()}
}

func (c ListeningCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, listeningWatcher{c.port()})
}

type listeningWatcher struct{ port portnumber.Port }

// Pauses are short, as it costs next to nothing to ask the kernel who listens.
func (listeningWatcher) pause() (first, most time.Duration) {
	return 4 * time.Millisecond, 8 * time.Millisecond
}

func (w listeningWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	if err := over(ctx, t, s); err != nil {
		return false, sight{}, err
	}
	if s.Status != "running" && s.Status != "paused" {
		return false, sight{what: s.String()}, nil
	}
	inside, all, err := t.Listeners(ctx, w.port.Protocol, w.port.Number)
	switch {
	case errors.Is(err, errors.ErrUnsupported) && w.port.Protocol != "tcp":
		return false, sight{}, fmt.Errorf("what listens inside cannot be seen from here, and a connection of %s tells nothing: wait.Log or wait.Exec may", w.port.Protocol)
	case errors.Is(err, errors.ErrUnsupported):
		return w.dial(ctx, t)
	case err != nil:
		return false, saw("%v", err), nil
	}
	missing, ok := missing(portnumber.Port{Number: inside, Protocol: w.port.Protocol}, all)
	return ok, missing, nil
}

// hangsUp is the least time that a connection must stay open.
const hangsUp = 100 * time.Millisecond

// dial connects to the published port.
func (w listeningWatcher) dial(ctx context.Context, t Target) (bool, sight, error) {
	addr, err := t.Addr(ctx, w.port.Number)
	var exit *ExitError
	if errors.As(err, &exit) {
		return false, sight{}, err
	}
	if err != nil {
		return false, sight{}, fmt.Errorf("%w, and what listens inside cannot be seen from here", err)
	}
	if addr == "" {
		return false, saw("not running"), nil
	}
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	began := time.Now()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false, sight{what: reason(err)}, nil
	}
	defer conn.Close()
	// A proxy with nothing behind it hangs up within two round trips, but later on
	// a busy machine, where a shorter wait would take it for a server.
	_ = conn.SetReadDeadline(time.Now().Add(max(hangsUp, 5*time.Since(began))))
	var timeout net.Error
	if _, err = conn.Read(make([]byte, 1)); err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		return true, sight{}, nil
	}
	return false, saw("the published port accepts and hangs up, as it does when nothing listens inside"), nil
}

// missing returns why a port cannot be reached, or true if it can.
func missing(port portnumber.Port, all []Listener) (sight, bool) {
	var inner *Listener
	for i, l := range all {
		if int(l.Addr.Port()) != port.Number {
			continue
		}
		if l.Unreached == "" {
			return sight{}, true
		}
		inner = &all[i]
	}
	if inner != nil {
		return inner.unreached(), false
	}
	now := saw("nothing listens on %v inside (listening: %s)", port, listPorts(all))
	now.deaf = true
	for _, l := range all {
		if l.Unreached == "" {
			now.hint = fmt.Sprintf("the server may have another port: %d?", l.Addr.Port())
		}
	}
	return now, false
}

// unreached says that a server listens on an address that cannot be reached from
// outside.
func (l *Listener) unreached() sight {
	now := saw("that it listens on %v inside the container, where the published port does not reach it", l.Addr)
	now.hint = "the server must listen on 0.0.0.0, or on all addresses"
	if !l.Addr.Addr().IsLoopback() {
		now.what += ": " + l.Unreached
	}
	if l.Addr.Addr() == netip.IPv4Unspecified() {
		now.hint = "the server must listen on [::], or on all addresses"
	}
	return now
}

// because explains a failed connection by what listens inside.
func because(ctx context.Context, t Target, port int, what string) sight {
	inside, all, err := t.Listeners(ctx, "tcp", port)
	if err != nil {
		return sight{what: what}
	}
	why, ok := missing(portnumber.TCP(inside), all)
	if ok {
		return sight{what: what}
	}
	why.what = what + "; " + strings.TrimPrefix(why.what, "that ")
	return why
}
