// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// A Stack is a stack that a test deployed in a swarm. All of it is removed at the
// end of that test: services, containers, networks, secrets, configs, and the
// volumes on all nodes whose engines can be reached. Its methods take the test that
// asks, which may be a subtest. They are safe for concurrent use.
type Stack struct {
	// Name is the name of the stack in the swarm, unique to it.
	Name string

	stack *swarm.Stack
}

// String returns the Name.
func (k *Stack) String() string { return k.Name }

// Deploy deploys a stack from the files as they are shipped, in the swarm that the
// engine manages, and waits until all services have converged: all of their tasks
// run, and are healthy if there is a health check; jobs, and services without
// restarts, have ended with exit code 0. It fails the test as soon as a service
// cannot converge. Copies of a stack run side by side: whatever would collide is
// changed, as the plan explains (see [Stack.Plan]); tests still use the names and
// numbers of the files.
//
// With go test -v the log shows the progress of the services if that takes longer than
// three seconds.
//
// A service may fail while it waits for others: Deploy takes it for a crash loop
// only when it has ended twice after all others were ready, or ten times.
func Deploy(t T, s spec.Stack) *Stack {
	t.Helper()
	return standard.Deploy(t, s)
}

// Deploy is the function [Deploy], on this engine.
func (e *Engine) Deploy(t T, s spec.Stack) *Stack {
	t.Helper()
	return tell(t, e.of(), s.TimeLimit, swarm.DeployLimit+ownLimits(t, s.Ready), func(ctx context.Context, sess *session.Session, say session.Progress) (*Stack, error) {
		k, err := swarm.Deploy(ctx, sess, s, say)
		if err != nil {
			return nil, err
		}
		return &Stack{Name: k.Name, stack: k}, nil
	})
}

// Plan returns what was changed in the stack so that it runs isolated, and why, for
// people to read: a line for each change. See package tailor.
func (k *Stack) Plan() string {
	return k.stack.Plan()
}

// Service returns a service, by its name in the file.
func (k *Stack) Service(t T, name string) *Service {
	t.Helper()
	return serviceOf(ask(t, func(ctx context.Context) (*swarm.Service, error) { return k.stack.Service(ctx, name) }))
}

// Network returns the name that a network of the stack has in the swarm, by its key
// in the file: for another stack that joins it, by spec.Stack.Networks.
func (k *Stack) Network(t T, key string) string {
	t.Helper()
	name, err := k.stack.Network(key)
	if err != nil {
		fail(t, err)
	}
	return name
}

// Volume returns the name that a volume of the stack has on the nodes, by its key
// in the file.
func (k *Stack) Volume(t T, key string) string {
	t.Helper()
	name, err := k.stack.Volume(key)
	if err != nil {
		fail(t, err)
	}
	return name
}

// Running lists the stack's objects, as the managers know them and the engines of
// all nodes that can be reached. Volumes and names of containers on other nodes are
// missing. Containers of ended tasks are included as long as the swarm keeps them,
// anonymous volumes are not.
func (k *Stack) Running(t T) *Running {
	t.Helper()
	return runningOf(ask(t, k.stack.Running))
}

// Update deploys the stack again in place, from other files, or with other images
// or variables: volumes keep their content, services that are no longer in the
// files are removed, and all others are updated as the files say. It returns when
// the updates are over, including their monitoring period (update_config.monitor, 5
// seconds by default), and fails the test with the reason if one is paused or
// rolled back; [Try] lets a test expect that.
func (k *Stack) Update(t T, s spec.Stack) {
	t.Helper()
	change(t, k.stack.Session(), s.TimeLimit, swarm.DeployLimit+ownLimits(t, s.Ready), func(ctx context.Context, say session.Progress) error {
		return k.stack.Update(ctx, s, say)
	})
}

// Remove removes the stack before the end of the test, and returns when all of it is
// gone, unlike docker stack rm, which returns earlier and never removes volumes. Then
// the stack's locks and ports are free for others. A node whose engine cannot be
// reached keeps its volumes.
func (k *Stack) Remove(t T) {
	t.Helper()
	ctx, cancel := limit(t, 0, session.EndLimit)
	defer cancel()
	if err := k.stack.Remove(ctx); err != nil {
		fail(t, err)
	}
}
