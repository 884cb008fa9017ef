// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostfiles"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// A mountedCopy is a mount of the Compose file in whose place there is a volume.
type mountedCopy struct {
	tailor.HostPath
	root   string // what is copied into one volume: the source, or a directory above it
	volume string
	file   bool // the source is one
}

// subpath is where the source is in the volume.
func (c mountedCopy) subpath() string {
	if c.root != c.Source {
		rel, _ := filepath.Rel(c.root, c.Source)
		return filepath.ToSlash(rel)
	}
	if c.file {
		return filepath.Base(c.Source)
	}
	return ""
}

// copyVolumes are the volumes in which a project has copies of what it mounts of this
// machine. They are kept when the project is updated.
type copyVolumes struct {
	session *session.Session
	project string                 // its name on the engine
	of      map[string]*copyVolume // by copyKey
}

type copyVolume struct {
	name string
	dirs []string // that were made in it, because what is copied has none such
}

// provide makes sure that containers find what a plan mounts of this machine: copies of what
// they may write to, in volumes, so that the checkout stays as it is; and the rest, if the
// engine has it as this machine has it. Otherwise containers would see an empty directory, or
// what happens to lie there on the engine's machine. What it lacks is copied, too, if all is
// to be. It returns the override that mounts the volumes, if there are any.
func (v *copyVolumes) provide(ctx context.Context, plan *tailor.Plan, all bool) (override []byte, err error) {
	mounts := mountsOf(plan)
	var paths []string
	for _, m := range mounts {
		if !slices.Contains(paths, m.Source) {
			paths = append(paths, m.Source)
		}
	}
	unseen, err := hostfiles.Unseen(ctx, v.session, paths)
	if err != nil {
		return nil, err
	}
	copied, err := toCopy(plan, mounts, unseen, v.session.Engine.Host(), all)
	if err != nil || len(copied) == 0 {
		return nil, err
	}
	if err := v.canSubpath(ctx, copied); err != nil {
		return nil, err
	}
	if err := v.fill(ctx, plan, copied); err != nil {
		return nil, err
	}
	return copiesFile(copied), nil
}

// mountsOf returns what services that are on mount of this machine.
func mountsOf(plan *tailor.Plan) []tailor.HostPath {
	mounts := slices.Clone(plan.HostPaths)
	for _, c := range plan.Copies {
		on := slices.ContainsFunc(plan.Services, func(s tailor.Service) bool { return s.Name == c.Service })
		known := slices.ContainsFunc(mounts, func(m tailor.HostPath) bool { return m.Service == c.Service && m.Target == c.Target })
		if on && !known { // by way of a volume
			mounts = append(mounts, tailor.HostPath{Place: c.Place, Source: c.Source, Target: c.Target})
		}
	}
	return mounts
}

// toCopy chooses the mounts that are copied, and refuses those that the engine does not have.
func toCopy(plan *tailor.Plan, mounts []tailor.HostPath, unseen []string, host string, all bool) ([]mountedCopy, error) {
	var copied []mountedCopy
	var rest []tailor.HostPath
	var refused []error
	for _, m := range mounts {
		written := slices.ContainsFunc(plan.Copies, func(c tailor.Copy) bool { return c.Service == m.Service && c.Target == m.Target })
		_, err := os.Stat(m.Source)
		absent := errors.Is(err, fs.ErrNotExist)
		known := err == nil || absent
		switch lacking := slices.Contains(unseen, m.Source); {
		case absent && m.MustExist:
			refused = append(refused, fmt.Errorf("%s:%d service %s: mounts %s, which does not exist, and create_host_path is false", m.File, m.Line, m.Service, m.Source))
		case absent && !lacking && m.ReadOnly && m.Target != "": // the engine would make it here, and leave it
			copied = append(copied, mountedCopy{HostPath: m})
		case m.Target != "" && (written || lacking && all && known):
			copied = append(copied, mountedCopy{HostPath: m})
		case lacking:
			err := fmt.Errorf("%s:%d service %s: mounts %s, which the engine (%s) does not have as this machine has it",
				m.File, m.Line, m.Service, m.Source, host)
			if !all && m.Target != "" {
				err = fmt.Errorf("%w\n    hint: CopyMounts gives the container a copy", err)
			}
			refused = append(refused, err)
		case m.Target != "":
			rest = append(rest, m)
		}
	}
	// Who only reads has to see what others write.
	for _, m := range rest {
		if slices.ContainsFunc(copied, func(c mountedCopy) bool { return hostpath.LiesIn(c.Source, m.Source) }) {
			copied = append(copied, mountedCopy{HostPath: m})
		}
	}
	findRoots(copied)
	return copied, errors.Join(refused...)
}

// findRoots groups the mounts that share a volume: those of one source, and of what lies in
// it.
func findRoots(copied []mountedCopy) {
	for i := range copied {
		c := &copied[i]
		c.root = c.Source
		for _, other := range copied {
			if len(other.Source) < len(c.root) && hostpath.LiesIn(other.Source, c.root) {
				c.root = other.Source
			}
		}
		info, err := os.Stat(c.Source)
		c.file = err == nil && !info.IsDir()
	}
}

