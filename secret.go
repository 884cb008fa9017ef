// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// A Secret is a secret of a swarm that a test made, to be given to its services. It
// is removed at the end of the test, after them.
type Secret struct {
	// Name is its unique name in the swarm, and by default the name of its file
	// below /run/secrets in a service.
	Name string

	// ID is its id in the swarm.
	ID string
}

// String returns the Name.
func (s *Secret) String() string { return s.Name }

// A Config is a config of a swarm that a test made, to be given to its services. It
// is removed at the end of the test, after them.
type Config struct {
	// Name is its unique name in the swarm, and by default the name of its file in
	// the root directory of a service.
	Name string

	// ID is its id in the swarm.
	ID string
}

// String returns the Name.
func (c *Config) String() string { return c.Name }

// CreateSecret makes a secret in the swarm that the engine manages. Its content is
// sent to the engine and nowhere else. From now on it is hidden in artifacts and
// messages of the test, and so is each of its lines that has four characters or
// more.
func CreateSecret(t T, s spec.Secret) *Secret {
	t.Helper()
	return standard.CreateSecret(t, s)
}

// CreateSecret is the function [CreateSecret], on this engine.
func (e *Engine) CreateSecret(t T, s spec.Secret) *Secret {
	t.Helper()
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Secret, error) {
		f, err := swarm.CreateSecret(ctx, sess, s)
		return &Secret{Name: f.Name, ID: f.ID}, err
	})
}

// CreateConfig makes a config in the swarm that the engine manages. Its content is
// not hidden in artifacts and messages.
func CreateConfig(t T, s spec.Secret) *Config {
	t.Helper()
	return standard.CreateConfig(t, s)
}

// CreateConfig is the function [CreateConfig], on this engine.
func (e *Engine) CreateConfig(t T, s spec.Secret) *Config {
	t.Helper()
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Config, error) {
		f, err := swarm.CreateConfig(ctx, sess, s)
		return &Config{Name: f.Name, ID: f.ID}, err
	})
}
