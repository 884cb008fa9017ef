// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Wrap returns a service that is in the swarm already.
func Wrap(ctx context.Context, sess *session.Session, s spec.Existing) (*Service, error) {
	if s.Name == "" {
		return nil, errors.New("wrapping a service: Name is not given")
	}
	made, err := wrapService(ctx, sess, s)
	if err != nil {
		return nil, fmt.Errorf("wrapping service %q: %w", s.Name, err)
	}
	return made, nil
}

func wrapService(ctx context.Context, sess *session.Session, s spec.Existing) (*Service, error) {
	if err := sess.RequireManager(ctx); err != nil {
		return nil, err
	}
	is, err := sess.Engine.Service(ctx, s.Name)
	if engine.IsNotFound(err) {
		return nil, fmt.Errorf("the swarm of the engine %s has none of this name or id", sess.Engine.Host())
	}
	if err != nil {
		return nil, err
	}
	name := is.Name
	if s.As != "" {
		name = s.As
	}
	g := newServiceGroup(sess, groupSpec{
		label: engine.SwarmService, value: is.Name,
		list: func(ctx context.Context) ([]engine.Service, error) {
			one, err := sess.Engine.Service(ctx, is.ID)
			return []engine.Service{one}, err
		},
		role:  func(string) string { return name },
		allow: []int{0},
		owns:  func(engine.Object) bool { return false },
	})
	sess.Track((&served{serviceGroup: g, name: is.Name, wrapped: true, owned: s.Owned}).resource())
	if _, _, err := g.ask(ctx); err != nil { // which follows its tasks
		return nil, err
	}
	sess.Artifacts.Note("service %s wrapped as %s", is.Name, name)
	return &Service{Name: name, ID: is.ID, group: g}, nil
}
