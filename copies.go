// SPDX-License-Identifier: Apache-2.0

package seatrial

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
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/tailor"
)

// A mountedCopy is a mount of the file for which there is a volume instead.
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

// bring makes sure that containers find what the project mounts of this machine:
// copies of what they may write to, in volumes, so that the checkout stays as it
// is; and the rest, if the engine has it as this machine has it. Otherwise
// containers would see an empty directory, or what happens to lie there on the
// engine's machine. What it lacks is copied, too, if that is wanted.
func (p *Project) bring(ctx context.Context) error {
	mounts := p.mounts()
	var paths []string
	for _, m := range mounts {
		if !slices.Contains(paths, m.Source) {
			paths = append(paths, m.Source)
		}
	}
	unseen, err := p.scope.engine.Unseen(ctx, p.scope.shelf(), paths)
	if err != nil {
		return err
	}
	copied, err := p.toCopy(mounts, unseen)
	if err != nil || len(copied) == 0 {
		return err
	}
	return p.mountCopies(ctx, copied)
}

// mounts returns what services that are on mount of this machine.
func (p *Project) mounts() []tailor.HostPath {
	mounts := slices.Clone(p.plan.HostPaths)
	for _, c := range p.plan.Copies {
		on := slices.ContainsFunc(p.plan.Services, func(s tailor.Service) bool { return s.Name == c.Service })
		known := slices.ContainsFunc(mounts, func(m tailor.HostPath) bool { return m.Service == c.Service && m.Target == c.Target })
		if on && !known { // by way of a volume
			mounts = append(mounts, tailor.HostPath{Place: c.Place, Source: c.Source, Target: c.Target})
		}
	}
	return mounts
}

// toCopy chooses what is copied, and refuses what the engine does not have.
func (p *Project) toCopy(mounts []tailor.HostPath, unseen []string) ([]mountedCopy, error) {
	var copied []mountedCopy
	var rest []tailor.HostPath
	var refused []error
	for _, m := range mounts {
		written := slices.ContainsFunc(p.plan.Copies, func(c tailor.Copy) bool { return c.Service == m.Service && c.Target == m.Target })
		_, err := os.Stat(m.Source)
		known := err == nil || errors.Is(err, fs.ErrNotExist)
		switch lacking := slices.Contains(unseen, m.Source); {
		case m.Target != "" && (written || lacking && p.spec.CopyMounts && known):
			copied = append(copied, mountedCopy{HostPath: m})
		case lacking:
			err := fmt.Errorf("%s:%d service %s: mounts %s, which the engine (%s) does not have as this machine has it",
				m.File, m.Line, m.Service, m.Source, p.scope.engine.Host())
			if !p.spec.CopyMounts && m.Target != "" {
				err = fmt.Errorf("%w\n    hint: CopyMounts gives the container a copy", err)
			}
			refused = append(refused, err)
		case m.Target != "":
			rest = append(rest, m)
		}
	}
	// Who only reads has to see what others write.
	for _, m := range rest {
		if slices.ContainsFunc(copied, func(c mountedCopy) bool { return within(c.Source, m.Source) }) {
			copied = append(copied, mountedCopy{HostPath: m})
		}
	}
	settle(copied)
	return copied, errors.Join(refused...)
}

// within reports whether a path is a directory or lies in it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// settle finds out what belongs into one volume: mounts of one source, and of what
// lies in it.
func settle(copied []mountedCopy) {
	for i := range copied {
		c := &copied[i]
		c.root = c.Source
		for _, other := range copied {
			if len(other.Source) < len(c.root) && within(other.Source, c.root) {
				c.root = other.Source
			}
		}
		info, err := os.Stat(c.Source)
		c.file = err == nil && !info.IsDir()
	}
}

// mountCopies makes a volume for each root, and the override that mounts them.
func (p *Project) mountCopies(ctx context.Context, copied []mountedCopy) error {
	if err := p.canSubpath(ctx, copied); err != nil {
		return err
	}
	var fillings []engine.Filling
	volumes := map[string]int{} // by root, in fillings
	for i := range copied {
		c := &copied[i]
		n, known := volumes[c.root]
		if !known {
			n = len(fillings)
			volumes[c.root] = n
			f, err := p.filling(ctx, *c, fmt.Sprintf("%s-copy-%d", p.Name, n+1))
			if err != nil {
				return fmt.Errorf("%s:%d service %s: a copy of %s: %w", c.File, c.Line, c.Service, c.root, err)
			}
			fillings = append(fillings, f)
		}
		c.volume = fillings[n].Volume
		fillings[n].Dirs = append(fillings[n].Dirs, c.missing()...)
	}
	p.copies = copiesFile(copied)
	began := time.Now()
	if err := p.scope.engine.Fill(ctx, p.scope.shelf(), fillings...); err != nil {
		return err
	}
	for _, f := range fillings {
		p.scope.dir.Note("%s copied into volume %s", cmp.Or(f.Path, "an empty directory"), f.Volume)
	}
	p.scope.dir.Note("copies made, in %v", time.Since(began).Round(time.Millisecond))
	return nil
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

// filling makes a volume of the project, and says what goes into it.
func (p *Project) filling(ctx context.Context, c mountedCopy, volume string) (engine.Filling, error) {
	f := engine.Filling{Volume: volume, Path: c.root}
	switch size, err := sizeOf(c.root); {
	case errors.Is(err, fs.ErrNotExist): // Compose would make an empty directory
		f.Path = ""
	case err != nil:
		return f, err
	case size > p.plan.CopyLimit:
		return f, fmt.Errorf("it has %d MiB of files, and CopyLimit is %d MiB\n    hint: Paths mounts another directory, or an empty volume; CopyLimit allows more", size>>20, p.plan.CopyLimit>>20)
	}
	labels := p.scope.owner.On(owner.Volume, volume).Labels()
	labels[composeProject] = p.Name // by which the project's end finds it
	return f, p.scope.engine.CreateVolume(ctx, volume, labels)
}

// sizeOf returns how many bytes the files in a directory have, or one file.
func sizeOf(path string) (size int64, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && at != path {
			return nil // it went meanwhile
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		} else if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
	return size, err
}

// canSubpath refuses single files, and directories inside of others, on an engine
// that cannot mount a part of a volume: it would mount the whole.
func (p *Project) canSubpath(ctx context.Context, copied []mountedCopy) error {
	i := slices.IndexFunc(copied, func(c mountedCopy) bool { return c.subpath() != "" })
	if i < 0 {
		return nil
	}
	facts, err := p.scope.engine.Facts(ctx)
	if err != nil || facts.Speaks(subpathAPI) {
		return err
	}
	c := copied[i]
	what := "the file " + c.Source
	if c.root != c.Source {
		what = c.Source + ", which is a part of " + c.root
	}
	return fmt.Errorf("%s:%d service %s: mounts %s, of which this engine (%s, API %s) cannot be given a copy: that takes API %s",
		c.File, c.Line, c.Service, what, p.scope.engine.Host(), facts.API, subpathAPI)
}

// subpathAPI knows volumes' subpaths: that of engine 26.
const subpathAPI = "1.45"

// shelf names a shelf of the test's.
func (sc *scope) shelf() engine.Shelf {
	name := owner.Name(sc.test, "shelf", owner.NewID())
	image := owner.Building("shelf", sc.owner)
	sc.own(&building{sc.engine, image})
	return engine.Shelf{Name: name, Image: image, Labels: sc.owner.On(owner.Container, name).Labels()}
}
