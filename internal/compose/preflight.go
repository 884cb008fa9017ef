// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// checkImages reports what a project needs and the engine lacks: images that were built on
// another engine, and BuildKit. Otherwise Compose would ask a registry that cannot know the
// image, and start BuildKit in a container that stays.
func checkImages(ctx context.Context, sess *session.Session, s spec.Project, plan *tailor.Plan) error {
	refs := slices.AppendSeq(slices.Collect(maps.Values(s.Images)), maps.Values(s.StandIns))
	for _, service := range plan.Services {
		refs = append(refs, service.Image)
	}
	slices.Sort(refs)
	missing, err := image.Missing(ctx, sess, slices.Compact(refs))
	if err != nil {
		return err
	}
	for _, service := range plan.Services {
		if !service.Build {
			continue
		}
		if err := sess.Engine.BuildKit(ctx); err != nil {
			missing = append(missing, fmt.Errorf("service %s: %w", service.Name, err))
		}
		break
	}
	return errors.Join(missing...)
}
