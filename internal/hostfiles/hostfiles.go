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

// SubpathAPI is the API version, of engine 26, from which a part of a volume can be
// mounted. An older engine would mount the whole volume.
const SubpathAPI = "1.45"

// Helper returns a copy helper on an engine, which the session removes.
func Helper(sess *session.Session, on *engine.Engine) engine.CopyHelper {
	name := owner.Name(sess.Test, "helper", owner.NewID())
	image := owner.Building("helper", sess.AtWork())
	sess.TrackImage(on, image)
	// The container is removed directly, as it never runs, unless the engine itself ends
	// with the test.
	sess.Track(session.Resource{Remove: func(ctx context.Context) error { return on.Remove(ctx, name) }})
	return engine.CopyHelper{Name: name, Image: image, Labels: sess.Labels(owner.Container, name, nil)}
}

// Unseen returns those of the paths that the session's engine does not have, or has
// differently.
func Unseen(ctx context.Context, sess *session.Session, paths []string) ([]string, error) {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "" })
	return sess.Engine.Unseen(ctx, func() engine.CopyHelper { return Helper(sess, sess.Engine) }, paths)
}

// Filling describes the content to copy into a volume. It is empty if the path does not
// exist, where Docker would make an empty directory. More than limit bytes are an error.
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

// sizeOf returns the total size in bytes of the files in a directory, or of one file.
func sizeOf(path string) (size int64, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && at != path {
			return nil // it was removed meanwhile
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
