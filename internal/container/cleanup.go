// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// Evidence saves what the engine knows about the container.
func (c *Container) Evidence(ctx context.Context, dir *artifact.Dir) error {
	return c.EvidenceSince(ctx, dir, "")
}

// EvidenceSince is Evidence for a container that logged for others before a message of
// this time, which is as the engine writes it.
func (c *Container) EvidenceSince(ctx context.Context, dir *artifact.Dir, last string) error {
	inspected, err := c.Engine.Inspect(ctx, c.ID)
	if engine.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	err = dir.WriteJSON(c.Name+".inspect.json", inspected)
	if text := statsOf(ctx, c); err == nil && text != "" {
		_, err = dir.Write(c.Name+".stats.txt", []byte(dir.Redact(text)))
	}
	if c.samples != nil {
		if text := c.samples.text(); text != "" {
			_, failed := dir.Write(c.Name+".usage.csv", []byte(text))
			err = errors.Join(err, failed)
		}
	}
	messages := artifact.Merger{Source: c.Name}
	if c.Engine.Messages(ctx, c.ID, artifact.MostMessages, messages.Add) == nil { // else the files have what there is
		messages.End()
		if since, err := time.Parse(time.RFC3339Nano, last); err == nil {
			messages.All = slices.DeleteFunc(messages.All, func(m artifact.Message) bool { return !m.Time.After(since) })
		}
		dir.AddMessages(messages.All)
	}
	return err
}

// Remove removes the container, after its last words are in the files if anybody reads them.
func (c *Container) Remove(ctx context.Context) error {
	if c.borrowed {
		c.Close(ctx)
		return nil
	}
	var err error
	if c.unread != nil && c.unread() {
		atOnce, cancel := context.WithCancel(ctx)
		cancel()
		c.Close(atOnce)
	} else {
		if err = c.Engine.Kill(ctx, c.ID); engine.IsNotFound(err) {
			err = nil
		}
		c.Close(ctx)
	}
	remove := c.Engine.Remove
	if c.created || c.Labels != nil {
		remove = func(ctx context.Context, id string) error { return c.Engine.RemoveKnown(ctx, id, c.Labels) }
	}
	if failed := remove(ctx, c.ID); failed != nil {
		err = errors.Join(err, failed)
	} else {
		err = nil // it is gone, however
	}
	if err != nil {
		return fmt.Errorf("container %s (%s): %w", c.Name, report.ShortID(c.ID), err)
	}
	if c.unsure {
		return fmt.Errorf("container %s (%s): the engine did not answer within %v whether it was created", c.Name, c.ID, session.CreateLimit)
	}
	c.removed.Store(true)
	return nil
}

// LastWords bounds the wait for the rest of a log.
const LastWords = 2 * time.Second

// Close stops following the container, after the rest of its log for LastWords at most.
func (c *Container) Close(ctx context.Context) {
	c.closing.Do(func() {
		defer c.closed.Store(true)
		if c.samples != nil {
			c.samples.end()
		}
		if c.Follower != nil {
			ctx, cancel := context.WithTimeout(ctx, LastWords)
			defer cancel()
			c.Follower.Close(ctx)
		}
		c.files.close()
	})
}
