// SPDX-License-Identifier: Apache-2.0

// Package portnumber has ports with their protocol, as Docker writes them: 80,
// 53/udp, 3868/sctp. A number without a protocol means TCP. The package is pure.
package portnumber
