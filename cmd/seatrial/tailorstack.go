// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// plan tailors the files that the options name. The plan may be nil.
func (a *tailorArgs) plan(ctx context.Context) (_ planned, err error) {
	if a.project.StandIns, err = session.StandIns(a.project.StandIns); err != nil {
		return nil, err
	}
	if a.stack {
		plan, err := tailor.Stack(ctx, environment.StackOf(a.project, a.constraints), tailor.StackOptions{Base: a.options.Base})
		if plan == nil {
			return nil, err
		}
		return plan, err
	}
	a.options.OverrideOnly = a.format == "override" // so that nothing else is computed
	plan, err := tailor.Compose(ctx, a.project, a.options)
	if plan == nil {
		return nil, err
	}
	return plan, err
}

// check returns an error if options contradict each other.
func (a *tailorArgs) check() error {
	switch a.format {
	case "text", "json", "diff":
	case "override":
		if a.stack {
			return errors.New("a stack has no override: want --format document")
		}
	case "document":
		if !a.stack {
			return errors.New("a project has no document: want --format override, or --stack")
		}
	default:
		return fmt.Errorf("--format %q: want text, json, diff, override or document", a.format)
	}
	if a.stack && len(a.project.Files) == 0 {
		return errors.New("no file: want that of a stack")
	}
	return a.checkKind()
}

// checkKind returns an error for options that do not apply to this kind of files.
func (a *tailorArgs) checkKind() error {
	switch {
	case a.stack && a.project.Profiles != nil:
		return errors.New("--profile is not for stacks")
	case a.stack && a.options.EnvFiles != nil:
		return errors.New("--env-file is not for stacks, as docker stack deploy reads none: want --env")
	case !a.stack && a.constraints != nil:
		return errors.New("--constraint is for stacks: want --stack")
	}
	return nil
}

// constraintPair splits a constraint, which contains an operator, from its
// replacement.
var constraintPair = regexp.MustCompile(`^([^=!]+(?:==|!=)[^=]*)=(.*)$`)

func (a *tailorArgs) constraint(v string) error {
	name, value := "", ""
	if parts := constraintPair.FindStringSubmatch(v); parts != nil {
		name, value = parts[1], parts[2]
	} else {
		var err error
		if name, value, err = pair(v); err != nil {
			return err
		}
	}
	if a.constraints == nil {
		a.constraints = map[string]string{}
	}
	a.constraints[name] = value
	return nil
}
