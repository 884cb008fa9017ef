// SPDX-License-Identifier: Apache-2.0

package spec

// Engine describes a Docker engine other than the one that the environment
// names. Only Host must be given.
type Engine struct {
	// Host is where the engine's API is, in the notation of DOCKER_HOST:
	// unix:///run/other.sock, tcp://10.0.0.7:2376, ssh://ci@build-host.
	Host string

	// Certs is a directory with ca.pem, cert.pem and key.pem, for TLS. Without,
	// tcp is plain.
	Certs string

	// Address is where the ports that the engine publishes are reached from the
	// test. Empty means that it is found out: the host of tcp and ssh, loopback
	// where the engine shares this machine's network.
	Address string

	// Temporary says that the engine goes with the test's process, so that
	// nothing needs to be removed from it if the test is killed. At the end of a
	// test that is not killed, all is removed as always.
	Temporary bool
}
