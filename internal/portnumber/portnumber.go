// SPDX-License-Identifier: Apache-2.0

package portnumber

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Port is a number, and one of [Protocols].
type Port struct {
	Number   int
	Protocol string
}

// Protocols are the protocols whose ports Docker can publish.
var Protocols = []string{"tcp", "udp", "sctp"}

// TCP returns a port of TCP.
func TCP(number int) Port { return Port{number, "tcp"} }

// Parse reads a port.
func Parse(text string) (Port, error) {
	digits, protocol, named := strings.Cut(text, "/")
	if protocol = strings.ToLower(protocol); !named {
		protocol = "tcp"
	}
	number, err := strconv.ParseUint(digits, 10, 16)
	switch {
	case err != nil || number == 0:
		return Port{}, fmt.Errorf("%q is not a port: want a number from 1 to 65535, and perhaps a protocol, as in 53/udp", text)
	case !slices.Contains(Protocols, protocol):
		return Port{}, fmt.Errorf("%q is not a port: the protocol is one of %s", text, strings.Join(Protocols, ", "))
	}
	return Port{int(number), protocol}, nil
}

// String writes a port as Docker does, a TCP port as its number only.
func (p Port) String() string {
	if p.Protocol == "tcp" {
		return strconv.Itoa(p.Number)
	}
	return p.Full()
}

// Full writes a port with its protocol, even TCP.
func (p Port) Full() string { return fmt.Sprintf("%d/%s", p.Number, p.Protocol) }
