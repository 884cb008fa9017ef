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
)

// lacks tells which images of ours an engine does not have that a project needs.
// It would otherwise ask a registry that cannot know them.
func (sc *scope) lacks(ctx context.Context, s spec.Project) error {
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
	return errors.Join(missing...)
}

// elsewhere says that an image of ours is not on this engine. No registry has it
// either, so it is not asked for.
func (sc *scope) elsewhere(ref string) error {
	return fmt.Errorf("image %q is one of seatrial's, and this engine (%s) does not have it\n    hint: Engine.Load brings it there", ref, sc.engine.Host())
}
