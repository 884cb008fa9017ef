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
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// checkProjectImages tells what an engine does not have that a project needs: images that
// were built on another engine, and BuildKit. It would otherwise ask a registry
// that cannot know the image, and start BuildKit in a container that stays.
func checkProjectImages(ctx context.Context, sc *session.Session, s spec.Project, plan *tailor.Plan) error {
	refs := slices.Collect(maps.Values(s.Images))
	for _, service := range plan.Services {
		refs = append(refs, service.Image)
	}
	slices.Sort(refs)
	missing, err := missingImages(ctx, sc, slices.Compact(refs))
	if err != nil {
		return err
	}
	for _, service := range plan.Services {
		if !service.Build {
			continue
		}
		if err := sc.Engine.BuildKit(ctx); err != nil {
			missing = append(missing, fmt.Errorf("service %s: %w", service.Name, err))
		}
		break
	}
	return errors.Join(missing...)
}

// missingImages names the images of ours among these that the engine does not have.
func missingImages(ctx context.Context, sc *session.Session, refs []string) ([]error, error) {
	var missing []error
	for _, ref := range refs {
		if !strings.HasPrefix(ref, owner.ImageRoot) {
			continue
		}
		has, err := sc.Engine.HasImage(ctx, ref, "")
		if err != nil {
			return nil, err
		}
		if !has {
			missing = append(missing, notOnEngine(sc, ref))
		}
	}
	return missing, nil
}

// notOnEngine says that an image of ours is not on this engine. No registry has it
// either, so it is not asked for.
func notOnEngine(sc *session.Session, ref string) error {
	return fmt.Errorf("image %q comes from no registry, and this engine (%s) does not have it\n    hint: Engine.Load brings it there", ref, sc.Engine.Host())
}
