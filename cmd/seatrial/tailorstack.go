// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// plan tailors what the options name. The plan is nil if there is none.
func (a *tailorArgs) plan(ctx context.Context) (planned, error) {
	if a.stack {
		plan, err := tailor.Stack(ctx, a.stackSpec(), tailor.StackOptions{Base: a.options.Base})
		if plan == nil {
			return nil, err
		}
		return plan, err
	}
	a.options.OverrideOnly = a.format == "override" // nothing else is done for it
	plan, err := tailor.Compose(ctx, a.project, a.options)
	if plan == nil {
		return nil, err
	}
	return plan, err
}

// stackSpec is the spec of a stack from the options that both kinds have.
func (a *tailorArgs) stackSpec() spec.Stack {
	p := a.project
	return spec.Stack{
		Files: p.Files, Dir: p.Dir, Env: p.Env, Images: p.Images, StandIns: p.StandIns, Ports: p.Ports, KeepPorts: p.KeepPorts,
		StablePorts: p.StablePorts, PortReferences: p.PortReferences, Publish: p.Publish, PublishOther: p.PublishOther, Networks: p.Networks, Volumes: p.Volumes,
		Secrets: p.Secrets, Configs: p.Configs, Paths: p.Paths, Constraints: a.constraints, Builds: p.Builds,
		Replace: p.Replace, Allow: p.Allow, Lock: p.Lock, Isolate: p.Isolate,
	}
}

// check tells which options don't go together.
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
	switch {
	case a.stack && len(a.project.Files) == 0:
		return errors.New("no file: want that of a stack")
	case a.stack && a.project.Profiles != nil:
		return errors.New("--profile is not for stacks")
	case a.stack && a.options.EnvFiles != nil:
		return errors.New("--env-file is not for stacks, as docker stack deploy reads none: want --env")
	case !a.stack && a.constraints != nil:
		return errors.New("--constraint is for stacks: want --stack")
	}
	return nil
}

// constraintPair divides a constraint, which has an operator of its own, from
// what is to stand in its place.
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
