// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// Plan tailors the files of a project, which are read by this function if there is
// one.
func Plan(ctx context.Context, sess *session.Session, s spec.Project, read func(string) ([]byte, error)) (*tailor.Plan, error) {
	return PlanWith(ctx, sess, s, tailor.Options{Read: read})
}

// PlanWith is Plan, with options to which it adds what the engine says.
func PlanWith(ctx context.Context, sess *session.Session, s spec.Project, o tailor.Options) (*tailor.Plan, error) {
	var err error
	if s.StandIns, err = session.StandIns(s.StandIns); err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	publish, err := sess.Engine.PublishAddress(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	platform, err := sess.On.Platform(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	said, _, err := answers.Resolve(s, o.Read)
	if err != nil {
		said = s // tailoring says what is wrong with it
	}
	six, err := sixOnly(ctx, sess, said.Networks)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	o.Base, o.HostIP, o.IPv6Networks, o.Platform = environ.Map(sess.Engine.Environ()), publish, six, platform
	plan, err := tailor.Compose(ctx, s, o)
	if !sess.OfCommand {
		err = hintAnswers(s, err)
	}
	if err != nil && ctx.Err() != nil { // all else names the files
		err = fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	if err != nil {
		return nil, err
	}
	sess.HideSecrets(plan.SecretFiles, plan.SecretTexts...)
	for _, text := range planned.Warned(plan, sess.OfCommand, "unset-variable") {
		sess.Said.Add(text)
	}
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
