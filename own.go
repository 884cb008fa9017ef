// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
)

// Own mints a name for something that the test is about to make by other means
// than seatrial's verbs, such as [Docker], and has it go with the test: a
// "container", a "network" or a "volume", which is the kind; [BlankImage] is for
// images. The role is part of the name, for people to read; it may be empty. There
// need not be anything of that name in the end.
//
// The flags are those of docker that label it. If they are not given, the test's
// end removes it nevertheless, but no watchdog does after a test that was killed.
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
