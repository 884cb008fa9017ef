// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"

	"github.com/moby/moby/api/types/mount"
)

// A Filling is a file or directory of this machine, and the volume into which it
// is copied.
type Filling struct {
	Volume string
	Path   string   // empty: nothing is copied
	Dirs   []string // directories to make in it, each after those above it
}

// Fill copies files and directories of this machine into volumes.
func (e *copies) Fill(ctx context.Context, s CopyHelper, fillings ...Filling) (err error) {
	if err := e.importBlank(ctx, s.Image); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, e.images.RemoveImage(context.WithoutCancel(ctx), s.Image)) }()
	there := func(i int) string { return fmt.Sprintf("there-%d", i) }
	var mounts []mount.Mount
	for i, f := range fillings {
		mounts = append(mounts, mount.Mount{Type: mount.TypeVolume, Source: f.Volume, Target: "/" + there(i), VolumeOptions: &mount.VolumeOptions{NoCopy: true}})
	}
	id, err := e.createHelper(ctx, s, mounts...)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, e.containers.Remove(context.WithoutCancel(ctx), id)) }()
	for i, f := range fillings {
		if f.Path != "" {
			if err := e.fillOne(ctx, id, archive(f.Path, there(i))); err != nil {
				return fmt.Errorf("copying %s: %w", f.Path, err)
			}
		}
		if len(f.Dirs) > 0 {
			if err := e.fillOne(ctx, id, emptyDirs(there(i), f.Dirs)); err != nil {
				return fmt.Errorf("making directories in a copy of %s: %w", f.Path, err)
			}
		}
	}
	return nil
}

// fillOne unpacks into the root: the engine leaves the directory alone into which
// it unpacks, and the volume is to have the owner and the mode of what is copied.
func (e *copies) fillOne(ctx context.Context, id string, content *archived) error {
	defer content.Close()
	err := e.containers.CopyIn(ctx, id, "/", content)
	if why := content.reason(); why != nil {
		err = why
	}
	return err
}
