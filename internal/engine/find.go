// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Find finds the engine that the environment names, as the docker command does:
// DOCKER_HOST, else DOCKER_CONTEXT, else the current docker context, else the
// default socket. If nothing was named and nobody listens there, it is the first
// of the well-known sockets that answers.
func Find(ctx context.Context, c Caller) (*Engine, error) { return standard.find(ctx, c) }

func (s search) find(ctx context.Context, c Caller) (*Engine, error) {
	at, named, err := s.locate()
	if err != nil {
		return nil, err
	}
	e, silent, err := ask(ctx, at, c, s.named)
	switch {
	case err != nil:
		return nil, err
	case silent == nil:
		e.address = os.Getenv("SEATRIAL_ADDRESS")
		return e, nil
	case named || !silent.absent:
		return nil, silent.alone()
	}
	return s.guessed(ctx, c, silent)
}

// ask returns the engine at an endpoint, or why it does not answer within the limit.
func ask(ctx context.Context, at endpoint, c Caller, limit time.Duration) (*Engine, *silence, error) {
	e, err := open(at, c)
	if err != nil {
		return nil, nil, err
	}
	if silent := e.answers(ctx, limit); silent != nil {
		e.CloseIdle()
		return nil, silent, nil
	}
	return e, nil, nil
}

// A Named engine is one that somebody names, in place of the one that the environment names.
type Named struct {
	Host    string // in the notation of DOCKER_HOST
	Certs   string // a directory with ca.pem, cert.pem and key.pem; empty is none
	Address string // where its published ports are reached; empty is to be found out
}

// At finds an engine that is named.
func At(ctx context.Context, n Named, c Caller) (*Engine, error) {
	if n.Host == "" {
		return nil, errors.New("reading the engine's description: Host is not given")
	}
	if n.Certs != "" && strings.Contains(n.Host, "://") && !strings.HasPrefix(n.Host, "tcp:") {
		return nil, fmt.Errorf("reading the engine's description: Certs are for tcp, and Host is %q", n.Host)
	}
	var keys *material
	if n.Certs != "" {
		dir, err := filepath.Abs(n.Certs)
		if err != nil {
			return nil, err
		}
		keys = materialIn(dir)
	}
	at, err := newEndpoint(n.Host, "the spec", keys)
	if err != nil {
		return nil, err
	}
	e, silent, err := ask(ctx, at, c, standard.named)
	switch {
	case err != nil:
		return nil, err
	case silent != nil:
		return nil, silent.alone()
	}
	e.address = n.Address
	return e, nil
}

// Again returns the engine that [Engine.Environ] of another process told this
// one, without asking whether it is there.
func Again(c Caller) (*Engine, error) {
	at, _, err := standard.locate()
	if err != nil {
		return nil, err
	}
	return open(at, c)
}

func open(at endpoint, c Caller) (*Engine, error) {
	on := &connection{at: at}
	if at.isSSH() {
		var err error
		if on.ssh, err = newSSHHost(at.host, Environ(c), c.Dir); err != nil {
			return nil, err
		}
	}
	var err error
	if on.api, err = at.client(on.ssh); err != nil {
		return nil, fmt.Errorf("using the engine at %s (from %s): %w\n    hint: the docker command needs the same files: docker version tells whether they are right", at.host, at.from, err)
	}
	return newEngine(on, c), nil
}

// locate returns the endpoint that the environment names. Named is false if
// nothing names one, and it is the default.
func (s search) locate() (at endpoint, named bool, err error) {
	dir, noDir := configDir()
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		at, err = fromEnv(host, "DOCKER_HOST")
		return at, true, err
	}
	name, from := os.Getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	if name == "" && noDir == nil {
		name, from = currentContext(dir)
	}
	switch {
	case name != "" && name != "default" && noDir != nil:
		return at, true, fmt.Errorf("looking for the docker context %q (from %s): %w", name, from, noDir)
	case name != "" && name != "default":
		at, err = fromContext(dir, name, from)
		return at, true, err
	}
	if asksForTLS() { // then the docker command's default is another
		at, err = fromEnv(defaultTLS, "the default with TLS")
		return at, true, err
	}
	return endpoint{host: s.defaultHost(), from: "the default"}, name != "", nil
}

// fromEnv returns an endpoint with the TLS material that the environment names.
func fromEnv(host, from string) (endpoint, error) {
	keys, err := materialFromEnv()
	if err != nil {
		return endpoint{}, fmt.Errorf("looking for the keys that DOCKER_TLS_VERIFY or DOCKER_TLS ask for: %w\n    hint: DOCKER_CERT_PATH names their directory", err)
	}
	return newEndpoint(host, from, keys)
}

// guessed returns the first engine that answers at a well-known socket.
func (s search) guessed(ctx context.Context, c Caller, first *silence) (*Engine, error) {
	tried := []*silence{first}
	var absent []string
	for _, p := range s.wellKnown() {
		e, silent, err := ask(ctx, endpoint{host: p.host, from: p.whose}, c, s.guess)
		if err != nil {
			return nil, err
		}
		if silent == nil {
			e.address = os.Getenv("SEATRIAL_ADDRESS")
			return e, nil
		}
		if !errors.Is(silent.why, fs.ErrNotExist) {
			tried = append(tried, silent)
		} else if !slices.Contains(absent, p.whose) {
			absent = append(absent, p.whose)
		}
	}
	// A socket that lives is no longer absent because its owner has two places.
	absent = slices.DeleteFunc(absent, func(whose string) bool {
		return slices.ContainsFunc(tried, func(s *silence) bool { return s.at.from == whose })
	})
	return nil, nothingAnswers(tried, absent)
}

func nothingAnswers(tried []*silence, absent []string) error {
	var all []string
	hint := startOne
	for _, s := range tried {
		all = append(all, fmt.Sprintf("%s (%s: %v)", s.at.host, s.at.from, s.reason()))
		if s.hint != "" && hint == startOne {
			hint = s.hint
		}
	}
	text := "no Docker engine answers: tried " + strings.Join(all, ", ")
	if len(absent) > 0 {
		text += "; there is no socket of " + strings.Join(absent, ", ")
	}
	return errors.New(text + "\n    hint: " + hint)
}
