// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
)

// Unused is how long an unused built image stays.
const Unused = 5 * 24 * time.Hour

// MarkUse notes that a built image is used on a day, by a second name with that day,
// which replaces an older one. It returns false if the image has just been removed.
// If the image has the name already, the engine is not asked.
func MarkUse(ctx context.Context, e *engine.Engine, ref string, is engine.Image, day time.Time) (bool, error) {
	today := owner.UsedTag(ref, day)
	if slices.Contains(is.Names, today) {
		return true, nil
	}
	err := e.Tag(ctx, ref, today)
	if engine.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, name := range is.Names {
		if old, last, ok := owner.ReadBuilt(name); ok && old == ref && !last.IsZero() {
			if err := e.ReleaseImage(ctx, name); err != nil {
				return false, err
			}
		}
	}
	has, err := e.HasImage(ctx, ref, "") // its removal may have begun before it got this name
	return has, err
}

// A Built is a built image.
type Built struct {
	Ref   string
	ID    string
	Used  time.Time // the day of its last use; zero if no name has it
	names []string
}

// unusedSince reports whether its last use was before a time. Only the day of that
// use is known, so the end of the day counts.
func (b Built) unusedSince(t time.Time) bool { return !b.Used.Add(24 * time.Hour).After(t) }

// BuiltImages lists the images that seatrial built, the longest unused first.
func BuiltImages(ctx context.Context, e *engine.Engine) ([]Built, error) {
	return builtImages(ctx, e, owner.BuiltPattern)
}

func builtImages(ctx context.Context, e *engine.Engine, pattern string) ([]Built, error) {
	objects, err := e.ImagesNamed(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("listing images: %w", err)
	}
	all := map[string]*Built{}
	for _, o := range objects {
		ref, day, ok := owner.ReadBuilt(o.Name)
		if !ok || o.Labels[owner.LabelKind] != owner.Image {
			continue
		}
		b := all[ref]
		if b == nil {
			b = &Built{Ref: ref}
			all[ref] = b
		}
		b.names = append(b.names, o.Name)
		if o.Name == ref || b.ID == "" {
			b.ID = o.ID
		}
		if day.After(b.Used) {
			b.Used = day
		}
	}
	var list []Built
	for _, b := range all {
		slices.Sort(b.names) // its own name is the shortest, so it comes first
		list = append(list, *b)
	}
	slices.SortFunc(list, func(a, b Built) int {
		if c := a.Used.Compare(b.Used); c != 0 {
			return c
		}
		return strings.Compare(a.Ref, b.Ref)
	})
	return list, nil
}

// RemoveBuilt removes a built image whose last use was before a time, unless it is
// in use after all. The removal is never forced.
func RemoveBuilt(ctx context.Context, e *engine.Engine, b Built, before time.Time) (gone bool, err error) {
	removed := false // whether its own name was removed
	for _, name := range b.names {
		if name == b.Ref {
			removed = true
		}
		if err := e.RemoveImage(ctx, name); err != nil {
			return false, ignoreInUse(err)
		}
	}
	// A process that found the image just before its name was removed has tagged it for
	// today.
	now, err := builtImages(ctx, e, b.Ref+"*") // only its own names, as an engine may have hundreds of images
	if err != nil {
		return false, err
	}
	for _, is := range now {
		if is.Ref == b.Ref && !is.unusedSince(before) {
			if removed {
				err = e.Tag(ctx, is.names[0], is.Ref)
			}
			return false, err
		}
	}
	return true, nil
}

func ignoreInUse(err error) error {
	if engine.IsInUse(err) {
		return nil
	}
	return err
}

// A Fate is the outcome for a built image.
type Fate struct {
	Remove bool // it should be removed
	Gone   bool // it was removed
	Why    string
}

// RemoveUnused removes the built images without containers that have not been used
// since a time; if only is set, it just reports them. It calls tell for each built
// image.
func RemoveUnused(ctx context.Context, e *engine.Engine, before time.Time, only bool, tell func(Built, Fate)) error {
	all, err := BuiltImages(ctx, e)
	if err != nil {
		return err
	}
	used, err := e.ImagesInUse(ctx)
	if err != nil {
		return fmt.Errorf("listing containers: %w", err)
	}
	var errs []error
	for _, b := range all {
		if ctx.Err() != nil {
			return errors.Join(append(errs, fmt.Errorf("removing image %s and those that were used after it: %w", b.Ref, context.Cause(ctx)))...)
		}
		fate := Fate{Why: "nobody knows when it was used last"}
		if !b.Used.IsZero() {
			fate.Why = "it was used last on " + b.Used.Format(time.DateOnly)
		}
		switch {
		case !b.unusedSince(before):
		case used[b.ID]:
			fate.Why = "a container was made from it"
		case only:
			fate.Remove = true
		default:
			fate.Remove = true
			if fate.Gone, err = RemoveBuilt(ctx, e, b, before); err != nil {
				errs = append(errs, fmt.Errorf("removing image %s: %w", b.Ref, err))
			}
		}
		tell(b, fate)
	}
	return errors.Join(errs...)
}

// trimming keeps the tests of one process from trimming at the same time.
var trimming sync.Mutex

// Trim removes unused images, at most once a day for each engine, which it notes in
// a file in dir. It returns how many it removed.
func Trim(ctx context.Context, e *engine.Engine, dir, id string, now time.Time) (n int, err error) {
	if dir == "" {
		return 0, nil
	}
	trimming.Lock()
	defer trimming.Unlock()
	stamp := filepath.Join(dir, owner.Slug(id))
	if info, err := os.Stat(stamp); err == nil && now.Sub(info.ModTime()) < 24*time.Hour {
		return 0, nil
	}
	// The time is noted first, so that a trim that hangs or fails is not repeated all
	// day.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	if err := os.WriteFile(stamp, nil, 0o600); err != nil {
		return 0, err
	}
	if err := os.Chtimes(stamp, now, now); err != nil {
		return 0, err
	}
	err = RemoveUnused(ctx, e, now.Add(-Unused), false, func(_ Built, f Fate) {
		if f.Gone {
			n++
		}
	})
	return n, err
}
