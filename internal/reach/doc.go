// SPDX-License-Identifier: Apache-2.0

// Package reach decides whether a listener in a container can be reached from outside: not if
// it is on the container's loopback, or in an IP family in which nothing leads to the
// container.
//
// It gets the listening sockets and the addresses of the container from package engine. It
// calls a listener unreachable only if that is certain, because it may end a wait. It opens
// no connection.
package reach
