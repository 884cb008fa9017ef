// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
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

// Track says that a resource goes with the test. It is called before the resource can
// exist on the engine.
func (s *Session) Track(r Resource) *Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources = append(s.resources, &r)
	return &r
}

// TrackImage tracks whatever the engine has under the name of an image at the end of the
// test. Only the name goes where somebody's container still uses the image.
func (s *Session) TrackImage(on *engine.Engine, ref string) *Resource {
	return s.Track(Resource{UsedByOthers: true, Remove: func(ctx context.Context) error { return on.ReleaseImage(ctx, ref) }})
}

// Forget takes resources off the list: they go by other means.
func (s *Session) Forget(which func(*Resource) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rest []*Resource // the list may be in use: see all
	for _, r := range s.resources {
		if !which(r) {
			rest = append(rest, r)
		}
	}
	s.resources = rest
}

// Handles returns what the packages above know the resources of a test as, on all engines.
func Handles(t T) []any {
	process.Lock()
	var all []*Session
	for key, s := range process.sessions {
		if key.T == t {
			all = append(all, s)
		}
	}
	process.Unlock()
	var handles []any
	for _, s := range all {
		for _, r := range s.all() {
			if r.Handle != nil {
				handles = append(handles, r.Handle)
			}
		}
	}
	return handles
}

func (s *Session) all() []*Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resources
}

// Fates says what became of all resources, in the order in which they were made.
func (s *Session) Fates(ctx context.Context, passed bool) (said []string) {
	lines, err := parallel.Map(s.all(), func(r *Resource) []string {
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
func (s *Session) Evidence(ctx context.Context, dir *artifact.Dir) error {
	return parallel.Do(s.all(), func(r *Resource) error {
		if r.Evidence == nil {
			return nil
		}
		return r.Evidence(ctx, dir)
	})
}

// RemoveAll removes all resources. What others use comes last, and is tried also if they
// could not be removed.
func (s *Session) RemoveAll(ctx context.Context) error {
	return errors.Join(s.removeThose(ctx, false), s.removeThose(ctx, true))
}

func (s *Session) removeThose(ctx context.Context, usedByOthers bool) error {
	return parallel.Do(s.all(), func(r *Resource) error {
		if r.Remove == nil || r.UsedByOthers != usedByOthers {
			return nil
		}
		return Retried(ctx, r.Remove)
	})
}

func (s *Session) detachAll() {
	_ = parallel.Do(s.all(), func(r *Resource) error {
		if r.Detach != nil {
			r.Detach()
		}
		return nil
	})
}

// engines returns all engines that have something of the session's: its own first, then
// those of a swarm's nodes.
func (s *Session) engines() []*engine.Engine {
	all := []*engine.Engine{s.Engine}
	for _, r := range s.all() {
		if r.Engines == nil {
			continue
		}
		for _, e := range r.Engines() {
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

// Owned returns those of the objects that were made in this session's run: names alone
// prove nothing.
func (s *Session) Owned(kind string, objects []engine.Object) []engine.Object {
	var all []engine.Object
	for _, o := range objects {
		if tuple, ok := owner.Read(kind, o.Name, o.Labels); ok && tuple.Run == s.Owner.Run {
			all = append(all, o)
		}
	}
	return all
}
