// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// lacks tells what an engine does not have that a project needs: images that
// were built on another engine, files of this machine, and BuildKit. It would
// otherwise ask a registry that cannot know the image, mount an empty directory,
// and start BuildKit in a container that stays.
func (sc *scope) lacks(ctx context.Context, s spec.Project, plan *tailor.Plan) error {
	var missing []error
	for _, key := range slices.Sorted(maps.Keys(s.Images)) {
		ref := s.Images[key]
		if !strings.HasPrefix(ref, owner.ImageRoot) {
			continue
		}
		has, err := sc.engine.HasImage(ctx, ref)
		if err != nil {
			return err
		}
		if !has {
			missing = append(missing, sc.elsewhere(ref))
		}
	}
	for _, service := range plan.Services {
		if !service.Build {
			continue
		}
		if err := sc.engine.BuildKit(ctx); err != nil {
			missing = append(missing, fmt.Errorf("service %s: %w", service.Name, err))
		}
		break
	}
	unseen, err := sc.unseen(ctx, plan.HostPaths)
	return errors.Join(append(missing, unseen, err)...)
}

// elsewhere says that an image of ours is not on this engine. No registry has it
// either, so it is not asked for.
func (sc *scope) elsewhere(ref string) error {
	return fmt.Errorf("image %q is one of seatrial's, and this engine (%s) does not have it\n    hint: Engine.Load brings it there", ref, sc.engine.Host())
}

// unseen names the files and directories that the engine does not have as this
// machine has them.
func (sc *scope) unseen(ctx context.Context, mounted []tailor.HostPath) (unseen, err error) {
	var paths []string
	for _, m := range mounted {
		if !slices.Contains(paths, m.Source) {
			paths = append(paths, m.Source)
		}
	}
	name := owner.Name(sc.test, "look", owner.NewID())
	missing, err := sc.engine.Unseen(ctx, name, sc.owner.On(owner.Container, name).Labels(), paths)
	if err != nil {
		return nil, err
	}
	var all []error
	for _, m := range mounted {
		if slices.Contains(missing, m.Source) {
			all = append(all, fmt.Errorf("%s:%d service %s: mounts %s, which the engine (%s) does not have as this machine has it",
				m.File, m.Line, m.Service, m.Source, sc.engine.Host()))
		}
	}
	return errors.Join(all...), nil
}
