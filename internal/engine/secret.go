// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
)

// CreateSecret creates a secret in the swarm, and returns its id.
func (e *services) CreateSecret(ctx context.Context, name string, data []byte, labels map[string]string) (id string, err error) {
	created, err := e.api.SecretCreate(ctx, client.SecretCreateOptions{Spec: swarm.SecretSpec{
		Annotations: swarm.Annotations{Name: name, Labels: labels}, Data: data,
	}})
	return created.ID, err
}

// Secrets lists the secrets that carry a label with this value, or with any if it
// is empty.
func (e *services) Secrets(ctx context.Context, label, value string) ([]Object, error) {
	list, err := e.api.SecretList(ctx, client.SecretListOptions{Filters: labelled(label, value)})
	var all []Object
	for _, s := range list.Items {
		all = append(all, Object{ID: s.ID, Name: s.Spec.Name, Labels: s.Spec.Labels})
	}
	return all, err
}

// RemoveSecret removes a secret, by its id or name. One that is gone already is
// no error.
func (e *services) RemoveSecret(ctx context.Context, id string) error {
	_, err := e.api.SecretRemove(ctx, id, client.SecretRemoveOptions{})
	return ignore(err, IsNotFound)
}

// CreateConfig creates a config in the swarm, and returns its id.
func (e *services) CreateConfig(ctx context.Context, name string, data []byte, labels map[string]string) (id string, err error) {
	created, err := e.api.ConfigCreate(ctx, client.ConfigCreateOptions{Spec: swarm.ConfigSpec{
		Annotations: swarm.Annotations{Name: name, Labels: labels}, Data: data,
	}})
	return created.ID, err
}

// Configs lists the configs that carry a label with this value, or with any if it
// is empty.
func (e *services) Configs(ctx context.Context, label, value string) ([]Object, error) {
	list, err := e.api.ConfigList(ctx, client.ConfigListOptions{Filters: labelled(label, value)})
	var all []Object
	for _, c := range list.Items {
		all = append(all, Object{ID: c.ID, Name: c.Spec.Name, Labels: c.Spec.Labels})
	}
	return all, err
}

// RemoveConfig removes a config, by its id or name. One that is gone already is no
// error.
func (e *services) RemoveConfig(ctx context.Context, id string) error {
	_, err := e.api.ConfigRemove(ctx, id, client.ConfigRemoveOptions{})
	return ignore(err, IsNotFound)
}

// giveFiles gives a service secrets and configs, which it knows by their ids.
func (e *services) giveFiles(ctx context.Context, n NewService, c *swarm.ContainerSpec) error {
	for _, f := range n.Secrets {
		is, err := e.api.SecretInspect(ctx, f.Name, client.SecretInspectOptions{})
		if err != nil {
			return err
		}
		target := swarm.SecretReferenceFileTarget(f.target())
		c.Secrets = append(c.Secrets, &swarm.SecretReference{File: &target, SecretID: is.Secret.ID, SecretName: is.Secret.Spec.Name})
	}
	for _, f := range n.Configs {
		is, err := e.api.ConfigInspect(ctx, f.Name, client.ConfigInspectOptions{})
		if err != nil {
			return err
		}
		target := f.target()
		c.Configs = append(c.Configs, &swarm.ConfigReference{File: &target, ConfigID: is.Config.ID, ConfigName: is.Config.Spec.Name})
	}
	return nil
}

func (f File) target() swarm.ConfigReferenceFileTarget {
	return swarm.ConfigReferenceFileTarget{
		Name: cmp.Or(f.Target, f.Name), UID: cmp.Or(f.UID, "0"), GID: cmp.Or(f.GID, "0"), Mode: cmp.Or(f.Mode, 0o444),
	}
}
