// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// A Found is an object on the engine with seatrial's labels.
type Found struct {
	Kind string
	engine.Object
	Tuple   owner.Tuple   // if it is ours
	Verdict owner.Verdict // set by Assess
	Why     string
	Kept    bool
}

// listLimit bounds a list, which takes an engine a fraction of a second. If the engine
// hangs, it is asked again.
const listLimit = 15 * time.Second

// List lists the objects of a run, or of all runs if run is empty. Objects that use
// others come first.
func List(ctx context.Context, e *engine.Engine, run string) ([]Found, error) {
	ctx, cancel := context.WithTimeout(ctx, listLimit)
	defer cancel()
	is, err := e.RecentMembership(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for the swarm: %w", err)
	}
	lists := []lister{{owner.Container, e.Containers}, {owner.Network, e.Networks}, {owner.Volume, e.Volumes}, {owner.Image, committed(e)}}
	if is.Node != "" && !is.Manages {
		lists[1].list = e.OwnNetworks
	}
	if is.Manages {
		lists = append([]lister{{owner.Service, services(e)}, {owner.Secret, e.Secrets}, {owner.Config, e.Configs}}, lists...)
	}
	var all []Found
	for _, l := range lists {
		objects, err := l.list(ctx, owner.LabelRun, run)
		if err != nil {
			return nil, fmt.Errorf("listing %ss: %w", l.kind, err)
		}
		for _, o := range objects {
			kind := l.kind
			if said := o.Labels[owner.LabelKind]; kind == owner.Volume && (said == owner.Record || said == owner.Use) {
				kind = said
			}
			tuple, _ := owner.Read(kind, o.Name, o.Labels)
			all = append(all, Found{Kind: kind, Object: o, Tuple: tuple})
		}
	}
	building, err := building(ctx, e, run)
	return append(all, building...), err
}

type lister struct {
	kind string
	list func(ctx context.Context, label, value string) ([]engine.Object, error)
}

// committed lists the images that were committed from containers, the only ones with
// labels of a run. It searches by name, and among untagged images for those that have
// no name yet: a search by label makes the engine read every image, which takes
// seconds if there are hundreds.
func committed(e *engine.Engine) func(context.Context, string, string) ([]engine.Object, error) {
	return func(ctx context.Context, label, value string) ([]engine.Object, error) {
		named, err := e.ImagesNamed(ctx, owner.CommitPattern)
		if err != nil {
			return nil, err
		}
		unnamed, err := e.UntaggedImages(ctx, label)
		return slices.DeleteFunc(append(named, unnamed...), func(o engine.Object) bool {
			is, has := o.Labels[label]
			return !has || value != "" && is != value
		}), err
	}
}

func services(e *engine.Engine) func(context.Context, string, string) ([]engine.Object, error) {
	return func(ctx context.Context, label, value string) ([]engine.Object, error) {
		list, err := e.Services(ctx, label, value)
		var all []engine.Object
		for _, s := range list {
			all = append(all, s.Object)
		}
		return all, err
	}
}

// building lists the images that a run is building, which are known only by their names.
func building(ctx context.Context, e *engine.Engine, run string) ([]Found, error) {
	objects, err := e.ImagesNamed(ctx, owner.BuildingPattern)
	if err != nil {
		return nil, fmt.Errorf("listing images: %w", err)
	}
	var all []Found
	for _, o := range objects {
		labels, ok := owner.ReadBuilding(o.Name, process.Self())
		if !ok || run != "" && labels[owner.LabelRun] != run {
			continue
		}
		o.Labels = labels
		tuple, _ := owner.Read(owner.Image, o.Name, labels)
		all = append(all, Found{Kind: owner.Image, Object: o, Tuple: tuple})
	}
	return all, nil
}

// Assess lists the objects of a run, or of all runs if run is empty, with a verdict
// on each.
func Assess(ctx context.Context, e *engine.Engine, run string) ([]Found, error) {
	all, err := List(ctx, e, run)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	now, err := e.Now(ctx)
	if err != nil {
		return nil, err
	}
	judge := owner.Judge{Self: process.Self(), Now: now, Alive: process.Alive}
	for i := range all {
		f := &all[i]
		f.Verdict, f.Why = judge.Judge(f.Kind, f.Name, f.Labels)
	}
	// A process that lived when the objects were listed may have kept its objects
	// and ended before the check for it. It wrote its record before its end.
	records, err := records(ctx, e, run)
	if err != nil {
		return nil, err
	}
	judge.Kept, judge.Used = kept(records), used(judge, records)
	for i := range all {
		f := &all[i]
		f.Verdict, f.Why = judge.Judge(f.Kind, f.Name, f.Labels)
		f.heldElsewhere(records, now)
		_, kept := judge.Kept[f.Tuple.Scope]
		_, used := judge.Used[f.Tuple.Scope]
		f.Kept = kept && !used
	}
	return all, nil
}

