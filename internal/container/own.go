// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
)

// Own names a container, network or volume that somebody else is about to make, has it go
// with the test, and returns the flags of docker that label it.
func Own(sess *session.Session, kind, role string) (name string, flags []string, err error) {
	name = owner.Name(sess.Test, role, owner.NewID())
	var r session.Resource
	switch kind {
	case owner.Container:
		r = (&Container{Name: cmp.Or(role, name), ID: name, On: sess.On, Engine: sess.Engine}).Resource()
	case owner.Network:
		r = session.NewObject(kind, name, sess.Engine.RemoveNetwork).Resource()
	case owner.Volume:
		r = session.NewObject(kind, name, sess.Engine.RemoveVolume).Resource()
	default:
		return "", nil, fmt.Errorf("owning a %q: it is not one of container, network and volume\n    hint: BlankImage names an image", kind)
	}
	r.Handle = nil // nothing follows it, and it may never be there
	remove := r.Remove
	r.Remove = func(ctx context.Context) error { // if it was made at all
		return session.Settle(ctx, sess.Unsure.Load, func(ctx context.Context) (int, error) { return 0, remove(ctx) })
	}
	sess.Track(r)
	labels := sess.Labels(kind, name, nil)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		flags = append(flags, "--label="+key+"="+labels[key])
	}
	sess.Artifacts.Note("%s %s named", kind, name)
	return name, flags, nil
}
