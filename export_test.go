// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// UpAs returns a variant of Up that gives projects this name on the engine.
func UpAs(name string) func(T, spec.Project) *Project {
	return func(t T, s spec.Project) *Project {
		t.Helper()
		return tell(t, standard.of(), s.TimeLimit, compose.UpLimit, func(ctx context.Context, sess *session.Session, say session.Progress) (*Project, error) {
			p, err := compose.UpAs(ctx, sess, name, s, say)
			if err != nil {
				return nil, err
			}
			return projectOf(p), nil
		})
	}
}