// heldElsewhere makes an object of a stack live that belongs to an environment started
// through another engine of the swarm: all managers list the object, but the records are only
// on that engine. The object's labels limit the time.
func (f *Found) heldElsewhere(records []Found, now time.Time) {
	if f.Verdict != owner.Dead || f.Tuple.Environment() == 0 || f.Labels[engine.StackNamespace] == "" || !now.Before(f.Tuple.Until) {
		return
	}
	if slices.ContainsFunc(records, func(r Found) bool { return r.Tuple.Run == f.Tuple.Run }) {
		return
	}
	f.Verdict, f.Why = owner.Living, fmt.Sprintf("it belongs to stack %s, of which this engine has no record: another one of the swarm may have", f.Labels[engine.StackNamespace])
}

// kept reads from records which scopes are kept, and until when.
func kept(all []Found) map[string]time.Time {
	kept := map[string]time.Time{}
	for _, f := range all {
		if f.Kind != owner.Record {
			continue
		}
		for _, scope := range []string{f.Tuple.Scope, f.Tuple.Data().Scope} { // while it runs, its data is kept, too
			if scope != "" && f.Tuple.Until.After(kept[scope]) {
				kept[scope] = f.Tuple.Until
			}
		}
	}
	return kept
}

// used reads from records which processes use which shared scopes.
func used(judge owner.Judge, all []Found) map[string]string {
	used := map[string]string{}
	for _, f := range all {
		if verdict, why := judge.Judge(f.Kind, f.Name, f.Labels); f.Kind == owner.Use && verdict == owner.Living {
			used[f.Tuple.Scope], used[f.Tuple.Data().Scope] = why, why
		}
	}
	return used
}

// records reads the records of a run, or of all runs if run is empty.
func records(ctx context.Context, e *engine.Engine, run string) ([]Found, error) {
	volumes, err := e.Volumes(ctx, owner.LabelRun, run)
	if err != nil {
		return nil, fmt.Errorf("listing volumes: %w", err)
	}
	var all []Found
	for _, o := range volumes {
		for _, kind := range []string{owner.Record, owner.Use} {
			if tuple, ok := owner.Read(kind, o.Name, o.Labels); ok {
				all = append(all, Found{Kind: kind, Object: o, Tuple: tuple})
			}
		}
	}
	return all, nil
}

// The tasks of a removed service end later, and use its networks until then.
const (
	usedBriefly = 50
	usedAgain   = 200 * time.Millisecond
)

// atOnce removals keep an engine busy; more would only wait in its queues.
const atOnce = 8

// Remove removes objects; those that use others come first. It tries all, and the
// error names those that remain. It calls done, under a lock, for each object that
// is gone, and for each image that stays because a container uses it, which is no
// error. Shared objects that a process has begun to use in the meantime stay.
func Remove(ctx context.Context, e *engine.Engine, objects []Found, done func(f Found, gone bool)) error {
	objects, release, err := settle(ctx, e, objects)
	defer release()
	return errors.Join(err, Clear(ctx, e, objects, done))
}

// Clear is Remove for a caller that holds the lock of shared objects.
func Clear(ctx context.Context, e *engine.Engine, objects []Found, done func(f Found, gone bool)) error {
	stop(ctx, e, objects)
	var errs []error
	served := slices.ContainsFunc(objects, func(f Found) bool { return f.Kind == owner.Service })
	for _, kinds := range [][]string{{owner.Service}, {owner.Container}, {owner.Network, owner.Volume, owner.Image, owner.Secret, owner.Config}, {owner.Record, owner.Use}} {
		var mu sync.Mutex
		var wg sync.WaitGroup
		slots := make(chan struct{}, atOnce)
		for _, o := range objects {
			if !slices.Contains(kinds, o.Kind) {
				continue
			}
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				err := remove(ctx, e, o)
				for range usedBriefly {
					if err == nil || ctx.Err() != nil || !goesSoon(o, served, err) {
						break
					}
					time.Sleep(usedAgain)
					err = remove(ctx, e, o)
				}
				mu.Lock()
				defer mu.Unlock()
				used := o.Kind == owner.Image && engine.IsInUse(err)
				if err != nil && !used {
					errs = append(errs, fmt.Errorf("removing %s %s: %w", o.Kind, o.Name, err))
				} else if done != nil {
					done(o, !used)
				}
			})
		}
		wg.Wait()
	}
	if len(errs) > 0 {
		return &RefusedError{errors.Join(errs...)}
	}
	return nil
}

