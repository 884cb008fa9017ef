// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/connhelper/ssh"
	"github.com/moby/moby/client"
)

// An endpoint is where an engine is, and what it takes to talk to it. The API
// client and every docker command are given the same one.
type endpoint struct {
	host    string // as DOCKER_HOST has it: unix, npipe, tcp or ssh
	from    string // who named it, in words
	context string // the docker context that holds the TLS material, if one does
	tls     *material
}

// defaultPorts are what the docker command takes for a tcp address without one:
// https://github.com/docker/cli/blob/v28.2.2/opts/hosts.go
const (
	defaultTCP = "tcp://localhost:2375"
	defaultTLS = "tcp://localhost:2376"
)

// canonical completes an address: /path is a socket, host:port is TCP, and what is
// left out has the docker command's default. Of what that command passes on as it is,
// or cannot complete, some is seen here: a relative path, an address for ssh, [::1].
func canonical(host string) (string, error) {
	scheme, address, ok := strings.Cut(strings.TrimSpace(host), "://")
	if !ok {
		scheme, address = "tcp", scheme
		if strings.HasPrefix(address, "/") {
			scheme = "unix"
		}
	}
	switch scheme {
	case "tcp":
		return canonicalTCP(address)
	case "unix":
		if address == "" {
			return defaultSocket, nil
		}
		if !filepath.IsAbs(address) && !strings.HasPrefix(address, "/") {
			return "", fmt.Errorf("the socket's path %q is relative", address)
		}
	case "npipe":
		if address == "" {
			return defaultPipe, nil
		}
	case "ssh":
		_, err := ssh.ParseURL("ssh://" + address)
		return "ssh://" + address, err
	default:
		return "", fmt.Errorf("the address begins with %q: want unix://, npipe://, tcp:// or ssh://", scheme+"://")
	}
	return scheme + "://" + address, nil
}

func canonicalTCP(address string) (string, error) {
	if address == "" {
		return defaultTCP, nil
	}
	u, err := url.Parse("tcp://" + address)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return "", err
	}
	host, port := u.Hostname(), u.Port()
	if host == "" {
		host = "localhost"
	}
	if port == "" {
		port = "2375"
	}
	return "tcp://" + net.JoinHostPort(host, port) + u.Path, nil
}

// newEndpoint returns an endpoint at an address that somebody named.
func newEndpoint(host, from string, m *material) (endpoint, error) {
	canon, err := canonical(host)
	if err != nil {
		return endpoint{}, fmt.Errorf("reading the engine's address %q (from %s): %w\n    hint: unix:///var/run/docker.sock, tcp://HOST:PORT and ssh://USER@HOST are addresses", host, from, err)
	}
	e := endpoint{host: canon, from: from}
	if strings.HasPrefix(canon, "tcp:") {
		e.tls = m // the docker command, too, passes it over for sockets and ssh
	}
	return e, nil
}

func (e endpoint) isSSH() bool { return strings.HasPrefix(e.host, "ssh:") }

// environ returns the variables that lead a docker command, and a process of
// ours, to the endpoint. An empty one undoes the user's.
func (e endpoint) environ() []string {
	host, name, verify, unverified, certs := e.host, "", "", "", ""
	switch {
	case e.context != "":
		// Variables can't say all that a context can: no ca.pem, no check at all.
		host, name = "", e.context
	case e.tls != nil && e.tls.skipVerify:
		unverified, certs = "1", e.tls.dir
	case e.tls != nil:
		verify, certs = "1", e.tls.dir
	}
	return []string{"DOCKER_HOST=" + host, "DOCKER_CONTEXT=" + name,
		"DOCKER_TLS_VERIFY=" + verify, "DOCKER_TLS=" + unverified, "DOCKER_CERT_PATH=" + certs}
}

// client returns an API client. It asks nothing yet.
func (e endpoint) client(through *sshHost) (*client.Client, error) {
	agent := client.WithUserAgent("seatrial")
	if through != nil {
		// A socket's transport: it asks no proxy, and leaves the dialing to us.
		return client.New(client.WithHost("unix:///ssh"), client.WithDialContext(through.dial), agent)
	}
	if e.tls == nil {
		return client.New(client.WithHost(e.host), agent)
	}
	config, err := e.tls.config()
	if err != nil {
		return nil, err
	}
	secure := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, CheckRedirect: client.CheckRedirect}
	return client.New(client.WithHTTPClient(secure), client.WithHost(e.host), agent)
}
