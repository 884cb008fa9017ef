// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Volume is a volume that a test made.
type Volume struct {
	Name   string
	Engine *engine.Engine
}

// CreateVolume makes an empty volume that goes with the test, after its containers.
func CreateVolume(ctx context.Context, sess *session.Session, s spec.Volume) (*Volume, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a volume")
	}
	v := &Volume{Name: owner.Name(sess.Test, s.Name, owner.NewID()), Engine: sess.Engine}
	sess.Track(v.Resource())
	ctx, cancel := Creating(ctx)
	defer cancel()
	if err := sess.Engine.CreateVolume(ctx, v.Name, sess.Labels(owner.Volume, v.Name, s.Labels)); err != nil {
		return nil, fmt.Errorf("creating volume %s: %w", v.Name, err)
	}
	sess.Artifacts.Note("volume %s created", v.Name)
	return v, nil
}

// Resource is the volume on its way to the end of the test.
func (v *Volume) Resource() session.Resource {
	return session.Resource{Remove: v.Remove, UsedByOthers: true}
}

// Remove removes it. One that is gone is no error.
func (v *Volume) Remove(ctx context.Context) error {
	if err := v.Engine.RemoveVolume(ctx, v.Name); err != nil {
		return fmt.Errorf("volume %s: %w", v.Name, err)
	}
	return nil
}
