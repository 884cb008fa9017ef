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

// CreateVolume makes an empty volume that goes with the test, after its containers.
func CreateVolume(ctx context.Context, sess *session.Session, s spec.Volume) (*session.Object, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a volume")
	}
	v := session.NewObject(owner.Volume, owner.Name(sess.Test, s.Name, owner.NewID()), sess.Engine.RemoveVolume)
	err := v.Create(ctx, sess, s.Labels, func(ctx context.Context, labels map[string]string) (id string, err error) {
		return "", sess.Engine.CreateVolume(ctx, v.Name, labels)
	})
	if err != nil {
		return nil, fmt.Errorf("creating volume %s: %w", v.Name, err)
	}
	return v, nil
}
