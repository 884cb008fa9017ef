// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
)

// oldestAPI is that of engine 20.10.
const oldestAPI = "1.41"

const startOne = "start one, or name another in DOCKER_HOST or by `docker context use`"

// A silence says why an engine does not answer, or not so that we could use it.
type silence struct {
	at      endpoint
	why     error
	hint    string
	absent  bool // nobody listens there, or not to us
	useless bool // it answers, but cannot be used
}

// alone is the error if no other engine is tried.
func (s *silence) alone() error {
	hint := s.hint
	if hint == "" {
		hint = startOne
	}
	if s.useless {
		return fmt.Errorf("the engine at %s (from %s) cannot be used: %w\n    hint: %s", s.at.host, s.at.from, s.why, hint)
	}
	return fmt.Errorf("no Docker engine answers at %s (from %s): %w\n    hint: %s", s.at.host, s.at.from, s.why, hint)
}

// reason says why in the fewest words: the address stands beside it.
func (s *silence) reason() error {
	var number syscall.Errno
	if errors.As(s.why, &number) {
		return number
	}
	return s.why
}

// answers asks the engine for a sign of life. It is nil if there is one.
func (e *connection) answers(ctx context.Context, limit time.Duration) *silence {
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pong, err := e.api.Ping(inner, client.PingOptions{NegotiateAPIVersion: true})
	s := &silence{at: e.at}
	if err != nil && e.ssh != nil && e.ssh.reason() != nil {
		err = e.ssh.reason()
	}
	var remote *sshError
	switch {
	case pong.APIVersion != "" && versions.LessThan(pong.APIVersion, oldestAPI):
		s.why, s.useless = fmt.Errorf("it speaks API %s, and %s is the oldest that seatrial speaks", pong.APIVersion, oldestAPI), true
		s.hint = "engine 20.10 speaks " + oldestAPI + "; " + startOne
	case errors.As(err, &remote):
		s.why, s.hint = remote, remote.hint()
	case ctx.Err() != nil:
		s.why = context.Cause(ctx)
	case err != nil && inner.Err() != nil:
		s.why, s.hint = fmt.Errorf("it did not answer within %v", limit), "the engine hangs, or something between; docker version shows the same if it does"
	case errors.Is(err, exec.ErrNotFound):
		s.why, s.hint = errors.New("there is no ssh command here"), "install OpenSSH's client"
	case err != nil:
		if silent := e.refused(inner); silent != nil {
			return silent
		}
		s.hint, s.why = e.at.explain(err)
		s.absent = errors.Is(err, fs.ErrNotExist) // a named pipe
	case pong.APIVersion == "":
		s.why, s.useless = errors.New("what answers there is not a Docker engine: it names no API version"), true
	default:
		return nil
	}
	return s
}

// refused finds out why nobody listens, if nobody does. What the API client says
// about it has lost its reason.
func (e *connection) refused(ctx context.Context) *silence {
	network, address, _ := strings.Cut(e.at.host, "://")
	switch network {
	case "tcp":
		address, _, _ = strings.Cut(address, "/")
	case "unix":
	default:
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		conn.Close()
		return nil
	}
	s := &silence{at: e.at, why: err, absent: true}
	switch {
	case errors.Is(err, fs.ErrPermission):
		if group := groupOf(address); group != "" && group != "root" {
			s.hint = fmt.Sprintf("group %s may use the socket: `sudo usermod -aG %s $USER` puts you into it, from the next login on", group, group)
		} else {
			s.hint = "only root, and who owns the socket, may use it; ls -l " + address + " shows whose it is"
		}
	case ctx.Err() != nil:
		s.why, s.absent = errors.New("connecting to it took too long"), false
	}
	return s
}

// explain says what a failed question means.
func (at endpoint) explain(err error) (hint string, why error) {
	var (
		distrust *tls.CertificateVerificationError
		alert    *net.OpError
		record   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &distrust):
		return at.keysHint(), fmt.Errorf("its certificate is not accepted: %w", distrust.Err)
	case errors.As(err, &alert) && alert.Op == "remote error": // crypto/tls's name for an alert of the other side
		return at.keysHint(), fmt.Errorf("it does not accept our certificate: %w", alert.Err)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "unset DOCKER_TLS_VERIFY and DOCKER_TLS, or make the context without keys", errors.New("it does not speak TLS")
	case at.tls == nil && strings.HasPrefix(at.host, "tcp:"):
		return "if it wants TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH", err
	}
	return "", err
}

func (at endpoint) keysHint() string {
	if at.tls == nil {
		return ""
	}
	return "the keys are those in " + at.tls.dir
}
