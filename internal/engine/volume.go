// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/moby/moby/client"
)

// volumes are the calls for volumes.
type volumes struct{ *connection }

// Volumes lists the volumes that carry a label with this value.
func (e *volumes) Volumes(ctx context.Context, label, value string) ([]Object, error) {
	list, err := e.api.VolumeList(ctx, client.VolumeListOptions{Filters: labelled(label, value)})
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, v := range list.Items {
		all = append(all, Object{ID: v.Name, Name: v.Name, Labels: v.Labels, Driver: v.Driver})
	}
	return all, nil
}

// CreateVolume creates an empty volume.
func (e *volumes) CreateVolume(ctx context.Context, name string, labels map[string]string) error {
	_, err := e.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: labels})
	return err
}

// RemoveVolume removes a volume. One that is gone already is no error.
func (e *volumes) RemoveVolume(ctx context.Context, name string) error {
	_, err := e.api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
	return ignore(err, IsNotFound)
}

// HasVolume reports whether there is a volume of this name.
func (e *volumes) HasVolume(ctx context.Context, name string) (bool, error) {
	_, err := e.api.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
	return err == nil, ignore(err, IsNotFound)
}
