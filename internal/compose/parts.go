// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostfiles"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/tailor"
)

// makeParts makes the volumes of which containers mount a part, with the directories that
// they mount: an engine starts none that mounts a part which is not there. To docker
// compose they are its own.
func (v *copyVolumes) makeParts(ctx context.Context, plan *tailor.Plan) error {
	if len(plan.VolumeParts) == 0 {
		return nil
	}
	old, isNew, err := v.subpaths(ctx)
	if err == nil && old == nil && !isNew {
		old = fmt.Errorf("API %s, of engine 26", hostfiles.SubpathAPI)
	}
	if err := errors.Join(err, old); err != nil {
		return fmt.Errorf("containers mount parts of an empty volume, which takes %w", err)
	}
	var fillings []engine.Filling
	for _, key := range slices.Sorted(maps.Keys(plan.VolumeParts)) {
		f, err := v.partsOf(ctx, key, plan.VolumeParts[key])
		if err != nil {
			return err
		}
		if len(f.Dirs) > 0 {
			fillings = append(fillings, f)
		}
	}
	if len(fillings) == 0 {
		return nil
	}
	return v.session.Engine.Fill(ctx, hostfiles.Helper(v.session, v.session.Engine), fillings...)
}

// partsOf makes a volume of the project, and says which directories it lacks.
func (v *copyVolumes) partsOf(ctx context.Context, key string, parts []string) (engine.Filling, error) {
	volume := v.of["volume "+key]
	if volume == nil {
		volume = &copyVolume{name: v.project + "_" + key}
		labels := v.session.Owner.Data().On(owner.Volume, "*"+v.project+"*").Labels()
		labels[engine.ComposeProject], labels[engine.ComposeVolume] = v.project, key
		if err := v.session.Engine.CreateVolume(ctx, volume.name, labels); err != nil {
			return engine.Filling{}, err
		}
		v.of["volume "+key] = volume
	}
	f := engine.Filling{Volume: volume.name}
	for _, part := range parts {
		var above []string
		for at := part; at != "." && !slices.Contains(volume.dirs, at); at = path.Dir(at) {
			above = append(above, at)
		}
		slices.Reverse(above)
		f.Dirs, volume.dirs = append(f.Dirs, above...), append(volume.dirs, above...)
	}
	return f, nil
}
