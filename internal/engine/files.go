// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// A CopyHelper is a container that is created for a moment and never started, so that
// the engine shows or takes files; and its image, which has none. Every engine can
// make one by itself.
type CopyHelper struct {
	Name   string // of the container
	Image  string // a name for the image
	Labels map[string]string
}

// copies move files between this machine and the engine's, by containers that never run.
type copies struct {
	*connection
	processes  *processes
	containers *containers
	images     *images
}

// Unseen returns those of the paths of this machine that the engine does not
// have as we do: it runs in a virtual machine, or elsewhere, or we in a
// container. Nothing is run and nothing written for that: the engine is asked
// for what a container would get to see. Of a path that is not there, the nearest
// directory above it counts.
// The helper is asked for only where it is needed.
func (e *copies) Unseen(ctx context.Context, helper func() CopyHelper, paths []string) (unseen []string, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	if same, _ := e.processes.sharesNamespace("mnt"); same {
		return nil, nil
	}
	s := helper()
	if err := e.importBlank(ctx, s.Image); err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, e.images.RemoveImage(context.WithoutCancel(ctx), s.Image)) }()
	for _, path := range paths {
		ok, err := e.sees(ctx, s, path)
		if err != nil {
			return nil, fmt.Errorf("asking the engine whether it has %s: %w", path, err)
		}
		if !ok {
			unseen = append(unseen, path)
		}
	}
	return unseen, nil
}

func (e *copies) sees(ctx context.Context, s CopyHelper, path string) (yes bool, err error) {
	path, err = nearest(path)
	if err != nil {
		return false, err
	}
	for range 3 { // what is in use changes between two looks
		before, err := os.Stat(path)
		if err != nil {
			return false, err
		}
		yes, err = e.shows(ctx, s, path, before)
		if yes || err != nil {
			return yes, err
		}
		after, err := os.Stat(path)
		if err != nil || after.ModTime().Equal(before.ModTime()) {
			return false, err
		}
	}
	return false, nil
}

// nearest returns a path, or, if it is not there or cannot be looked at, the
// nearest directory above it: Docker makes a directory that is missing there.
func nearest(path string) (string, error) {
	for {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		up := filepath.Dir(path)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) || up == path {
			return "", err
		}
		path = up
	}
}

// shows reports whether a container would see at a path what we see.
func (e *copies) shows(ctx context.Context, s CopyHelper, path string, ours fs.FileInfo) (yes bool, err error) {
	mounted, there := path, "/there"
	if link, err := os.Lstat(path); err == nil && link.Mode().IsRegular() {
		// Podman 4 answers nothing about a file that is mounted by itself.
		mounted, there = filepath.Dir(path), "/there/"+filepath.Base(path)
	}
	id, err := e.createHelper(ctx, s, mount.Mount{Type: mount.TypeBind, Source: mounted, Target: "/there", ReadOnly: true})
	if cerrdefs.IsInvalidArgument(err) { // bind source path does not exist
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = cmp.Or(err, e.containers.Remove(context.WithoutCancel(ctx), id)) }()
	theirs, err := e.api.ContainerStatPath(ctx, id, client.ContainerStatPathOptions{Path: there})
	if cerrdefs.IsNotFound(err) { // the directory is there, and not the file
		return false, nil
	}
	if err != nil || !sameFile(ours, theirs.Stat) {
		return false, err
	}
	content, err := e.containers.CopyOut(ctx, id, there)
	if err != nil {
		return false, err
	}
	defer content.Close()
	return sameContent(path, content), nil
}

// sameFile compares what a file of another machine would hardly have in common.
// File systems between machines may know whole seconds only.
func sameFile(ours fs.FileInfo, theirs container.PathStat) bool {
	sameTime := ours.ModTime().Equal(theirs.Mtime)
	if theirs.Mtime.Nanosecond() == 0 || ours.ModTime().Nanosecond() == 0 {
		sameTime = ours.ModTime().Unix() == theirs.Mtime.Unix()
	}
	return sameTime && ours.Mode().Type() == theirs.Mode.Type() && (ours.IsDir() || ours.Size() == theirs.Size)
}

// How much of what lies there is compared.
const (
	enoughEntries = 100
	enoughBytes   = 1 << 20
)

// sameContent compares the beginning of a tar archive, of what the engine has at
// a path, with what we have there. A checkout of the same commit on another
// machine may have the same times. What cannot be compared counts as the same.
func sameContent(path string, archive io.Reader) bool {
	in := tar.NewReader(archive)
	compared := int64(0)
	for range enoughEntries {
		header, err := in.Next()
		if err != nil || compared > enoughBytes {
			return err == nil || errors.Is(err, io.EOF)
		}
		_, below, _ := strings.Cut(header.Name, "/") // the first word is the mount's
		name := filepath.Join(path, filepath.FromSlash(below))
		ours, err := os.Lstat(name)
		if name == path {
			ours, err = os.Stat(name)
		}
		if err != nil {
			return errors.Is(err, fs.ErrPermission)
		}
		if !ours.Mode().IsRegular() || header.Typeflag != tar.TypeReg {
			if ours.IsDir() != (header.Typeflag == tar.TypeDir) {
				return false
			}
			continue
		}
		n, same := sameBytes(name, in, header.Size)
		if compared += n; !same {
			return false
		}
	}
	return true
}

// sameBytes compares the beginning of a file.
func sameBytes(name string, theirs io.Reader, size int64) (n int64, same bool) {
	file, err := os.Open(name)
	if err != nil {
		return 0, errors.Is(err, fs.ErrPermission)
	}
	defer file.Close()
	n = min(size, enoughBytes)
	a, errA := io.ReadAll(io.LimitReader(file, n))
	b, errB := io.ReadAll(io.LimitReader(theirs, n))
	return n, errA == nil && errB == nil && bytes.Equal(a, b)
}

// createHelper creates the container, whose image is there.
func (e *copies) createHelper(ctx context.Context, s CopyHelper, mounts ...mount.Mount) (id string, err error) {
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name:       s.Name,
		Config:     &container.Config{Image: s.Image, Cmd: []string{"none"}, Labels: s.Labels},
		HostConfig: &container.HostConfig{NetworkMode: "none", Mounts: mounts},
	})
	return created.ID, err
}

// importBlank makes an image without a file.
func (e *copies) importBlank(ctx context.Context, name string) error {
	empty := client.ImageImportSource{Source: bytes.NewReader(make([]byte, 1024)), SourceName: "-"} // a tar's end
	answer, err := e.api.ImageImport(ctx, empty, name, client.ImageImportOptions{})
	if err == nil {
		defer answer.Close()
		err = streamError(answer)
	}
	if err != nil {
		return fmt.Errorf("making an empty image: %w", err)
	}
	return nil
}
