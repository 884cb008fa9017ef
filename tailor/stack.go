// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"context"
	"slices"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// StackOptions are what Stack needs beside the spec.
type StackOptions struct {
	// Base are variables of the process that may reach the files, as BaseEnv
	// picks them. The spec's own win over them.
	Base map[string]string
	// NameLength is the length of the name that the stack will have, by which
	// names are judged that become too long with it. Zero means 12.
	NameLength int
	// Platform is what the manager's engine runs, linux/arm64; empty means Linux on
	// this machine's processor.
	Platform string
	// Read reads a file, given its absolute name; nil means os.ReadFile.
	Read func(name string) ([]byte, error)
}

// Stack reads the files of a swarm stack, with the loader of docker stack
// deploy, and plans what to change so that copies of it run isolated on one
// swarm. The time limit and the conditions of the spec don't matter to it.
//
// A file that can't be read as a stack file is a [*ReadError]. A stack that
// cannot be isolated is a [*RefusedError] with all of its problems; the plan is
// returned beside it as far as it was made, for people to read and not to be
// run. The error matches [io/fs.ErrNotExist] if a file of the spec does not exist.
func Stack(ctx context.Context, s spec.Stack, o StackOptions) (*StackPlan, error) {
	return stack(ctx, s, o, stackRules())
}

func stack(ctx context.Context, s spec.Stack, o StackOptions, rules []stackRule) (*StackPlan, error) {
	defer hush()()
	in, err := readStackInput(ctx, s, o)
	if err != nil {
		return nil, err
	}
	src, err := parseStackSources(in)
	if err != nil {
		return nil, err
	}
	m := newStackModel(in, src, s, o)
	if hopeless := m.beforeLoading(); hopeless {
		return m.finish()
	}
	if err := m.load(); err != nil {
		if m.refused() { // a variable without value: most likely that is why
			m.reportLoading(err)
			return m.finish()
		}
		return nil, err
	}
	for i := range rules {
		rules[i].apply(m, &rules[i].rule)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	m.describe()
	if err := m.emit(); err != nil {
		return nil, err
	}
	return m.finish()
}

// stackModel is a loaded stack on its way to a plan: a model with what only
// stacks have.
type stackModel struct {
	*model
	stack      spec.Stack
	nameLength int
	// dicts are the files as docker stack deploy reads them, env files put in.
	dicts []map[string]any
	out   *StackPlan
	// ports are those of the services, by name, before any was given up.
	ports map[string][]any
}

// A stackRule is a rule of stacks alone, or one that they share with Compose.
type stackRule struct {
	rule
	apply func(*stackModel, *rule)
}

const defaultNameLength = 12

func newStackModel(in *input, src *sources, s spec.Stack, o StackOptions) *stackModel {
	m := &stackModel{
		// what rules of both look at
		model: newModel(in, src, spec.Project{
			Env: s.Env, Images: s.Images, StandIns: s.StandIns, Ports: s.Ports, KeepPorts: s.KeepPorts, StablePorts: s.StablePorts,
			PortReferences: s.PortReferences, Publish: s.Publish, PublishOther: s.PublishOther, Networks: s.Networks, Volumes: s.Volumes, Secrets: s.Secrets, Configs: s.Configs,
			Paths: s.Paths, Builds: s.Builds, Replace: s.Replace, Allow: s.Allow, Lock: s.Lock, Isolate: s.Isolate, CopyLimit: s.CopyLimit,
		}),
		stack: s, nameLength: cmp.Or(o.NameLength, defaultNameLength), out: &StackPlan{}, ports: map[string][]any{},
	}
	in.leased[stackVariable] = stackName
	return m
}

func (m *stackModel) finish() (*StackPlan, error) {
	plan, err := m.model.finish()
	m.out.Plan = *plan
	return m.out, err
}

// stackVariable is the variable for the name of the stack, and stackName its mark
// in the model.
const (
	stackVariable = "SEATRIAL_STACK"
	stackName     = placeholder.Start + stackVariable + placeholder.End
)

// stackRules are all rules of stacks in the order in which they are applied: what
// the files do to themselves, what the spec asks for, then what is known to
// collide, then what is reported.
// Those families that have to be put together are functions, not variables:
// the linker keeps what variables are made of, and all of docker's loader with it.
func stackRules() []stackRule {
	return slices.Concat(stackSelfCollisionRules(), stackImageRules(), stackPortRules(), stackNameRules, stackNetworkRules, stackSecretRules,
		stackStorageRules(), fromCompose(oneNameRules...), fromCompose(nameReferenceRules...), stackServiceRules(), fromCompose(specRules...))
}

// fromCompose takes rules of Compose over.
func fromCompose(rules ...rule) []stackRule {
	var all []stackRule
	for _, r := range rules {
		all = append(all, stackRule{r, func(m *stackModel, own *rule) { own.apply(m.model, own) }})
	}
	return all
}

// ruleNamed returns one of some rules.
func ruleNamed(rules []rule, name string) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.name == name })]
}