// stop ends the containers of environments whose data stays as docker compose down does: with
// their stop signal and grace period. A database may write its last changes only then.
func stop(ctx context.Context, e *engine.Engine, objects []Found) {
	var wg sync.WaitGroup
	for _, o := range objects {
		if o.isOutlived(objects) {
			wg.Go(func() { _ = e.Stop(ctx, o.ID) }) // a container that does not stop is killed later
		}
	}
	wg.Wait()
}

// isOutlived reports whether a container of an environment writes to something that stays when
// the objects are removed. Data of tests is no longer needed then.
func (f *Found) isOutlived(objects []Found) bool {
	if f.Kind != owner.Container || f.Tuple.Environment() == 0 || f.State != "running" {
		return false
	}
	return slices.ContainsFunc(f.Writes, func(name string) bool {
		return !slices.ContainsFunc(objects, func(o Found) bool { return o.Kind == owner.Volume && o.Name == name })
	})
}

// goesSoon reports whether an object that could not be removed can be in a moment: tasks of a
// removed service may use it, or it is a network that the managers have removed and this node
// still lists, for which moby has no class of error.
// https://github.com/moby/moby/blob/v28.0.0/daemon/cluster/helpers.go
func goesSoon(o Found, served bool, err error) bool {
	return served && (o.Kind == owner.Network || o.Kind == owner.Volume) || o.Kind == owner.Network && engine.IsOutOfOrder(err)
}

// A RefusedError says that the engine answered, but did not remove everything.
type RefusedError struct{ error }

func (e *RefusedError) Unwrap() error { return e.error }

func remove(ctx context.Context, e *engine.Engine, o Found) error {
	switch o.Kind {
	case owner.Container:
		return e.Remove(ctx, o.ID)
	case owner.Service:
		return e.RemoveService(ctx, o.ID)
	case owner.Secret:
		return e.RemoveSecret(ctx, o.ID)
	case owner.Config:
		return e.RemoveConfig(ctx, o.ID)
	case owner.Network:
		return e.RemoveNetwork(ctx, o.ID)
	case owner.Volume, owner.Record, owner.Use:
		return e.RemoveVolume(ctx, o.Name)
	case owner.Image:
		return e.RemoveImage(ctx, o.Ref())
	}
	return fmt.Errorf("objects of kind %q are unknown", o.Kind)
}

// Dead removes all objects whose owners are dead, except those of the run but,
// whatever their verdict. It returns how many there were.
func Dead(ctx context.Context, e *engine.Engine, but string, done func(f Found, gone bool)) (int, error) {
	all, err := Assess(ctx, e, "")
	if err != nil {
		return 0, err
	}
	dead := slices.DeleteFunc(all, func(f Found) bool { return f.Verdict != owner.Dead || but != "" && f.Tuple.Run == but })
	return len(dead), Remove(ctx, e, dead, done)
}

// Whole removes an environment with its data and its records. It returns how many objects
// there were.
func Whole(ctx context.Context, e *engine.Engine, run string) (int, error) {
	all, err := Assess(ctx, e, run)
	if err != nil {
		return 0, err
	}
	all = slices.DeleteFunc(all, func(f Found) bool { return f.Verdict == owner.NotOurs || f.Tuple.Environment() == 0 })
	return len(all), Clear(ctx, e, all, nil)
}

// Run removes all objects of a run except kept ones; the run's process must be
// gone. It returns how many there were, without images that containers of others
// use.
func Run(ctx context.Context, e *engine.Engine, run string) (int, error) {
	all, err := List(ctx, e, run)
	if err != nil {
		return 0, err
	}
	judge := owner.Judge{Kept: kept(all)}
	ours := slices.DeleteFunc(all, func(f Found) bool { return !judge.Owned(run, f.Kind, f.Name, f.Labels) })
	n := len(ours)
	err = Remove(ctx, e, ours, func(_ Found, gone bool) {
		if !gone {
			n--
		}
	})
	return n, err
}
