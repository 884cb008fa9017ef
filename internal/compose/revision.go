// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A revision is what a project runs as: a spec, the plan for it, and what the plan
// was given. An update makes the project another one.
type revision struct {
	p      *Project
	spec   spec.Project
	plan   *tailor.Plan
	values map[string]string // of the variables that stand for what is leased
	built  map[string]string // of the variables that stand for what is built
	images []byte            // an override that runs what was built, if anything was
	copies []byte            // an override that mounts copies, if there are any
	base   []string          // arguments that all docker compose commands share
	joined bool              // others had it ready: nobody need see whether services stay
}

// Plan tailors the files of a project, which are read by this function if there is
// one.
func Plan(ctx context.Context, sess *session.Session, s spec.Project, read func(string) ([]byte, error)) (*tailor.Plan, error) {
	return PlanWith(ctx, sess, s, tailor.Options{Read: read})
}

// PlanWith is Plan, with options to which it adds what the engine says.
func PlanWith(ctx context.Context, sess *session.Session, s spec.Project, o tailor.Options) (*tailor.Plan, error) {
	publish, err := sess.Engine.PublishAddress(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	platform, err := sess.On.Platform(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	six, err := sixOnly(ctx, sess, s.Networks)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	o.Base, o.HostIP, o.IPv6Networks, o.Platform = environ.Map(sess.Engine.Environ()), publish, six, platform
	plan, err := tailor.Compose(ctx, s, o)
	if err != nil && ctx.Err() != nil { // all else names the files
		err = fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	if err != nil {
		return nil, err
	}
	sess.HideSecrets(plan.SecretFiles, plan.SecretTexts...)
	if err := allOff(plan); err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	return plan, CheckReady(s, plan)
}

// sixOnly returns those of the networks that the test gives to a project which have
// IPv6 alone.
func sixOnly(ctx context.Context, sess *session.Session, networks map[string]string) ([]string, error) {
	var only []string
	for _, name := range networks {
		if name == "" || slices.Contains(only, name) {
			continue
		}
		four, six, err := sess.Engine.Families(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("looking at network %s: %w", name, err)
		}
		if six && !four {
			only = append(only, name)
		}
	}
	return only, nil
}

// allOff says so if nothing is to be started.
func allOff(plan *tailor.Plan) error {
	if len(plan.Services) > 0 || len(plan.Off) == 0 {
		return nil
	}
	var profiles []string
	for _, names := range plan.Off {
		profiles = append(profiles, names...)
	}
	slices.Sort(profiles)
	return fmt.Errorf("all services are off\n    hint: Profiles switches them on, the files have %s", strings.Join(slices.Compact(profiles), ", "))
}

// preflight reports whether docker compose, and the engine, are fit for a plan.
func preflight(ctx context.Context, sess *session.Session, s spec.Project, plan *tailor.Plan) error {
	if err := sess.Engine.Compose(); err != nil {
		return err
	}
	if err := checkImages(ctx, sess, s, plan); err != nil {
		return fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	return nil
}

// newRevision makes the revision for a spec. Nothing is changed by it yet.
func (p *Project) newRevision(ctx context.Context, s spec.Project) (*revision, error) {
	plan, err := PlanWith(ctx, p.Session, s, tailor.Options{EnvFiles: p.options.EnvFiles})
	if err != nil {
		return nil, err
	}
	if p.options.Adjust != nil {
		p.options.Adjust(plan)
	}
	return &revision{p: p, spec: s, plan: plan}, preflight(ctx, p.Session, s, plan)
}

// setRevision makes a revision the one that the project runs as. The caller is acting.
func (p *Project) setRevision(e *revision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revision = e
}

// current returns what the project runs as.
func (p *Project) current() *revision {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.revision
}
