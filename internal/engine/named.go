// SPDX-License-Identifier: Apache-2.0

package engine

// A Named engine is one that somebody names, in place of the one that the environment names.
type Named struct {
	Host    string // in the notation of DOCKER_HOST
	Certs   string // a directory with ca.pem, cert.pem and key.pem; empty is none
	Address string // where its published ports are reached; empty is to be found out
}
