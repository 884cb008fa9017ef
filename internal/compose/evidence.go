// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/planned"
)

// Evidence saves what the engine knows about the project's containers, and what it was made
// of.
func (p *Project) Evidence(ctx context.Context, dir *artifact.Dir) error {
	saves := []func() error{func() error { return p.SaveFiles(ctx, dir) }}
	for _, c := range p.All() {
		saves = append(saves, func() error { return c.Evidence(ctx, dir) })
	}
	return parallel.Do(saves, func(save func() error) error { return save() })
}

// SaveFiles saves what the project was made of, and what updates made of it: the files as they
// were, what was changed of them, and the model that docker compose made of both in the end.
func (p *Project) SaveFiles(ctx context.Context, dir *artifact.Dir) error {
	var err error
	for _, c := range p.ran.list() {
		err = errors.Join(err, planned.Save(dir, c.plan))
		if c.base == nil || dir != c.session.Artifacts.Dir { // else it was written when it began
			err = errors.Join(err, planned.SaveText(dir, c.plan))
		}
	}
	c := p.current().compose
	if c.base == nil { // nothing came of it
		return err
	}
	model, failed := c.model(ctx)
	if failed != nil {
		dir.Note("the resolved model: %v", failed)
		return err
	}
	return errors.Join(err, dir.WriteJSON("model.json", model))
}

// model returns what docker compose makes of the files and the overrides.
func (c *composeCommand) model(ctx context.Context) (model any, err error) {
	var out bytes.Buffer
	err = c.session.Engine.Docker(ctx, engine.Command{
		Verb: "compose config", Args: append(append([]string{}, c.base...), "config", "--format", "json"),
		Dir: c.plan.Dir, Env: c.environ(), Out: &out,
	})
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(&out)
	d.UseNumber()
	if err := d.Decode(&model); err != nil {
		return nil, fmt.Errorf("reading what docker compose config says: %w", err)
	}
	return model, nil
}
