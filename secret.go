// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
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
	return do(t, e.of(), 0, container.CreateLimit, func(ctx context.Context, sc *session.Session) (*Secret, error) {
		f, err := createSwarmFile(ctx, sc, owner.Secret, s)
		if err != nil {
			return nil, fmt.Errorf("creating a secret: %w", err)
		}
		return &Secret{Name: f.name, ID: f.id}, nil
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
	return do(t, e.of(), 0, container.CreateLimit, func(ctx context.Context, sc *session.Session) (*Config, error) {
		f, err := createSwarmFile(ctx, sc, owner.Config, s)
		if err != nil {
			return nil, fmt.Errorf("creating a config: %w", err)
		}
		return &Config{Name: f.name, ID: f.id}, nil
	})
}

// A swarmFile is a secret or a config on its way to the end of the test.
type swarmFile struct {
	kind, name, id string
	engine         *engine.Engine
}

func createSwarmFile(ctx context.Context, sc *session.Session, kind string, s spec.Secret) (*swarmFile, error) {
	data, err := readSecret(s)
	if err != nil {
		return nil, err
	}
	if err := sc.Manages(ctx); err != nil {
		return nil, err
	}
	role, ending := splitEnding(s.Name)
	f := &swarmFile{kind: kind, name: owner.Name(sc.Test, role, owner.NewID()) + ending, engine: sc.Engine}
	f.id = f.name
	create := sc.Engine.CreateConfig
	if kind == owner.Secret {
		create = sc.Engine.CreateSecret
		sc.Artifacts.Hide(string(data))
	}
	sc.Track(session.Resource{Remove: f.remove, UsedByOthers: true}) // by its name, until there is an id
	// As with a container, the answer is waited for also when time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), container.CreateLimit)
	defer cancel()
	labels := sc.Owner.On(kind, f.name).Labels()
	maps.Copy(labels, s.Labels)
	id, err := create(ctx, f.name, data, labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	f.id = id
	sc.Artifacts.Note("%s %s created", kind, f.name)
	return f, nil
}

// readSecret returns the content, byte for byte.
func readSecret(s spec.Secret) ([]byte, error) {
	var wrong report.Problems
	check.Labels(s.Labels, &wrong)
	data := []byte(s.Content)
	switch {
	case s.File != "" && s.Content != "":
		wrong.Add("File and Content exclude each other")
	case s.File != "":
		content, err := os.ReadFile(check.Absolute(s.File, &wrong))
		if err != nil {
			wrong.Add("File: %w", err)
		}
		if data = content; err == nil && len(data) == 0 {
			wrong.Add("File: %s is empty, which no swarm takes", s.File)
		}
	case s.Content == "":
		wrong.Add("neither File nor Content is given, and nothing is what no swarm takes")
	}
	if _, ending := splitEnding(s.Name); len(ending) > maxEnding {
		wrong.Add("Name: the ending %q is longer than %d characters", ending, maxEnding)
	}
	return data, wrong.Joined()
}

// maxEnding is the room that owner.Name leaves in the 64 characters of a name.
const maxEnding = 24

var ending = regexp.MustCompile(`^(\.[A-Za-z0-9]+)+$`)

// splitEnding splits off what comes after a name's first dot, if that is an ending.
func splitEnding(name string) (role, end string) {
	name = path.Base(name)
	role, _, _ = strings.Cut(name, ".")
	if end = name[len(role):]; !ending.MatchString(end) {
		return name, ""
	}
	return role, end
}

func (f *swarmFile) remove(ctx context.Context) error {
	remove := f.engine.RemoveConfig
	if f.kind == owner.Secret {
		remove = f.engine.RemoveSecret
	}
	if err := remove(ctx, f.id); err != nil {
		return fmt.Errorf("%s %s: %w", f.kind, f.name, err)
	}
	return nil
}
