// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/seatrial/seatrial/internal/denied"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/program"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/unresolved"
	"github.com/seatrial/seatrial/wait"
)

// ErrorLine returns the line of a life's log that most likely says why it failed, or of
// all its lives if none is named. Where the program could not even be run, it says why.
func (c *Container) ErrorLine(ctx context.Context, life string) string {
	stdout, stderr := c.Follower.Streams(life)
	state, err := c.Follower.State(ctx)
	line := ""
	if err != nil || ofOthers(state, life) {
		line = errorline.Of(stderr, stdout)
	} else {
		line = errorline.OfExit(state.ExitCode, stderr, stdout)
	}
	why := reasons{c}
	if line == "" && err == nil { // it may not have come so far as to log
		return report.Sentence(why.unrunnable(ctx, state.Error), why.outOfMemory(ctx))
	}
	return report.Sentence(line, why.unrunnable(ctx, line), why.denied(ctx, line), why.unresolved(ctx, line), why.outOfMemory(ctx))
}

// ofOthers reports whether the log of a life, or of all, is one of lives of which a state does not
// tell how they ended: of another one, or of one before a container runs again.
func ofOthers(state engine.State, life string) bool {
	if life == "" {
		return state.Restarts > 0 && state.ExitCode == 0
	}
	return life != state.StartID
}

// reasons find out what a container's own words leave open.
type reasons struct{ c *Container }

// outOfMemory says that a program in the container was killed for want of memory, or
// nothing. Where it was the first one, the container's state says so by itself.
func (r reasons) outOfMemory(ctx context.Context) string {
	if !r.c.outOfMemory.Load() {
		return ""
	}
	is, err := r.c.Engine.Inspect(ctx, r.c.ID)
	if err != nil || is.HostConfig == nil || is.State == nil || is.State.OOMKilled && !is.State.Running {
		return ""
	}
	if is.HostConfig.Memory <= 0 {
		return "a program in it was killed for want of memory"
	}
	return "a program in it was killed for want of memory: its limit is " + engine.Size(is.HostConfig.Memory)
}

// denied says why the program may not use the file that a line names, or nothing if it
// tells of none.
func (r reasons) denied(ctx context.Context, line string) string {
	if len(denied.Paths(line)) == 0 {
		return ""
	}
	is, err := r.c.Engine.Inspect(ctx, r.c.ID)
	if err != nil || is.Config == nil || is.HostConfig == nil {
		return ""
	}
	what := denied.Container{User: is.Config.User, ReadOnly: is.HostConfig.ReadonlyRootfs}
	for _, m := range is.Mounts {
		from := "a volume"
		if string(m.Type) == "bind" {
			from = m.Source
		}
		what.Mounts = append(what.Mounts, denied.Mount{Target: m.Destination, What: from, ReadOnly: !m.RW})
	}
	return denied.Why(line, what, func(path string) (denied.Owner, error) {
		uid, gid, mode, err := r.c.Engine.Owner(ctx, r.c.ID, path)
		return denied.Owner{UID: uid, GID: gid, Mode: mode}, err
	})
}

// unresolved says why a container of a project did not find another service that a line
// names, or nothing if it tells of none.
func (r reasons) unresolved(ctx context.Context, line string) string {
	project := r.c.Labels[engine.ComposeProject]
	if project == "" || !unresolved.Told(line) {
		return ""
	}
	all, err := r.c.Engine.Containers(ctx, engine.ComposeProject, project)
	if err != nil {
		return ""
	}
	networks, err := r.c.Engine.Networks(ctx, engine.ComposeProject, project)
	if err != nil {
		return ""
	}
	called := map[string]string{} // in the project's file
	for _, n := range networks {
		called[n.Name] = n.Labels[engine.ComposeNetwork]
	}
	var from unresolved.Member
	var members []unresolved.Member
	for _, o := range all {
		m := unresolved.Member{Name: o.Labels[engine.ComposeService], Running: o.State == "running"}
		for _, n := range o.Networks {
			m.Networks = append(m.Networks, cmp.Or(called[n], n))
		}
		if members = append(members, m); o.ID == r.c.ID {
			from = m
		}
	}
	why, _ := unresolved.Why(line, from, members)
	return why
}

// unrunnable says why the program could not be run that a line tells of, or nothing if it
// tells of none.
func (r reasons) unrunnable(ctx context.Context, line string) string {
	path, ok := program.Refused(line)
	if !ok {
		return ""
	}
	architecture := ""
	if facts, err := r.c.Engine.Facts(ctx); err == nil {
		_, architecture, _ = strings.Cut(facts.Platform, "/")
	}
	return program.Why(path, architecture, inside{ctx, r.c})
}

// inside are the files of a container, as package program reads them.
type inside struct {
	ctx context.Context
	c   *Container
}

func (i inside) Read(path string, most int) ([]byte, error) {
	return target{i.c}.Read(i.ctx, path, most)
}

func (i inside) Mode(path string) (fs.FileMode, error) {
	found, err := i.c.Engine.Stat(i.ctx, i.c.ID, path)
	return found.Mode, err
}

// startError adds to an engine's error why the program could not be run, if it tells that.
func startError(ctx context.Context, c *Container, err error) error {
	if err == nil {
		return nil
	}
	if why := (reasons{c}).unrunnable(ctx, err.Error()); why != "" {
		return fmt.Errorf("%w: %s", err, why)
	}
	return err
}

// NotStarted stands between the name of a container that could not be started and the engine's
// words.
const NotStarted = " did not start: "

// Unstarted returns why the engine could not start a container that others started, or nil if
// it says nothing of that, or only that whoever asked for the start has gone away: then what
// became of them is the reason.
func (c *Container) Unstarted(ctx context.Context, s wait.State) error {
	if s.Status != "created" || s.Error == "" || strings.HasSuffix(s.Error, context.Canceled.Error()) {
		return nil
	}
	return startError(ctx, c, errors.New(c.Name+NotStarted+engine.Innermost(s.Error)))
}
