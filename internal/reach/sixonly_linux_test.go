// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A server that accepts only IPv6 is distinguished from one that accepts both.
func TestSixOnly(t *testing.T) {
	t.Parallel()
	ports := map[bool]int{}
	for _, only := range []bool{false, true} {
		config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
			value := 0
			if only {
				value = 1
			}
			return c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, value) })
		}}
		l, err := config.Listen(context.Background(), "tcp6", "[::]:0")
		if err != nil {
			t.Skipf("this machine has no IPv6: %v", err)
		}
		defer l.Close()
		ports[only] = l.Addr().(*net.TCPAddr).Port
	}
	got, err := sixOnly()
	if err != nil {
		t.Skipf("the kernel does not say: %v", err)
	}
	if !slices.Contains(got, ports[true]) || slices.Contains(got, ports[false]) {
		t.Errorf("sixOnly = %v, want it to have %d and not %d", got, ports[true], ports[false])
	}
	if os.Getuid() == 0 {
		if inside, err := SixOnly(os.Getpid()); err != nil || !slices.Contains(inside, ports[true]) {
			t.Errorf("SixOnly(this process) = %v, %v, want %d among it", inside, err, ports[true])
		}
	}
}

func TestParseSocketsThatAreCut(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]byte{{1, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {200, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		if _, _, err := parseSockets(bad); err == nil {
			t.Errorf("parseSockets(%v): want an error", bad)
		}
	}
	if ports, done, err := parseSockets(nil); len(ports) > 0 || done || err != nil {
		t.Errorf("parseSockets(nothing) = %v, %v, %v", ports, done, err)
	}
}
