// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
)

// Own returns a unique name for an object that the test is about to make by other
// means than seatrial's verbs, by [Docker] say, and removes that object at the end
// of the test. The kind is "container", "network" or "volume"; for images see
// [BlankImage]. The role is part of the name, for people to read; it may be empty.
// If no object of that name is made, that is not an error.
//
// The flags are for the docker command that makes the object: they label it.
// Without them it is still removed at the end of the test, but not after a test
// that was killed.
//
//	name, labels := seatrial.Own(t, "container", "db")
//	seatrial.Docker(t, spec.Command{Args: slices.Concat([]string{"run", "--detach", "--name", name}, labels, []string{"postgres:17"})})
//	db := seatrial.WrapContainer(t, spec.Existing{Name: name, As: "db"})
func Own(t T, kind, role string) (name string, flags []string) {
	t.Helper()
	return standard.Own(t, kind, role)
}

// Own is the function [Own], on this engine.
func (e *Engine) Own(t T, kind, role string) (name string, flags []string) {
	t.Helper()
	do(t, e.of(), 0, session.ConnectLimit, func(_ context.Context, sess *session.Session) (_ struct{}, err error) {
		name, flags, err = container.Own(sess, kind, role)
		return
	})
	return name, flags
}
