// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"maps"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Volume is a volume that a test made, to be given to its containers. It goes
// with the test, after them.
type Volume struct {
	// Name is the name of the volume on the engine, unique to it.
	Name string

	engine *engine.Engine
}

func (v *Volume) String() string { return v.Name }

// CreateVolume makes an empty volume.
func CreateVolume(t T, s spec.Volume) *Volume {
	t.Helper()
	return standard.CreateVolume(t, s)
}

// CreateVolume is the function [CreateVolume], on this engine.
func (e *Engine) CreateVolume(t T, s spec.Volume) *Volume {
	t.Helper()
	return do(t, e.of(), 0, createLimit, func(ctx context.Context, sc *session.Session) (*Volume, error) { return createVolume(ctx, sc, s) })
}

func createVolume(ctx context.Context, sc *session.Session, s spec.Volume) (*Volume, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a volume")
	}
	v := &Volume{Name: owner.Name(sc.Test, s.Name, owner.NewID()), engine: sc.Engine}
	sc.Track(v.resource())
	// As with a container, the answer is waited for also when time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), createLimit)
	defer cancel()
	labels := sc.Owner.On(owner.Volume, v.Name).Labels()
	maps.Copy(labels, s.Labels)
	if err := sc.Engine.CreateVolume(ctx, v.Name, labels); err != nil {
		return nil, fmt.Errorf("creating volume %s: %w", v.Name, err)
	}
	sc.Artifacts.Note("volume %s created", v.Name)
	return v, nil
}

func (v *Volume) resource() session.Resource {
	return session.Resource{Remove: v.remove, UsedByOthers: true}
}

func (v *Volume) remove(ctx context.Context) error {
	if err := v.engine.RemoveVolume(ctx, v.Name); err != nil {
		return fmt.Errorf("volume %s: %w", v.Name, err)
	}
	return nil
}
