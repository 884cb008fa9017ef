// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/reach"
)

// Listeners returns the addresses on which anything listens for a protocol, tcp or udp, in
// the network of the container, which is another's if it shares that one's, and which of them
// nobody outside reaches. Docker's own name server there does not count. If the
// container's processes cannot be seen from here, the error is errors.ErrUnsupported.
func (f *Follower) Listeners(ctx context.Context, protocol string) ([]reach.Listener, error) {
	pid, err := f.process(ctx)
	if err != nil || pid == 0 {
		return nil, err
	}
	addrs, sixOnly, err := listeners(f.engine.processes, f.id, pid, protocol)
	if err != nil {
		return nil, err
	}
	f.looks.mu.Lock()
	ways := f.ways
	f.looks.mu.Unlock()
	return reach.Judge(addrs, ways.to(protocol), sixOnly), nil
}

// process returns the container's first process, by its number on the engine's
// machine; 0 if it does not run.
func (f *Follower) process(ctx context.Context) (int, error) {
	if _, err := f.State(ctx); err != nil {
		return 0, err
	}
	f.looks.mu.Lock()
	defer f.looks.mu.Unlock()
	return f.pid, nil
}

// Docker's name server listens here in networks that were made by somebody.
var nameServer = netip.AddrFrom4([4]byte{127, 0, 0, 11})

// listens is the state of a socket that takes what anybody sends: LISTEN for TCP. UDP has
// none, and a socket that is not connected to one other has TCP's CLOSE.
var listens = map[string]string{"tcp": "0A", "udp": "07"}

// parseListeners reads /proc/net/tcp and tcp6, or those of UDP: a line for each socket,
// whose second word is its own address and whose fourth is its state.
// https://docs.kernel.org/networking/proc_net_tcp.html
func parseListeners(table []byte, protocol string) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	lines := bufio.NewScanner(bytes.NewReader(table))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || words[3] != listens[protocol] {
			continue
		}
		addr, err := parseSocket(words[1])
		if err != nil {
			return nil, fmt.Errorf("reading a table of sockets: %w", err)
		}
		all = append(all, addr)
	}
	return all, lines.Err()
}

// withoutNameServer returns each address once, sorted, but not Docker's own.
func withoutNameServer(all []netip.AddrPort) []netip.AddrPort {
	all = slices.DeleteFunc(all, func(a netip.AddrPort) bool { return a.Addr() == nameServer })
	slices.SortFunc(all, netip.AddrPort.Compare)
	return slices.Compact(all)
}

// parseSocket reads an address: 32-bit words in the machine's byte order, a
// colon, the port.
func parseSocket(text string) (netip.AddrPort, error) {
	host, number, _ := strings.Cut(text, ":")
	port, err := strconv.ParseUint(number, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	bytes, err := hex.DecodeString(host)
	if err != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address: %w", text, io.ErrUnexpectedEOF)
	}
	for i := 0; i < len(bytes); i += 4 {
		binary.BigEndian.PutUint32(bytes[i:], binary.NativeEndian.Uint32(bytes[i:]))
	}
	addr, ok := netip.AddrFromSlice(bytes)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", text)
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(port)), nil
}
