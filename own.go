// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
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
	do(t, e, 0, connectLimit, func(_ context.Context, sc *session) (_ struct{}, err error) {
		name, flags, err = ownNamed(sc, kind, role)
		return
	})
	return name, flags
}

func ownNamed(sc *session, kind, role string) (name string, flags []string, err error) {
	name = owner.Name(sc.test, role, owner.NewID())
	switch kind {
	case owner.Container:
		sc.track(&named{&Container{Name: cmp.Or(role, name), ID: name, on: sc.on, engine: sc.engine}, sc, false})
	case owner.Network:
		sc.track(&named{&Network{Name: name, ID: name, engine: sc.engine}, sc, true})
	case owner.Volume:
		sc.track(&named{&Volume{Name: name, engine: sc.engine}, sc, true})
	default:
		return "", nil, fmt.Errorf("owning a %q: it is none of container, network and volume\n    hint: BlankImage names an image", kind)
	}
	labels := sc.owner.On(kind, name).Labels()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		flags = append(flags, "--label="+key+"="+labels[key])
	}
	sc.dir.Note("%s %s named", kind, name)
	return name, flags, nil
}

// A named resource is one that others make, if at all.
type named struct {
	resource
	session *session
	used    bool
}

func (n *named) isUsed() bool { return n.used }

func (n *named) remove(ctx context.Context) error {
	err := n.resource.remove(ctx)
	// The engine finishes what a command asked for after the command is gone.
	for range 4 {
		if err != nil || !n.session.unsure.Load() || ctx.Err() != nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
		err = n.resource.remove(ctx)
	}
	return err
}