// fill makes a volume for each root, if there is none yet, and fills it.
func (v *copyVolumes) fill(ctx context.Context, plan *tailor.Plan, copied []mountedCopy) error {
	fillings, err := v.fillings(ctx, plan, copied)
	if err != nil || len(fillings) == 0 {
		return err
	}
	began := time.Now()
	if err := v.session.Engine.Fill(ctx, hostfiles.Helper(v.session, v.session.Engine), fillings...); err != nil {
		return err
	}
	for _, f := range fillings {
		v.session.Artifacts.Note("%s copied into volume %s", cmp.Or(f.Path, "an empty directory"), f.Volume)
	}
	v.session.Artifacts.Note("copies made, in %v", time.Since(began).Round(time.Millisecond))
	return nil
}

// fillings creates the volumes that do not exist yet, and returns what goes into them. It
// notes in each copy which volume it is in.
func (v *copyVolumes) fillings(ctx context.Context, plan *tailor.Plan, copied []mountedCopy) ([]engine.Filling, error) {
	var fillings []engine.Filling
	index := map[string]int{} // in fillings, by volume
	for i := range copied {
		c := &copied[i]
		key := copyKey(plan.Dir, c.root)
		volume := v.of[key]
		if volume == nil {
			volume = &copyVolume{name: fmt.Sprintf("%s-copy-%d", v.project, len(v.of)+1)}
			f, err := v.create(ctx, volume.name, key, c.root, plan.CopyLimit)
			if err != nil {
				return nil, fmt.Errorf("%s:%d service %s: a copy of %s: %w", c.File, c.Line, c.Service, c.root, err)
			}
			v.of[key] = volume
			index[volume.name] = len(fillings)
			fillings = append(fillings, f)
		}
		c.volume = volume.name
		for _, dir := range c.missing() {
			if slices.Contains(volume.dirs, dir) {
				continue
			}
			n, there := index[volume.name]
			if !there {
				n = len(fillings)
				index[volume.name] = n
				fillings = append(fillings, engine.Filling{Volume: volume.name})
			}
			fillings[n].Dirs = append(fillings[n].Dirs, dir)
			volume.dirs = append(volume.dirs, dir)
		}
	}
	return fillings, nil
}

// copyKey identifies a copy. For a path in the project's directory it is the path relative to
// that, since the files of the next version may lie in another directory.
func copyKey(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// missing returns the directories that have to be made in the volume so that it
// has the subpath.
func (c mountedCopy) missing() (dirs []string) {
	for at := c.Source; at != c.root; at = filepath.Dir(at) {
		if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
			rel, _ := filepath.Rel(c.root, at)
			dirs = append(dirs, filepath.ToSlash(rel))
		}
	}
	slices.Reverse(dirs)
	return dirs
}

// create makes a volume of the project, and says what goes into it.
func (v *copyVolumes) create(ctx context.Context, volume, key, root string, limit int64) (engine.Filling, error) {
	f, err := hostfiles.Filling(root, volume, limit)
	if err != nil {
		return f, err
	}
	labels := v.session.Owner.Data().On(owner.Volume, volume).Labels()
	labels[engine.ComposeProject] = v.project // by which the project's end finds it
	labels[owner.LabelCopy] = key
	return f, v.session.Engine.CreateVolume(ctx, volume, labels)
}

// canSubpath refuses single files, and directories inside of others, on an engine, or
// with a docker compose, that cannot mount a part of a volume: it would mount the whole.
func (v *copyVolumes) canSubpath(ctx context.Context, copied []mountedCopy) error {
	i := slices.IndexFunc(copied, func(c mountedCopy) bool { return c.subpath() != "" })
	if i < 0 {
		return nil
	}
	old, isNew, err := v.subpaths(ctx)
	if err != nil || old == nil && isNew {
		return err
	}
	c := copied[i]
	what := "the file " + c.Source
	if c.root != c.Source {
		what = c.Source + ", which is a part of " + c.root
	}
	if old != nil {
		return fmt.Errorf("%s:%d service %s: mounts %s, of which containers cannot be given a copy: that takes %w", c.File, c.Line, c.Service, what, old)
	}
	facts, err := v.session.Engine.Facts(ctx)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s:%d service %s: mounts %s, of which this engine (%s, API %s) cannot be given a copy: that takes API %s",
		c.File, c.Line, c.Service, what, v.session.Engine.Host(), facts.API, hostfiles.SubpathAPI)
}

// subpaths says which docker compose it would take to mount a part of a volume, if this
// one does not know that, and whether the engine does.
func (v *copyVolumes) subpaths(ctx context.Context) (oldCompose error, engineKnows bool, err error) {
	facts, err := v.session.Engine.Facts(ctx)
	if err != nil {
		return nil, false, err
	}
	return v.session.Engine.ComposeSince(subpathCompose), facts.Speaks(hostfiles.SubpathAPI), nil
}

// What knows volumes' subpaths: engine 26 by its API, and a docker compose. One that
// is a little older takes them, and does not pass them on.
const (
	subpathCompose = "2.26.0"
)
