// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// A Stack is a stack that a test deployed in a swarm. All of it goes at the end of
// that test: services, containers, networks, secrets, configs, and the volumes on
// all nodes whose engines can be asked. Its methods take the test that asks, which
// may be a subtest. They are safe for concurrent use.
type Stack struct {
	// Name is the name of the stack in the swarm, unique to it.
	Name string

	stack *swarm.Stack
}

func (k *Stack) String() string { return k.Name }

// Deploy deploys a stack from the files as they are shipped, in the swarm that the
// engine manages, and waits until all services are what they are to be: all of
// their tasks run, and are healthy where there is a health check; jobs, and
// services that are not started again, have ended with exit code 0. It fails the
// test as soon as one cannot get there. Copies of a stack run side by side: what
// would collide is changed, as the plan explains (see [Stack.Plan]), and looked up
// afterwards by the names and numbers that the files use.
//
// With go test -v the log says how far the services are, where that takes longer than three
// seconds.
//
// Services that end until others are there are given time: one is in a loop when
// it has ended twice though all others are ready, or ten times.
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

// Plan tells what was changed in the stack so that it runs isolated, and why, a
// line for each: for people to read.
func (k *Stack) Plan() string {
	return k.stack.Plan()
}

// Service returns a service, by its name in the file.
func (k *Stack) Service(t T, name string) *Service {
	t.Helper()
	return serviceOf(ask(t, func(ctx context.Context) (*swarm.Service, error) { return k.stack.Service(ctx, name) }))
}

// Network returns the name in the swarm of a network of the stack, by its key in
// the file: for another stack that is to join it, by spec.Stack.Networks.
func (k *Stack) Network(t T, key string) string {
	t.Helper()
	name, err := k.stack.Network(key)
	if err != nil {
		fail(t, err)
	}
	return name
}

// Volume returns the name that a volume of the stack has on the nodes, by its key in the
// file.
func (k *Stack) Volume(t T, key string) string {
	t.Helper()
	name, err := k.stack.Volume(key)
	if err != nil {
		fail(t, err)
	}
	return name
}

// Running asks the managers, and the engines of all nodes that can be asked, what there is
// of the stack. Of a node whose engine cannot, volumes are not known, nor the names of
// containers. Those of ended tasks are among it as long as the swarm keeps them, anonymous
// volumes are not.
func (k *Stack) Running(t T) *Running {
	t.Helper()
	return runningOf(ask(t, k.stack.Running))
}

// Update deploys the stack again, from other files, or with other images or
// variables, in the place of what it is: its volumes keep what is in them, services
// that are not in the files any more go, and all others are updated as the files
// say. It returns when the updates are over, their time of observation included
// (update_config.monitor, 5 seconds by default), and fails the test if one is
// paused or rolled back, with the reason; [Try] lets a test expect that.
func (k *Stack) Update(t T, s spec.Stack) {
	t.Helper()
	change(t, k.stack.Session(), s.TimeLimit, swarm.DeployLimit+ownLimits(t, s.Ready), func(ctx context.Context, say session.Progress) error {
		return k.stack.Update(ctx, s, say)
	})
}

// Remove removes the stack before the end of the test, and returns when all of it
// is gone: what docker stack rm leaves behind at first, and the volumes, which it
// leaves for good. Locks and ports are free for others then. A node whose engine cannot be asked keeps its volumes.
func (k *Stack) Remove(t T) {
	t.Helper()
	ctx, cancel := limit(t, 0, session.EndLimit)
	defer cancel()
	if err := k.stack.Remove(ctx); err != nil {
		fail(t, err)
	}
}
