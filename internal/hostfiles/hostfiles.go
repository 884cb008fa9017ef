// SPDX-License-Identifier: Apache-2.0

package hostfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
)

// SubpathAPI is what an engine must speak that mounts a part of a volume: that of engine
// 26. An older one would mount the whole.
const SubpathAPI = "1.45"

// Helper returns a copy helper of the session's on an engine.
func Helper(sess *session.Session, on *engine.Engine) engine.CopyHelper {
	name := owner.Name(sess.Test, "helper", owner.NewID())
	image := owner.Building("helper", sess.AtWork())
	sess.TrackImage(on, image)
	// It goes at once, unless the engine does.
	sess.Track(session.Resource{Remove: func(ctx context.Context) error { return on.Remove(ctx, name) }})
	return engine.CopyHelper{Name: name, Image: image, Labels: sess.Labels(owner.Container, name, nil)}
}

// Unseen returns those of the paths that the session's engine does not have as we do.
func Unseen(ctx context.Context, sess *session.Session, paths []string) ([]string, error) {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "" })
	return sess.Engine.Unseen(ctx, Helper(sess, sess.Engine), paths)
}

// Filling says with what a volume is filled: with nothing, if there is nothing at
// the path, where Docker would make an empty directory. More than limit bytes are an error.
func Filling(path, volume string, limit int64) (engine.Filling, error) {
	f := engine.Filling{Volume: volume, Path: filepath.Clean(path)}
	switch size, err := sizeOf(path); {
	case errors.Is(err, fs.ErrNotExist):
		f.Path = ""
	case err != nil:
		return f, err
	case size > limit:
		return f, fmt.Errorf("it has %d MiB of files, and CopyLimit is %d MiB\n    hint: Paths mounts another directory, or an empty volume; CopyLimit allows more", size>>20, limit>>20)
	}
	return f, nil
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
