// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/netns"
)

// SixOnly returns the ports on which servers in the network of a process listen on all
// IPv6 addresses but do not accept IPv4, as nginx does with "listen [::]:80". /proc
// does not show that; the kernel tells only root.
func SixOnly(pid int) ([]int, error) {
	space, err := netns.Of(pid)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	var ports []int
	err = space.Do(func() error {
		ports, err = sixOnly()
		return err
	})
	return ports, err
}

// sixOnly asks the kernel for the listening sockets in the network of this thread.
// https://man7.org/linux/man-pages/man7/sock_diag.7.html
func sixOnly() ([]int, error) {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("asking for sockets: %w", err)
	}
	defer unix.Close(socket)
	limit := unix.NsecToTimeval(time.Second.Nanoseconds())
	_ = unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit) // without it a read could block for longer
	if err := unix.Sendto(socket, question(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("asking for sockets: %w", err)
	}
	var ports []int
	answer := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(socket, answer, 0)
		if err != nil {
			return nil, fmt.Errorf("asking for sockets: %w", err)
		}
		some, done, err := parseSockets(answer[:n])
		if ports = append(ports, some...); err != nil || done {
			slices.Sort(ports)
			return slices.Compact(ports), err
		}
	}
}

const (
	askByFamily = 20 // SOCK_DIAG_BY_FAMILY
	listens     = 10 // TCP_LISTEN
	isSixOnly   = 11 // INET_DIAG_SKV6ONLY
	headLength  = 16 // of struct nlmsghdr
	askLength   = 56 // of struct inet_diag_req_v2
	sockLength  = 72 // of struct inet_diag_msg
)

// question returns the request for all listening TCP sockets of IPv6.
func question() []byte {
	b := make([]byte, headLength+askLength)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], askByFamily)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b[headLength], b[headLength+1] = unix.AF_INET6, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[headLength+4:], 1<<listens)
	return b
}

// parseSockets returns the IPv6-only ports in a part of the answer, and whether it is
// the last part.
func parseSockets(b []byte) (ports []int, done bool, err error) {
	for len(b) >= headLength {
		length := int(binary.NativeEndian.Uint32(b))
		if length < headLength || length > len(b) {
			return ports, true, fmt.Errorf("asking for sockets: a message of %d bytes in %d", length, len(b))
		}
		body := b[headLength:length]
		switch kind := binary.NativeEndian.Uint16(b[4:]); {
		case kind == unix.NLMSG_DONE:
			return ports, true, nil
		case kind == unix.NLMSG_ERROR:
			return ports, true, errors.New("asking for sockets: the kernel refuses")
		case kind == askByFamily && len(body) >= sockLength && hasSixOnly(body[sockLength:]):
			ports = append(ports, int(binary.BigEndian.Uint16(body[4:])))
		}
		b = b[min(aligned(length), len(b)):]
	}
	return ports, false, nil
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
