// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

// Down removes the containers and networks of an environment, and its volumes if that is
// wanted: they stay otherwise, and DataStays from now. It reads no files.
func Down(ctx context.Context, on *session.Handle, n *Named, volumes bool, say session.Progress) error {
	if err := n.MayChange(n.removeInstead()); err != nil {
		return err
	}
	e, err := on.Connect(ctx)
	if err != nil {
		return err
	}
	release, err := n.lock(ctx, command(), say)
	if err != nil {
		return err
	}
	defer release()
	data := false
	if volumes { // nothing of it stays, nor its record
		_, err = sweep.Whole(ctx, e, n.Tuple.Run)
	} else {
		data, err = removeButData(ctx, e, n)
	}
	if err != nil {
		return fmt.Errorf("removing environment %s: %w", n.Name, err)
	}
	if err := unwrite(ctx, on, n, say); err != nil {
		say("warning: what env --write wrote stays: %v", err)
	}
	if !data {
		return forget(ctx, on, n.Name)
	}
	return nil
}

// removeButData removes what runs of an environment, and all of it if it has no data.
func removeButData(ctx context.Context, e *engine.Engine, n *Named) (data bool, err error) {
	all, err := sweep.Assess(ctx, e, n.Tuple.Run)
	if err != nil {
		return false, err
	}
	var gone []sweep.Found
	for _, f := range all {
		switch {
		case f.Verdict == owner.NotOurs || f.Tuple.Environment() == 0:
		case !f.Tuple.IsData():
			gone = append(gone, f)
		case f.Kind == owner.Volume:
			data = true
		}
	}
	if !data {
		_, err := sweep.Whole(ctx, e, n.Tuple.Run)
		return false, err
	}
	if is, err := Get(ctx, e, n.Name); err != nil {
		return true, err
	} else if is != nil {
		n = is
	}
	now, err := e.Now(ctx)
	if err != nil {
		return true, err
	}
	n.records = onlyData(n.records) // before what runs has no record any more
	if err := n.write(ctx, e, now, false); err != nil {
		return true, err
	}
	return true, sweep.Clear(ctx, e, gone, nil)
}

// unwrite takes out of env files what leads plain docker compose to an environment.
func unwrite(ctx context.Context, on *session.Handle, n *Named, say session.Progress) error {
	id, err := on.Identity(ctx)
	if err != nil {
		return err
	}
	dir, err := place(id, n.Name)
	if err != nil {
		return nil // it had none either
	}
	m, err := recall(dir)
	if err != nil || m == nil || len(m.Written) == 0 {
		return err
	}
	m.unmake(n, say)
	return m.remember(dir)
}

func onlyData(all []engine.Object) []engine.Object {
	var data []engine.Object
	for _, o := range all {
		if t, ok := owner.Read(owner.Record, o.Name, o.Labels); ok && t.IsData() {
			data = append(data, o)
		}
	}
	return data
}
