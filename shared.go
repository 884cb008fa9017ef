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

// Shared returns a Compose project that other tests use, too: tests of this
// process, of the other packages of a go test ./..., and of the next go test. The
// first that asks starts it, and the others wait.
//
//	app := seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"../deploy/compose.yaml"}}})
//
// Tests share a project if their spec.Shared.Project is equal, and with it the
// files, images, build contexts and mounted files that it names: after a file has
// changed, the next process gets a new project, and the old one is removed when its
// time is up. Only processes of one user on one machine share.
//
// The project stays while a process uses it, and for spec.Shared.Warm after its
// last test. It survives the process that started it, even if that is killed.
// Afterwards it is removed by the watchdog of a process that used it, by the next
// test that uses seatrial, or by seatrial gc.
//
// If the project cannot be started, all tests that wait for it fail with the
// reason, and so do tests of the same go test that ask within the next two minutes.
// The artifacts of a test that fails include the logs of the project's containers
// since the test first asked.
//
// Tests must stay out of each other's way in the project: each has its own database
// or prefix, made with [Name], say. A test that stops a container stops it for all.
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
