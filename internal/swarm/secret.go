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
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A File is a secret or a config in a swarm.
type File struct{ Name, ID string }

// CreateSecret makes a secret that goes with the test, after its services. Evidence hides what
// is in it.
func CreateSecret(ctx context.Context, sess *session.Session, s spec.Secret) (File, error) {
	f, err := createFile(ctx, sess, s, owner.Secret, sess.Engine.CreateSecret, sess.Engine.RemoveSecret)
	if err != nil {
		return File{}, fmt.Errorf("creating a secret: %w", err)
	}
	return f, nil
}

// CreateConfig makes a config that goes with the test, after its services.
func CreateConfig(ctx context.Context, sess *session.Session, s spec.Secret) (File, error) {
	f, err := createFile(ctx, sess, s, owner.Config, sess.Engine.CreateConfig, sess.Engine.RemoveConfig)
	if err != nil {
		return File{}, fmt.Errorf("creating a config: %w", err)
	}
	return f, nil
}

func createFile(ctx context.Context, sess *session.Session, s spec.Secret, kind string,
	create func(ctx context.Context, name string, data []byte, labels map[string]string) (id string, err error),
	remove func(ctx context.Context, id string) error,
) (File, error) {
	data, err := readSecret(s)
	if err != nil {
		return File{}, err
	}
	if err := sess.RequireManager(ctx); err != nil {
		return File{}, err
	}
	if kind == owner.Secret {
		sess.Artifacts.Hide(string(data))
	}
	role, ending := splitEnding(s.Name)
	f := session.NewObject(kind, owner.Name(sess.Test, role, owner.NewID())+ending, remove)
	err = f.Create(ctx, sess, s.Labels, func(ctx context.Context, labels map[string]string) (id string, err error) {
		return create(ctx, f.Name, data, labels)
	})
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	return File{Name: f.Name, ID: f.ID}, nil
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
