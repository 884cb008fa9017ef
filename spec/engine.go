// SPDX-License-Identifier: Apache-2.0

package spec

// Engine describes a Docker engine other than the one that the environment
// names. Only Host must be given.
type Engine struct {
	// Host is the address of the engine's API, in the notation of DOCKER_HOST:
	// unix:///run/other.sock, tcp://10.0.0.7:2376, ssh://ci@build-host.
	Host string

	// Certs is a directory with ca.pem, cert.pem and key.pem, for TLS. Empty means
	// that tcp is not encrypted.
	Certs string

	// Address is the host at which the test reaches the ports that the engine
	// publishes. Empty means that seatrial finds it out: the host of a tcp or ssh
	// address, loopback if the engine shares this machine's network.
	Address string

	// Temporary says that the engine ends with the test's process, so that nothing
	// needs to be removed from it if the test is killed. At the end of any other
	// test everything is removed as usual.
	Temporary bool
}
