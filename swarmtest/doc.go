// SPDX-License-Identifier: Apache-2.0

// Package swarmtest starts Docker engines of a test's own: empty, of a chosen version and
// image store, in a network of their own, and gone with the test. StartEngine starts one, and
// Start several, as the nodes of a swarm, which the test may break.
//
// It needs Linux, root, and the programs of Docker's engine: dockerd, containerd with its
// shim, runc and docker-proxy. Of the machine it needs mount, ip (iproute2) and iptables.
// Virtual IPs of services and the routing mesh need IPVS in the kernel besides; without, use
// endpoint mode dnsrr and ports in host mode.
package swarmtest
