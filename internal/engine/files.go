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

// blank is an image without a file, which every engine can make by itself.
const blank = "localhost/seatrial/blank:1"

// Unseen returns those of the paths of this machine that the engine does not
// have as we do: it runs in a virtual machine, or elsewhere, or we in a
// container. Nothing is run and nothing written for that: the engine is asked
// for what a container would get to see. The container, which is created for a
// moment, has this name and these labels. A path that is not there is unseen.
func (e *Engine) Unseen(ctx context.Context, name string, labels map[string]string, paths []string) ([]string, error) {
	if same, _ := e.sharesNamespace("mnt"); same || len(paths) == 0 {
		return nil, nil
	}
	if err := e.importBlank(ctx); err != nil {
		return nil, fmt.Errorf("making an empty image: %w", err)
	}
	var unseen []string
	for _, path := range paths {
		ok, err := e.sees(ctx, name, labels, path)
		if err != nil {
			return nil, fmt.Errorf("asking the engine whether it has %s: %w", path, err)
		}
		if !ok {
			unseen = append(unseen, path)
		}
	}
	return unseen, nil
}

func (e *Engine) sees(ctx context.Context, name string, labels map[string]string, path string) (yes bool, err error) {
	ours, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	const there = "/there"
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name:   name,
		Config: &container.Config{Image: blank, Cmd: []string{"none"}, Labels: labels},
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

// Fill copies a file or directory of this machine into a volume. The container
// that it takes, which is created for a moment, has this name and these labels.
func (e *Engine) Fill(ctx context.Context, name string, labels map[string]string, volume, path string) (err error) {
	if err := e.importBlank(ctx); err != nil {
		return fmt.Errorf("making an empty image: %w", err)
	}
	const there = "/there"
	created, err := e.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name:       name,
		Config:     &container.Config{Image: blank, Cmd: []string{"none"}, Labels: labels},
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

func (e *Engine) importBlank(ctx context.Context) error {
	has, err := e.HasImage(ctx, blank)
	if err != nil || has {
		return err
	}
	empty := client.ImageImportSource{Source: bytes.NewReader(make([]byte, 1024)), SourceName: "-"} // a tar's end
	answer, err := e.api.ImageImport(ctx, empty, blank, client.ImageImportOptions{})
	if err != nil {
		return err
	}
	defer answer.Close()
	return streamError(answer)
}
