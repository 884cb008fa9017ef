// SPDX-License-Identifier: Apache-2.0

// Package reach says whether a server that listens in a container is reached from outside: not
// on the container's own loopback, and not in a family of IP in which nothing leads to the
// container.
//
// It is given the sockets that listen, and the addresses of the container; package engine
// reads both. It promises to call unreachable only what cannot be reached, so that a wait may
// end for it. It opens no connection.
package reach
