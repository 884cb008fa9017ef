// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Wrap returns a container that is there already, and follows it from its first line on.
func Wrap(ctx context.Context, sess *session.Session, s spec.Existing) (*Container, error) {
	if s.Name == "" {
		return nil, errors.New("wrapping a container: Name is not given")
	}
	inspected, err := sess.Engine.Inspect(ctx, s.Name)
	if engine.IsNotFound(err) {
		return nil, fmt.Errorf("wrapping container %q: the engine (%s) has none of this name or id", s.Name, sess.Engine.Host())
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping container %q: %w", s.Name, err)
	}
	name := s.As
	if name == "" {
		name = strings.TrimPrefix(inspected.Name, "/")
	}
	c := &Container{Name: name, ID: inspected.ID, On: sess.On, Engine: sess.Engine, borrowed: !s.Owned}
	c.reportTo(sess)
	sess.Track(c.Resource())
	err = c.files.open(sess.Artifacts.Dir, c.Name, [2]string{})
	if err == nil {
		err = c.follow(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping container %q: %w", s.Name, err)
	}
	sess.Artifacts.Note("container %s wrapped as %s", s.Name, name)
	return c, nil
}
