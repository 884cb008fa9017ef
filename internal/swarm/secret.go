// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
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

// A swarmFile is a secret or a config that goes at the end of the test.
type swarmFile struct {
	kind, name, id string
	engine         *engine.Engine
}

func createSwarmFile(ctx context.Context, sess *session.Session, kind string, s spec.Secret) (*swarmFile, error) {
	data, err := readSecret(s)
	if err != nil {
		return nil, err
	}
	if err := sess.RequireManager(ctx); err != nil {
		return nil, err
	}
	role, ending := splitEnding(s.Name)
	f := &swarmFile{kind: kind, name: owner.Name(sess.Test, role, owner.NewID()) + ending, engine: sess.Engine}
	f.id = f.name
	create := sess.Engine.CreateConfig
	if kind == owner.Secret {
		create = sess.Engine.CreateSecret
		sess.Artifacts.Hide(string(data))
	}
	sess.Track(session.Resource{Remove: f.remove, UsedByOthers: true}) // by its name, until there is an id
	ctx, cancel := container.Creating(ctx)
	defer cancel()
	id, err := create(ctx, f.name, data, sess.Labels(kind, f.name, s.Labels))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	f.id = id
	sess.Artifacts.Note("%s %s created", kind, f.name)
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
			wrong.Add("File: %s is empty, which a swarm refuses", s.File)
		}
	case s.Content == "":
		wrong.Add("neither File nor Content is given, and a swarm refuses what is empty")
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

// A File is a secret or a config in a swarm.
type File struct{ Name, ID string }

// CreateSecret makes a secret.
func CreateSecret(ctx context.Context, sess *session.Session, s spec.Secret) (File, error) {
	return createFile(ctx, sess, owner.Secret, "a secret", s)
}

// CreateConfig makes a config.
func CreateConfig(ctx context.Context, sess *session.Session, s spec.Secret) (File, error) {
	return createFile(ctx, sess, owner.Config, "a config", s)
}

func createFile(ctx context.Context, sess *session.Session, kind, what string, s spec.Secret) (File, error) {
	f, err := createSwarmFile(ctx, sess, kind, s)
	if err != nil {
		return File{}, fmt.Errorf("creating %s: %w", what, err)
	}
	return File{Name: f.name, ID: f.id}, nil
}
