// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
)

// A Resource is something that a test made and that goes with it. A function that is nil
// has nothing to do.
type Resource struct {
	// Evidence saves what people will want to see after a failure.
	Evidence func(ctx context.Context, dir *artifact.Dir) error

	// Fates says what became of it since it was ready, a line for each part of it;
	// empty lines say nothing. Of a test that passed it says only what may have made it
	// pass on the wrong thing, and takes no time that can be felt.
	Fates func(ctx context.Context, passed bool) []string

	// Remove removes it, whatever state it is in. It is called again if it fails.
	Remove func(ctx context.Context) error

	// Enter returns commands with which people get into it.
	Enter func(ctx context.Context) []string

	// Detach leaves it to people: what goes on for it in this process ends.
	Detach func()

	// UsedByOthers is what is removed after all that is not, as a network after its
	// containers.
	UsedByOthers bool

	// Engines are those that have a part of it, besides the session's own.
	Engines func() []*engine.Engine

	// Handle is what the packages above know it as.
	Handle any
}

// resources are what a test made and what goes with it.
type resources struct {
	mu   sync.Mutex
	list []*Resource // of which nobody changes one that others may have
}

// Track says that a resource goes with the test. It is called before the resource can
// exist on the engine.
func (r *resources) Track(made Resource) *Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, &made)
	return &made
}

// TrackImage tracks whatever the engine has under the name of an image at the end of the
// test. Only the name goes where somebody's container still uses the image.
func (r *resources) TrackImage(on *engine.Engine, ref string) *Resource {
	return r.Track(Resource{UsedByOthers: true, Remove: func(ctx context.Context) error { return on.ReleaseImage(ctx, ref) }})
}

// Forget takes resources off the list: they go by other means.
func (r *resources) Forget(which func(*Resource) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rest []*Resource // the list may be in use: see all
	for _, one := range r.list {
		if !which(one) {
			rest = append(rest, one)
		}
	}
	r.list = rest
}

func (r *resources) all() []*Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list
}

// Fates says what became of all resources, in the order in which they were made.
func (r *resources) Fates(ctx context.Context, passed bool) (said []string) {
	lines, err := parallel.Map(r.all(), func(r *Resource) []string {
		if r.Fates == nil {
			return nil
		}
		return r.Fates(ctx, passed)
	})
	if err != nil {
		said = append(said, "what became of a container is not known: "+err.Error())
	}
	for _, line := range slices.Concat(lines...) {
		if line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return said
}

// Evidence saves the evidence of all resources.
func (r *resources) Evidence(ctx context.Context, dir *artifact.Dir) error {
	return parallel.Do(r.all(), func(r *Resource) error {
		if r.Evidence == nil {
			return nil
		}
		return r.Evidence(ctx, dir)
	})
}

// RemoveAll removes all resources. What others use comes last, and is tried also if they
// could not be removed.
func (r *resources) RemoveAll(ctx context.Context) error {
	return errors.Join(r.removeThose(ctx, false), r.removeThose(ctx, true))
}

func (r *resources) removeThose(ctx context.Context, usedByOthers bool) error {
	return parallel.Do(r.all(), func(r *Resource) error {
		if r.Remove == nil || r.UsedByOthers != usedByOthers {
			return nil
		}
		return Retried(ctx, r.Remove)
	})
}

func (r *resources) detachAll() {
	_ = parallel.Do(r.all(), func(r *Resource) error {
		if r.Detach != nil {
			r.Detach()
		}
		return nil
	})
}

// engines returns all engines that have a part of the resources: first that of the session,
// then those of a swarm's nodes.
func (r *resources) engines(own *engine.Engine) []*engine.Engine {
	all := []*engine.Engine{own}
	for _, one := range r.all() {
		if one.Engines == nil {
			continue
		}
		for _, e := range one.Engines() {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// pauses are those between attempts to remove something: an engine may be restarting.
var pauses = []time.Duration{200 * time.Millisecond, time.Second, 3 * time.Second, 6 * time.Second}

// Retried does something until it succeeds, or a few times.
func Retried(ctx context.Context, do func(context.Context) error) error {
	err := do(ctx)
	for _, pause := range pauses {
		if err == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(pause)
		err = do(ctx)
	}
	return err
}

// quietLooks is how often in a row nothing is to be found until nothing more is expected.
const quietLooks = 4

// Settle removes what others make on the engine, and returns how the last attempt went. The
// engine finishes what a command asked for after the command is gone: where one was cut off,
// as unsure reports, it goes on until nothing more comes. Remove returns how much it found.
func Settle(ctx context.Context, unsure func() bool, remove func(context.Context) (found int, err error)) error {
	_, err := remove(ctx)
	for quiet := 0; unsure() && quiet < quietLooks && ctx.Err() == nil; quiet++ {
		time.Sleep(200 * time.Millisecond)
		var found int
		if found, err = remove(ctx); found > 0 {
			quiet = -1
		}
	}
	return err
}
