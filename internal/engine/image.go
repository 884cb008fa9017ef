// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
)

// images are the calls for images: where they come from, and their names.
type images struct {
	*connection
	commands *commands
}

// HasImage reports whether the engine has an image under this reference; for a
// platform, if one is given.
func (e *images) HasImage(ctx context.Context, ref, platform string) (bool, error) {
	is, err := e.api.ImageInspect(ctx, ref)
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil || platform == "" {
		return err == nil, err
	}
	wanted, err := platforms.Parse(platform)
	if err != nil {
		return false, err
	}
	if platforms.OnlyStrict(wanted).Match(platforms.Platform{OS: is.Os, Architecture: is.Architecture, Variant: is.Variant}) {
		return true, nil
	}
	if versions.LessThan(e.api.ClientVersion(), manyPlatforms) {
		return false, nil
	}
	_, err = e.api.ImageInspect(ctx, ref, client.ImageInspectWithPlatform(&wanted))
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// manyPlatforms is the API from which an image can be asked for one of its
// platforms. https://docs.docker.com/reference/api/engine/version-history/
const manyPlatforms = "1.49"

// An Image is what an engine says of an image.
type Image struct {
	ID     string
	Names  []string // with tags
	Labels map[string]string
	Made   string // what it is made of: its configuration and the ids of its layers
}

// Image looks an image up. One that is missing is an error of [IsNotFound].
func (e *images) Image(ctx context.Context, ref string) (Image, error) {
	is, err := e.api.ImageInspect(ctx, ref)
	if err != nil {
		return Image{}, err
	}
	made, err := json.Marshal([]any{is.Config, is.RootFS.Layers, is.Os, is.Architecture, is.Variant})
	if err != nil {
		return Image{}, err
	}
	i := Image{ID: is.ID, Names: is.RepoTags, Made: string(made)}
	if is.Config != nil {
		i.Labels = is.Config.Labels
	}
	return i, nil
}

// ImagesInUse returns the ids of the images that containers were made from,
// running or not.
func (e *images) ImagesInUse(ctx context.Context) (map[string]bool, error) {
	list, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, c := range list.Items {
		used[c.ImageID] = true
	}
	return used, nil
}

// ImagesNamed lists the names of images that match a pattern, as docker image ls
// --filter reference has it. An image with two names is there twice; one without a name
// is [Object.Untagged].
func (e *images) ImagesNamed(ctx context.Context, pattern string) ([]Object, error) {
	return e.list(ctx, make(client.Filters).Add("reference", pattern), "")
}

// UntaggedImages lists the images with a label that have no name, as a commit leaves them
// that was cut off.
func (e *images) UntaggedImages(ctx context.Context, label string) ([]Object, error) {
	return e.list(ctx, make(client.Filters).Add("dangling", "true"), label)
}

// untagged stands in the place of names where an old engine has none.
const untagged = "<none>:<none>"

func (e *images) list(ctx context.Context, filters client.Filters, label string) ([]Object, error) {
	list, err := e.api.ImageList(ctx, client.ImageListOptions{Filters: filters})
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, i := range list.Items {
		if _, has := i.Labels[label]; label != "" && !has {
			continue
		}
		names := slices.DeleteFunc(i.RepoTags, func(name string) bool { return name == untagged })
		for _, name := range names {
			all = append(all, Object{ID: i.ID, Name: name, Labels: i.Labels})
		}
		if len(names) == 0 {
			name, err := e.committedAs(ctx, i.ID)
			if err != nil {
				return nil, err
			}
			all = append(all, Object{ID: i.ID, Name: name, Labels: i.Labels, Untagged: true})
		}
	}
	return all, nil
}

// Tag gives an image another name.
func (e *images) Tag(ctx context.Context, id, ref string) error {
	_, err := e.api.ImageTag(ctx, client.ImageTagOptions{Source: id, Target: ref})
	return err
}

// RemoveImage removes a name of an image, and the image with its last name. One
// that is gone already is no error. For one that a container still uses, the
// error is one of [IsInUse].
func (e *images) RemoveImage(ctx context.Context, ref string) error {
	_, err := e.api.ImageRemove(ctx, ref, client.ImageRemoveOptions{PruneChildren: true})
	return ignore(err, IsNotFound)
}

// ReleaseImage is RemoveImage, and leaves an image that a container still uses.
func (e *images) ReleaseImage(ctx context.Context, ref string) error {
	return ignore(e.RemoveImage(ctx, ref), IsInUse)
}

// Pull pulls an image through the docker command, which knows the user's
// credentials: for a platform, or, if it is empty, the engine's own.
func (e *images) Pull(ctx context.Context, ref, platform string) error {
	args := []string{"image", "pull", "--quiet"}
	if platform != "" {
		args = append(args, "--platform="+platform)
	}
	if err := e.commands.Docker(ctx, Command{Args: append(args, ref)}); err != nil {
		return fmt.Errorf("pulling image %q: %w", ref, err)
	}
	return nil
}

// PullWithProgress is Pull, and writes what goes on, as docker compose writes it for programs: docker
// image pull tells bytes to terminals alone. What docker compose cannot pull, Pull tries again,
// and says why in its words.
func (e *images) PullWithProgress(ctx context.Context, ref, platform string, out io.Writer) error {
	service := map[string]string{"image": escaped(ref)}
	if platform != "" {
		service["platform"] = escaped(platform)
	}
	file, err := json.Marshal(map[string]any{"services": map[string]any{"one": service}})
	if err != nil {
		return err
	}
	err = e.commands.Docker(ctx, Command{
		Args: []string{"compose", "--progress", "json", "--project-name", "pull", "--project-directory", os.TempDir(), "--env-file", os.DevNull, "--file", "-", "pull"},
		In:   bytes.NewReader(file), Out: out, Err: out,
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return e.Pull(ctx, ref, platform)
}

// escaped is a text that docker compose takes as it is.
func escaped(text string) string { return strings.ReplaceAll(text, "$", "$$") }
