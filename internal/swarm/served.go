// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// A served resource is a single service, which goes at the end of the test.
type served struct {
	*serviceGroup
	name    string // in the swarm
	wrapped bool   // it was there before the test
	owned   bool   // and goes with it nevertheless
}

func (s *served) resource() session.Resource {
	return session.Resource{Evidence: s.evidence, Fates: s.fates, Remove: s.remove, Enter: s.enter, Detach: s.follower.detach, Engines: s.follower.engines}
}

func (s *served) enter(context.Context) []string { return []string{"docker service ps " + s.name} }

func (s *served) remove(ctx context.Context) error {
	if s.wrapped && !s.owned {
		s.keepLogs(ctx)
		s.follower.detach()
		return nil
	}
	is, err := s.session.Engine.Service(ctx, s.name)
	if err == nil {
		err = s.drop(ctx, []engine.Service{is})
	} else if engine.IsNotFound(err) {
		err = s.drop(ctx, nil) // its tasks may still end
	}
	if err != nil {
		return fmt.Errorf("service %s: %w", s.name, err)
	}
	s.follower.detach()
	return nil
}
