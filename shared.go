// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/shared"
	"github.com/seatrial/seatrial/spec"
)

// Shared returns a Compose project that other tests use, too: those of this
// process, of the other packages of a go test ./..., and of the next one. The
// first that asks starts it, and the others wait.
//
//	app := seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"../deploy/compose.yaml"}}})
//
// Those who share it give the same spec.Shared.Project, and have the same files
// (also what the services mount or are built from) and images: with a changed file
// the next process gets another project, and the old one goes when its time is
// over. They are processes of one user on one machine.
//
// It lives while a process uses it, then for spec.Shared.Warm after its last
// test. The death of a process takes nothing along, not even of the one that
// started it. Afterwards it is removed by the watchdog of one that used it, by the
// next test that uses seatrial, or by seatrial gc.
//
// If it cannot be started, all that wait for it are told why, and so are, for two
// minutes, those of the same go test that ask later. A test that fails has what
// the project's containers logged since it first asked among its artifacts.
//
// Tests must stay out of each other's way in it: a database or a prefix for each,
// made with [Name], say. One that stops a container stops it for all.
func Shared(t T, s spec.Shared) *Project {
	t.Helper()
	return standard.Shared(t, s)
}

// Shared is the function [Shared], on this engine.
func (e *Engine) Shared(t T, s spec.Shared) *Project {
	t.Helper()
	env, err := environment.Of(e.of(), s)
	if err != nil {
		fail(t, err)
	}
	v := shared.Of(env, env.Name, func(ctx context.Context) { _ = env.KeepWarm(ctx) })
	share(t, v, func(t T) {
		t.Helper()
		tell(t, e.of(), s.Project.TimeLimit, 2*compose.UpLimit, func(ctx context.Context, sess *session.Session, say session.Progress) (_ struct{}, err error) {
			return struct{}{}, env.Provide(ctx, sess, func(format string, args ...any) {
				v.Doing(fmt.Sprintf(format, args...))
				say(format, args...)
			})
		})
	})
	if len(s.Project.Ready) > 0 {
		do(t, e.of(), s.Project.TimeLimit, compose.UpLimit+ownLimits(t, s.Project.Ready), func(ctx context.Context, _ *session.Session) (_ struct{}, err error) {
			return struct{}{}, env.Meets(ctx, s.Project)
		})
	}
	return projectOf(env.Project)
}
