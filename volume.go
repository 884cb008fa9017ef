// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Volume is a volume that a test made, to be given to its containers. It is
// removed at the end of the test, after them.
type Volume struct {
	// Name is the name of the volume on the engine, unique to it.
	Name string
}

// String returns the Name.
func (v *Volume) String() string { return v.Name }

// CreateVolume makes an empty volume.
func CreateVolume(t T, s spec.Volume) *Volume {
	t.Helper()
	return standard.CreateVolume(t, s)
}

// CreateVolume is the function [CreateVolume], on this engine.
func (e *Engine) CreateVolume(t T, s spec.Volume) *Volume {
	t.Helper()
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Volume, error) {
		v, err := container.CreateVolume(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		return &Volume{Name: v.Name}, nil
	})
}
