// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// All that listens is found, and nothing else: a server that accepts only IPv6 is told apart from
// one that accepts both.
func TestListening(t *testing.T) {
	t.Parallel()
	listen := func(network, address string, only int) netip.AddrPort {
		config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) {
				if network == "tcp6" {
					_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
				}
			})
		}}
		l, err := config.Listen(context.Background(), network, address)
		if err != nil {
			t.Skipf("this machine has no %s: %v", network, err)
		}
		t.Cleanup(func() { l.Close() })
		return l.Addr().(*net.TCPAddr).AddrPort()
	}
	four := listen("tcp4", "127.0.0.1:0", 0)
	both, six := listen("tcp6", "[::]:0", 0), listen("tcp6", "[::]:0", 1)
	conn, err := net.Dial("tcp4", four.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	all, only, err := listening()
	if err != nil {
		t.Skipf("the kernel does not say: %v", err)
	}
	for _, want := range []netip.AddrPort{four, both, six} {
		if !slices.Contains(all, want) {
			t.Errorf("%v listens, and is not among %v", want, all)
		}
	}
	if client := conn.LocalAddr().(*net.TCPAddr).AddrPort(); slices.Contains(all, client) {
		t.Errorf("%v is a connection, and is among %v", client, all)
	}
	if !slices.Contains(only, int(six.Port())) || slices.Contains(only, int(both.Port())) || slices.Contains(only, int(four.Port())) {
		t.Errorf("IPv6 only: %v, want it to have %d, and neither %d nor %d", only, six.Port(), both.Port(), four.Port())
	}
	if os.Getuid() != 0 {
		return
	}
	if inside, _, err := Listening("/proc/self/ns/net"); err != nil || !slices.Contains(inside, four) {
		t.Errorf("Listening(this process) = %v, %v, want %v among it", inside, err, four)
	}
}

func TestParseSocketsThatAreCut(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]byte{{1, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {200, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		if _, _, _, err := parseSockets(bad); err == nil {
			t.Errorf("parseSockets(%v): want an error", bad)
		}
	}
	if all, only, done, err := parseSockets(nil); len(all) > 0 || len(only) > 0 || done || err != nil {
		t.Errorf("parseSockets(nothing) = %v, %v, %v, %v", all, only, done, err)
	}
}
