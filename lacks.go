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
// were built on another engine, and BuildKit. It would otherwise ask a registry
// that cannot know the image, and start BuildKit in a container that stays.
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
	return errors.Join(missing...)
}

// elsewhere says that an image of ours is not on this engine. No registry has it
// either, so it is not asked for.
func (sc *scope) elsewhere(ref string) error {
	return fmt.Errorf("image %q is one of seatrial's, and this engine (%s) does not have it\n    hint: Engine.Load brings it there", ref, sc.engine.Host())
}
