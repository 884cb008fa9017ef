// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// A Shelf is a container that is created for a moment and never started, so that
// the engine shows or takes files; and its image, which has none. Every engine can
// make one by itself.
type Shelf struct {
	Name   string // of the container
	Image  string // a name for the image
	Labels map[string]string
}

// Unseen returns those of the paths of this machine that the engine does not
// have as we do: it runs in a virtual machine, or elsewhere, or we in a
// container. Nothing is run and nothing written for that: the engine is asked
// for what a container would get to see. A path that is not there is unseen.
func (e *Engine) Unseen(ctx context.Context, s Shelf, paths []string) (unseen []string, err error) {
	if same, _ := e.sharesNamespace("mnt"); same || len(paths) == 0 {
		return nil, nil
	}
	if err := e.importBlank(ctx, s.Image); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.RemoveImage(context.WithoutCancel(ctx), s.Image)) }()
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

func (e *Engine) sees(ctx context.Context, s Shelf, path string) (yes bool, err error) {
	ours, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	const there = "/there"
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name:   s.Name,
		Config: &container.Config{Image: s.Image, Cmd: []string{"none"}, Labels: s.Labels},
		HostConfig: &container.HostConfig{NetworkMode: "none", Mounts: []mount.Mount{
			{Type: mount.TypeBind, Source: path, Target: there, ReadOnly: true},
		}},
	})
	if cerrdefs.IsInvalidArgument(err) { // bind source path does not exist
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, e.Remove(context.WithoutCancel(ctx), created.ID)) }()
	theirs, err := e.api.ContainerStatPath(ctx, created.ID, client.ContainerStatPathOptions{Path: there})
	if err != nil {
		return false, err
	}
	return sameFile(ours, theirs.Stat), nil
}

// sameFile compares what a file of another machine would hardly have in common.
// File systems between machines may know whole seconds only.
func sameFile(ours fs.FileInfo, theirs container.PathStat) bool {
	return ours.Mode().Type() == theirs.Mode.Type() &&
		ours.ModTime().Unix() == theirs.Mtime.Unix() &&
		(ours.IsDir() || ours.Size() == theirs.Size)
}

// Fill copies a file or directory of this machine into a volume.
func (e *Engine) Fill(ctx context.Context, s Shelf, volume, path string) (err error) {
	if err := e.importBlank(ctx, s.Image); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.RemoveImage(context.WithoutCancel(ctx), s.Image)) }()
	const there = "/there"
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name:       s.Name,
		Config:     &container.Config{Image: s.Image, Cmd: []string{"none"}, Labels: s.Labels},
		HostConfig: &container.HostConfig{NetworkMode: "none", Mounts: []mount.Mount{{Type: mount.TypeVolume, Source: volume, Target: there}}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Remove(context.WithoutCancel(ctx), created.ID)) }()
	content := archive(path)
	defer content.Close()
	return e.CopyIn(ctx, created.ID, there, content)
}

// importBlank makes an image without a file.
func (e *Engine) importBlank(ctx context.Context, name string) error {
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
