// SPDX-License-Identifier: Apache-2.0

// Package swarmtest starts private Docker engines for a test: empty, of a chosen
// version and image store, in a network of their own. They end with the test.
// [StartEngine] starts one, and [Start] several, as the nodes of a swarm that the
// test may break.
//
// It needs Linux, root, and the programs of Docker's engine: dockerd, containerd
// with its shim, runc and docker-proxy. It runs mount, ip (iproute2) and iptables
// of the machine. Virtual IPs of services and the routing mesh also need IPVS in
// the kernel; without it, use endpoint mode dnsrr and publish ports in host mode.
package swarmtest
