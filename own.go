// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/owner"
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
		name, flags, err = ownNamed(sess, kind, role)
		return
	})
	return name, flags
}

func ownNamed(sess *session.Session, kind, role string) (name string, flags []string, err error) {
	name = owner.Name(sess.Test, role, owner.NewID())
	var r session.Resource
	switch kind {
	case owner.Container:
		r = (&container.Container{Name: cmp.Or(role, name), ID: name, On: sess.On, Engine: sess.Engine}).Resource()
	case owner.Network:
		r = (&container.Network{Name: name, ID: name, Engine: sess.Engine}).Resource()
	case owner.Volume:
		r = (&container.Volume{Name: name, Engine: sess.Engine}).Resource()
	default:
		return "", nil, fmt.Errorf("owning a %q: it is none of container, network and volume\n    hint: BlankImage names an image", kind)
	}
	remove := r.Remove
	r.Remove = func(ctx context.Context) error { return removeNamed(ctx, sess, remove) }
	sess.Track(r)
	labels := sess.Owner.On(kind, name).Labels()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		flags = append(flags, "--label="+key+"="+labels[key])
	}
	sess.Artifacts.Note("%s %s named", kind, name)
	return name, flags, nil
}

// removeNamed removes what others make, if at all. The engine finishes what a command
// asked for after the command is gone.
func removeNamed(ctx context.Context, sess *session.Session, remove func(context.Context) error) error {
	err := remove(ctx)
	for range 4 {
		if err != nil || !sess.Unsure.Load() || ctx.Err() != nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
		err = remove(ctx)
	}
	return err
}
