// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"

	"github.com/seatrial/seatrial/spec"
)

// Stack reads the files of a swarm stack, with the loader of docker stack
// deploy, and plans what to change so that copies of it run isolated on one
// swarm. It ignores the spec's TimeLimit and Ready.
//
// If a file cannot be read as a stack file, the error is a [*ReadError]. If the stack
// cannot be isolated, it is a [*RefusedError] with all problems; Stack then also
// returns the plan as far as it was made, which is for people to read, not to be
// deployed. If a file of the spec does not exist, the error matches
// [io/fs.ErrNotExist].
func Stack(ctx context.Context, s spec.Stack, o StackOptions) (*StackPlan, error) {
	return stack(ctx, s, o, (*stackParts).rules)
}

func stack(ctx context.Context, s spec.Stack, o StackOptions, rules func(*stackParts) []rule) (*StackPlan, error) {
	defer silenceLogs()()
	in, err := readStackInput(ctx, s, o)
	if err != nil {
		return nil, err
	}
	plan, err := in.planStack(ctx, s, o, rules)
	if err != nil {
		if other := in.otherKind(); other != nil {
			return nil, other
		}
	}
	return plan, err
}

func (in *input) planStack(ctx context.Context, s spec.Stack, o StackOptions, rules func(*stackParts) []rule) (*StackPlan, error) {
	src, err := parseStackSources(in)
	if err != nil {
		return nil, err
	}
	p := newStackParts(in, src, s, o)
	again := func(in *input) (*Plan, error) {
		plan, err := in.planStack(ctx, s, o, rules)
		if plan == nil {
			return nil, err
		}
		return &plan.Plan, err
	}
	if hopeless := p.scanner.beforeLoading(); hopeless {
		p.parts.scanner.addAssumed(again)
		return p.finish()
	}
	if err := p.files.load(); err != nil {
		if p.refused() { // a variable without value: most likely that is why
			if !p.parts.scanner.addAssumed(again) {
				p.reportLoading(err)
			}
			return p.finish()
		}
		return nil, err
	}
	all := rules(p)
	for i := range all {
		all[i].apply(&all[i])
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	p.description.describe()
	if err := p.stackDocument.emit(); err != nil {
		return nil, err
	}
	return p.finish()
}

func (p *stackParts) finish() (*StackPlan, error) {
	plan, err := p.parts.finish()
	out := p.stackDocument.out
	out.Plan, out.Builds = *plan, p.images.builds
	return out, err
}

const defaultNameLength = 12
