// SPDX-License-Identifier: Apache-2.0

package push

import (
	"context"
	"errors"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/lock"
)

// A Record remembers what was pushed to a registry. It is valid as long as the registry
// exists.
type Record struct{ ids sync.Map } // of images, by engine and name

// here has the names that this process is pushing, as there may be no directory for
// locks that other processes see.
var here sync.Map

// To pushes the image ref of the engine to a registry, as name, which is untagged
// again. An image in the record is not pushed again. If another process is pushing
// the name, waiting is called once with its description.
func To(ctx context.Context, e *engine.Engine, ref, name string, pushed *Record, waiting func(holder string)) error {
	facts, err := e.Facts(ctx)
	if err != nil {
		return err
	}
	release, err := alone(ctx, facts.ID+" push "+name, "pushing image "+name, waiting)
	if err != nil {
		return err
	}
	defer release()
	id, err := e.ImageID(ctx, ref)
	if err != nil {
		return err
	}
	key := facts.ID + " " + name
	if last, _ := pushed.ids.Load(key); last == id {
		return nil
	}
	if err := e.Tag(ctx, ref, name); err != nil {
		return err
	}
	err = e.Push(ctx, name, engine.Command{})
	if err == nil {
		pushed.ids.Store(key, id)
	}
	return errors.Join(err, e.ReleaseImage(context.WithoutCancel(ctx), name)) // nodes pull it from the registry
}

// alone takes a lock for the work, against goroutines of this process and other
// processes.
func alone(ctx context.Context, key, what string, waiting func(string)) (release func(), err error) {
	turn, _ := here.LoadOrStore(key, make(chan struct{}, 1))
	mine := turn.(chan struct{})
	select {
	case mine <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	unlock, err := lock.Take(ctx, lock.Dir(), key, what, waiting)
	if err != nil && ctx.Err() != nil {
		<-mine
		return nil, err
	}
	return func() {
		if unlock != nil {
			unlock()
		}
		<-mine
	}, nil
}
