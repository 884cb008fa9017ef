// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
)

// evidence saves what the engine knows about the container.
func (c *Container) evidence(ctx context.Context, dir *artifact.Dir) error {
	inspected, err := c.engine.Inspect(ctx, c.ID)
	if engine.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(inspected, "", "  ")
	if err != nil {
		return err
	}
	_, err = dir.Write(c.Name+".inspect.json", []byte(dir.Redact(string(content))))
	return err
}

// remove removes the container, after its last words are in the files.
func (c *Container) remove(ctx context.Context) error {
	if c.borrowed {
		c.close(ctx)
		return nil
	}
	err := c.engine.Kill(ctx, c.ID)
	if engine.IsNotFound(err) {
		err = nil
	}
	c.close(ctx)
	if failed := c.engine.Remove(ctx, c.ID); failed != nil {
		err = errors.Join(err, failed)
	} else {
		err = nil // it is gone, however
	}
	if err != nil {
		return fmt.Errorf("container %s (%s): %w", c.Name, report.ShortID(c.ID), err)
	}
	if c.unsure {
		return fmt.Errorf("container %s (%s): the engine did not answer within %v whether it was created", c.Name, c.ID, createLimit)
	}
	c.removed.Store(true)
	return nil
}

// lastWords bounds the wait for the rest of a log.
const lastWords = 2 * time.Second

// close ends following.
func (c *Container) close(ctx context.Context) {
	c.closing.Do(func() {
		defer c.closed.Store(true)
		if c.follower != nil {
			ctx, cancel := context.WithTimeout(ctx, lastWords)
			defer cancel()
			c.follower.Close(ctx)
		}
		for i, file := range c.logs {
			if c.redactors[i] != nil {
				c.redactors[i].Close()
			}
			if file != nil {
				file.Close() // written by the follower alone, which has ended
			}
		}
	})
}
