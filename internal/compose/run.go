// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// switchedOn returns a revision of a project in which the profile of a service is on: r itself, if it is on
// there.
func switchedOn(ctx context.Context, p *Project, r *revision, service string, say session.Progress) (*revision, error) {
	if slices.Contains(planned.Services(r.plan), service) {
		return r, nil
	}
	profiles := r.plan.Off[service]
	if len(profiles) == 0 {
		return nil, planned.Missing(r.plan, service)
	}
	next := r.spec
	next.Profiles = slices.Concat(r.spec.Profiles, profiles[:1])
	on, err := p.prepare(ctx, next, say)
	if onlySelfCollision(err) { // with others of the profile, which stay off
		next.Allow = append(slices.Clone(next.Allow), planned.SelfCollision)
		on, err = p.prepare(ctx, next, say)
	}
	p.setRevision(r) // the others of the profile stay off
	return on, err
}

// onlySelfCollision reports whether files are refused for self-collisions alone.
func onlySelfCollision(err error) bool {
	var refused *tailor.RefusedError
	return errors.As(err, &refused) &&
		!slices.ContainsFunc(refused.Findings, func(f tailor.Finding) bool { return f.Rule != planned.SelfCollision })
}

// runOnce runs a service that is on, without what it depends on.
func (r *revision) runOnce(ctx context.Context, service string, x spec.Exec) (*report.Result, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	name := r.Name + "-" + service + "-run-" + hex.EncodeToString(id[:])
	args := []string{"--no-TTY", "--no-deps", "--name", name}
	for _, env := range environ.List(x.Env) {
		args = append(args, "--env", env)
	}
	if x.User != "" {
		args = append(args, "--user", x.User)
	}
	if x.Dir != "" {
		args = append(args, "--workdir", x.Dir)
	}
	args = append(append(args, service), x.Command...)
	once, err := r.compose.keepingBytes(ctx, service)
	if err != nil {
		return nil, err
	}
	failed := once.runWith(ctx, strings.NewReader(x.Stdin), "run", args...)
	var cutOff *engine.CutOffError
	late := errors.As(failed, &cutOff)
	if late { // the container goes on without docker compose
		var cancel context.CancelFunc
		ctx, cancel = session.Creating(ctx)
		defer cancel()
	}
	c, err := r.containers.named(ctx, name)
	if err != nil || c == nil {
		return nil, errors.Join(failed, err)
	}
	if late {
		err := r.Session.Engine.Kill(ctx, c.ID)
		_, _ = c.ToEnd(ctx, nil) // and so does its log
		return nil, errors.Join(fmt.Errorf("%w%s", failed, c.Log().Last()), err)
	}
	state, err := c.Follower.State(ctx)
	if err != nil {
		return nil, err
	}
	if failed != nil && state.Status == "created" { // it could not be started
		return nil, failed
	}
	return c.ToEnd(ctx, x.ExitCodes)
}

// Run runs a service once more, in a container of its own, to its end.
func (p *Project) Run(ctx context.Context, service string, x spec.Exec, say session.Progress) (result *report.Result, err error) {
	err = p.act(ctx, fmt.Sprintf("running %s of", service), func(ctx context.Context, r *revision) (err error) {
		var wrong report.Problems
		if check.Env(x.Env, &wrong); wrong != nil {
			return wrong.Joined()
		}
		if r, err = switchedOn(ctx, p, r, service, say); err != nil {
			return err
		}
		result, err = r.runOnce(ctx, service, x)
		return err
	})
	return result, err
}
