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
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// with returns the revision in which a service is on.
func (r *revision) with(ctx context.Context, service string, say session.Progress) (*revision, error) {
	if slices.Contains(r.services(), service) {
		return r, nil
	}
	profiles := r.plan.Off[service]
	if len(profiles) == 0 {
		return nil, r.unknown(service)
	}
	next := r.spec
	next.Profiles = slices.Concat(r.spec.Profiles, profiles[:1])
	on, err := r.p.prepare(ctx, next, say)
	if onlySelfCollision(err) { // with others of the profile, which stay off
		next.Allow = append(slices.Clone(next.Allow), planned.SelfCollision)
		on, err = r.p.prepare(ctx, next, say)
	}
	r.p.setRevision(r) // the others of the profile stay off
	return on, err
}

// keepingBytes returns the revision with a service whose log is kept byte for byte: most
// engines keep text by themselves. It is for one container that nobody compares with
// others.
func (r *revision) keepingBytes(ctx context.Context, service string) (*revision, error) {
	facts, err := r.p.Session.On.Facts(ctx)
	if err != nil || facts.Podman { // which has no such driver
		return r, err
	}
	if r.base == nil {
		if err := r.arguments(); err != nil {
			return nil, err
		}
	}
	path, err := r.p.Session.Artifacts.Write("run-log.yaml", engine.KeepingBytes(service))
	if err != nil {
		return nil, err
	}
	once := *r
	once.base = append(slices.Clone(r.base), "--file", path)
	return &once, nil
}

// onlySelfCollision reports whether files are refused for that alone.
func onlySelfCollision(err error) bool {
	var refused *tailor.RefusedError
	return errors.As(err, &refused) &&
		!slices.ContainsFunc(refused.Findings, func(f tailor.Finding) bool { return f.Rule != planned.SelfCollision })
}

func (r *revision) runOnce(ctx context.Context, service string, x spec.Exec) (*report.Result, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	name := r.p.Name + "-" + service + "-run-" + hex.EncodeToString(id[:])
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
	once, err := r.keepingBytes(ctx, service)
	if err != nil {
		return nil, err
	}
	failed := once.composeWith(ctx, strings.NewReader(x.Stdin), "run", args...)
	var cutOff *engine.CutOffError
	late := errors.As(failed, &cutOff)
	if late { // the container goes on without docker compose
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), container.CreateLimit)
		defer cancel()
	}
	c, err := r.p.named(ctx, name)
	if err != nil || c == nil {
		return nil, errors.Join(failed, err)
	}
	if late {
		err := r.p.Session.Engine.Kill(ctx, c.ID)
		_, _ = c.ToEnd(ctx, nil) // and so does its log
		return nil, errors.Join(fmt.Errorf("%w%s", failed, c.LastLines()), err)
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

// named returns the container of this name on the engine, or nil if there is none.
func (p *Project) named(ctx context.Context, name string) (*container.Container, error) {
	if err := p.refresh(ctx); err != nil {
		return nil, err
	}
	list, err := p.Session.Engine.Containers(ctx, engine.ComposeProject, p.Name)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range list {
		if o.Name == name {
			return p.containers[o.ID], nil
		}
	}
	return nil, nil
}

// Run runs a service once more, in a container of its own, to its end.
func (p *Project) Run(ctx context.Context, service string, x spec.Exec, say session.Progress) (r *report.Result, err error) {
	err = p.acts(ctx, fmt.Sprintf("running %s of", service), func(ctx context.Context, e *revision) (err error) {
		var wrong report.Problems
		if check.Env(x.Env, &wrong); wrong != nil {
			return wrong.Joined()
		}
		if e, err = e.with(ctx, service, say); err != nil {
			return err
		}
		r, err = e.runOnce(ctx, service, x)
		return err
	})
	return r, err
}
