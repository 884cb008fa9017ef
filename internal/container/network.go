// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// CreateNetwork makes a network that goes with the test, after its containers.
func CreateNetwork(ctx context.Context, sess *session.Session, s spec.Network) (*session.Object, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a network")
	}
	if s.Overlay {
		if err := sess.RequireManager(ctx); err != nil {
			return nil, fmt.Errorf("creating a network: %w", err)
		}
	}
	n := session.NewObject(owner.Network, owner.Name(sess.Test, s.Name, owner.NewID()), sess.Engine.RemoveNetwork)
	err := n.Create(ctx, sess, s.Labels, func(ctx context.Context, labels map[string]string) (id string, err error) {
		return sess.Engine.CreateNetwork(ctx, n.Name, s.Overlay, s.Internal, labels)
	})
	if err != nil {
		return nil, fmt.Errorf("creating network %s: %w", n.Name, err)
	}
	return n, nil
}
