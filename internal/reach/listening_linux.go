// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/netns"
)

// Listening returns the addresses on which servers listen for TCP in the network of a process,
// which the file of its network namespace names, and of those that are all IPv6 addresses the
// ports that do not accept IPv4, as nginx does with "listen [::]:80". The kernel tells only root.
//
// /proc tells the addresses, too, but goes through a table of all connections of the machine for
// that, which takes up to ten milliseconds where there is much memory.
func Listening(namespace string) (all []netip.AddrPort, sixOnly []int, err error) {
	space, err := netns.At(namespace)
	if err != nil {
		return nil, nil, err
	}
	defer space.Close()
	err = space.Do(func() error {
		all, sixOnly, err = listening()
		return err
	})
	return all, sixOnly, err
}

// listening asks the kernel for the listening sockets in the network of this thread.
// https://man7.org/linux/man-pages/man7/sock_diag.7.html
func listening() (all []netip.AddrPort, sixOnly []int, err error) {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for sockets: %w", err)
	}
	defer unix.Close(socket)
	limit := unix.NsecToTimeval(time.Second.Nanoseconds())
	_ = unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit) // without it a read could block for longer
	answer := make([]byte, 64<<10)
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		if err := unix.Sendto(socket, question(family), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			return nil, nil, fmt.Errorf("asking for sockets: %w", err)
		}
		for done := false; !done; {
			n, _, err := unix.Recvfrom(socket, answer, 0)
			if err != nil {
				return nil, nil, fmt.Errorf("asking for sockets: %w", err)
			}
			var some []netip.AddrPort
			var only []int
			if some, only, done, err = parseSockets(answer[:n]); err != nil {
				return nil, nil, err
			}
			all, sixOnly = append(all, some...), append(sixOnly, only...)
		}
	}
	return all, sixOnly, nil
}

const (
	askByFamily = 20 // SOCK_DIAG_BY_FAMILY
	listens     = 10 // TCP_LISTEN
	isSixOnly   = 11 // INET_DIAG_SKV6ONLY
	headLength  = 16 // of struct nlmsghdr
	askLength   = 56 // of struct inet_diag_req_v2
	sockLength  = 72 // of struct inet_diag_msg
)

// question returns the request for all listening TCP sockets of a family.
func question(family byte) []byte {
	b := make([]byte, headLength+askLength)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], askByFamily)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b[headLength], b[headLength+1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[headLength+4:], 1<<listens)
	return b
}

// parseSockets returns the addresses in a part of the answer, the ports of those that are IPv6
// only, and whether it is the last part.
func parseSockets(b []byte) (all []netip.AddrPort, sixOnly []int, done bool, err error) {
	for len(b) >= headLength {
		length := int(binary.NativeEndian.Uint32(b))
		if length < headLength || length > len(b) {
			return all, sixOnly, true, fmt.Errorf("asking for sockets: a message of %d bytes in %d", length, len(b))
		}
		body := b[headLength:length]
		switch kind := binary.NativeEndian.Uint16(b[4:]); {
		case kind == unix.NLMSG_DONE:
			return all, sixOnly, true, nil
		case kind == unix.NLMSG_ERROR:
			return all, sixOnly, true, errors.New("asking for sockets: the kernel refuses")
		case kind == askByFamily && len(body) >= sockLength:
			addr := parseSocket(body)
			if all = append(all, addr); hasSixOnly(body[sockLength:]) {
				sixOnly = append(sixOnly, int(addr.Port()))
			}
		}
		b = b[min(aligned(length), len(b)):]
	}
	return all, sixOnly, false, nil
}

// parseSocket reads the socket's own port and address from a struct inet_diag_msg.
func parseSocket(body []byte) netip.AddrPort {
	addr := netip.AddrFrom4([4]byte(body[8:]))
	if body[0] == unix.AF_INET6 {
		addr = netip.AddrFrom16([16]byte(body[8:])).Unmap()
	}
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(body[4:]))
}

// hasSixOnly reports whether the attributes of a socket say IPv6 only.
func hasSixOnly(b []byte) bool {
	for len(b) >= 4 {
		length := int(binary.NativeEndian.Uint16(b))
		if length < 4 || length > len(b) {
			return false
		}
		if binary.NativeEndian.Uint16(b[2:]) == isSixOnly {
			return length > 4 && b[4] != 0
		}
		b = b[min(aligned(length), len(b)):]
	}
	return false
}

func aligned(n int) int { return (n + 3) &^ 3 }
