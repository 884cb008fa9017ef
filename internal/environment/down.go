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
	if err := n.mayChange(); err != nil {
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
	all, err := sweep.Assess(ctx, e, n.Tuple.Run)
	if err != nil {
		return err
	}
	var gone []sweep.Found
	data := false
	for _, f := range all {
		switch {
		case f.Verdict == owner.NotOurs || f.Tuple.Environment() == 0:
		case volumes || !f.Tuple.IsData():
			gone = append(gone, f)
		case f.Kind == owner.Volume:
			data = true
		}
	}
	if is, err := Get(ctx, e, n.Name); err != nil {
		return err
	} else if is != nil {
		n = is
	}
	if data { // before what runs has no record any more
		now, err := e.Now(ctx)
		if err != nil {
			return err
		}
		n.records = onlyData(n.records)
		if err := n.write(ctx, e, now, false); err != nil {
			return err
		}
	}
	if data {
		err = sweep.Clear(ctx, e, gone, nil)
	} else { // there is nothing that its record could be about
		_, err = sweep.Whole(ctx, e, n.Tuple.Run)
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
