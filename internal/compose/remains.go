// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
)

// remains removes what there is of a project on the engine, whatever made it. It asks the
// engine and not docker compose, which stops services one after the other, with a grace
// period for each.
type remains struct {
	session     *session.Session
	project     string // its name on the engine
	keepVolumes bool   // those that are there stay
	containers  *containers

	mu        sync.Mutex
	anonymous []string // volumes that were noted before something was recreated
	unsure    bool     // docker compose was cut off: the engine may still be creating
}

// removeContainers removes the project's containers at the end of the test.
func (r *remains) removeContainers(ctx context.Context) error {
	r.containers.stopListening()
	if _, err := r.sweepContainers(ctx); err != nil {
		return fmt.Errorf("project %s: %w", r.project, err)
	}
	return nil
}

// removeRest removes what the containers used at the end of the test, which those of other
// projects may use, too.
func (r *remains) removeRest(ctx context.Context) error {
	first := true
	err := session.Settle(ctx, r.isUnsure, func(ctx context.Context) (found int, err error) {
		if !first { // containers, too, may have been made meanwhile
			found, err = r.sweepContainers(ctx)
		}
		first = false
		rest, failed := r.sweepRest(ctx, r.keepVolumes)
		return found + rest, errors.Join(err, failed)
	})
	if err != nil {
		return fmt.Errorf("project %s: %w", r.project, err)
	}
	return nil
}

// markUnsure notes that the engine may still be creating what nobody waits for any more.
func (r *remains) markUnsure() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsure = true
}

func (r *remains) isUnsure() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unsure
}

// sweepContainers removes the project's containers. It returns how many it found.
func (r *remains) sweepContainers(ctx context.Context) (found int, err error) {
	list, err := r.session.Engine.Containers(ctx, engine.ComposeProject, r.project)
	if err != nil {
		return 0, err
	}
	list = r.session.Owned(owner.Container, list)
	err = parallel.Do(list, func(o engine.Object) error {
		c := r.containers.Get(o.ID)
		if c == nil {
			c = &container.Container{Name: o.Name, ID: o.ID, Engine: r.session.Engine}
		}
		return c.Remove(ctx)
	})
	for _, c := range append(r.containers.All(), r.containers.Past()...) {
		c.Close(ctx) // also of containers that were removed meanwhile
	}
	return len(list), err
}

// sweepRest removes what else there is of the project, but volumes if they are to be kept.
// It returns how many objects it found.
func (r *remains) sweepRest(ctx context.Context, keepVolumes bool) (found int, err error) {
	e := r.session.Engine
	networks, err := e.Networks(ctx, engine.ComposeProject, r.project)
	volumes, failed := e.Volumes(ctx, engine.ComposeProject, r.project)
	err = errors.Join(err, failed)
	// By their names, as docker compose makes them: for labels the engine reads all images
	// that it has, which takes seconds where there are hundreds.
	images, failed := e.ImagesNamed(ctx, r.project+"-*")
	err = errors.Join(err, failed)
	networks, volumes, images = r.session.Owned(owner.Network, networks), r.session.Owned(owner.Volume, volumes), r.session.Owned(owner.Image, images)
	if keepVolumes {
		volumes = nil
	}
	r.mu.Lock()
	anonymous := r.anonymous
	r.mu.Unlock()
	return len(networks) + len(volumes) + len(images), errors.Join(err, e.RemoveUnused(ctx, anonymous),
		parallel.Do(networks, func(o engine.Object) error { return e.RemoveNetwork(ctx, o.ID) }),
		parallel.Do(volumes, func(o engine.Object) error { return e.RemoveVolume(ctx, o.Name) }),
		parallel.Do(images, func(o engine.Object) error { return e.ReleaseImage(ctx, o.Name) }))
}

// noteAnonymous notes the anonymous volumes that there are, which Compose takes over into
// containers that it recreates.
func (r *remains) noteAnonymous(ctx context.Context) error {
	for _, c := range r.containers.All() {
		volumes, err := r.session.Engine.Anonymous(ctx, c.ID)
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.anonymous = append(r.anonymous, volumes...)
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.anonymous)
	r.anonymous = slices.Compact(r.anonymous)
	return nil
}

// removeUnused removes the anonymous volumes of mounts that there are no more.
func (r *remains) removeUnused(ctx context.Context) error {
	r.mu.Lock()
	anonymous := r.anonymous
	r.mu.Unlock()
	return r.session.Engine.RemoveUnused(ctx, anonymous)
}
