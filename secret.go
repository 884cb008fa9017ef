// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// A Secret is a secret of a swarm that a test made, to be given to its services.
// It goes with the test, after them.
type Secret struct {
	// Name is its name in the swarm, unique to it, and the file below
	// /run/secrets that a service sees by itself.
	Name string

	// ID is its id in the swarm.
	ID string
}

func (s *Secret) String() string { return s.Name }

// A Config is a config of a swarm that a test made, to be given to its services.
// It goes with the test, after them.
type Config struct {
	// Name is its name in the swarm, unique to it, and the file in the root that a
	// service sees by itself.
	Name string

	// ID is its id in the swarm.
	ID string
}

func (c *Config) String() string { return c.Name }

// CreateSecret makes a secret in the swarm that the engine manages. What is in it
// is sent to the engine and nowhere else; in artifacts and messages of the test it
// is hidden, each line of four characters or more for itself, from now on.
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

// CreateConfig makes a config in the swarm that the engine manages. Nothing of it
// is hidden.
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
