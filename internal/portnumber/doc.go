// SPDX-License-Identifier: Apache-2.0

// Package portnumber is a port with its protocol, as Docker writes it: 80, 53/udp,
// 3868/sctp. A number alone is one of TCP. It is pure.
package portnumber
