// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// WrapContainer returns the handle of a container that is there already, by its
// name or id. It stays after the test, unless spec.Existing.Owned says that it
// goes. Its whole log so far is read into the test's files. It is not waited for
// until it is ready: say Wait for that.
func WrapContainer(t T, s spec.Existing) *Container {
	t.Helper()
	return standard.WrapContainer(t, s)
}

func wrapContainer(ctx context.Context, sc *session.Session, s spec.Existing) (*Container, error) {
	if s.Name == "" {
		return nil, errors.New("wrapping a container: Name is not given")
	}
	inspected, err := sc.Engine.Inspect(ctx, s.Name)
	if engine.IsNotFound(err) {
		return nil, fmt.Errorf("wrapping container %q: the engine (%s) has none of this name or id", s.Name, sc.Engine.Host())
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping container %q: %w", s.Name, err)
	}
	name := s.As
	if name == "" {
		name = strings.TrimPrefix(inspected.Name, "/")
	}
	c := &Container{Name: name, ID: inspected.ID, on: sc.On, engine: sc.Engine, warn: sc.Warn, borrowed: !s.Owned}
	sc.Track(c.resource())
	err = c.openLogs(sc.Artifacts.Dir, [2]string{})
	if err == nil {
		err = c.follow(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping container %q: %w", s.Name, err)
	}
	sc.Artifacts.Note("container %s wrapped as %s", s.Name, name)
	return c, nil
}
