// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"strings"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Service is a service of a swarm: one that a test made, or one of a stack. It is
// removed at the end of the test that made it. Its methods take the test that asks,
// which may be a subtest. They are safe for concurrent use.
type Service struct {
	// Name is the role of the service, or its name in the stack's file, as messages
	// and artifacts call it.
	Name string

	// ID is its id in the swarm.
	ID string

	service *swarm.Service
}

// serviceOf returns the handle of a service: the same one each time.
func serviceOf(s *swarm.Service) *Service {
	return s.Handle(func() any { return &Service{Name: s.Name, ID: s.ID, service: s} }).(*Service)
}

// String returns the Name.
func (s *Service) String() string { return s.Name }

// Serve runs a service in the swarm that the engine manages and waits until all of
// its tasks run, and are healthy if there is a health check; the tasks of a job
// must have run to their end. It fails the test as soon as that is impossible,
// because a task ended for good or no node takes it. The tasks' logs go to the
// artifacts <service>.<slot>.out and .err; they are complete if the node's engine
// can be reached.
//
// On an engine that manages no swarm Serve fails the test; package swarmtest starts a
// swarm.
func Serve(t T, s spec.Service) *Service {
	t.Helper()
	return standard.Serve(t, s)
}

// Serve is the function [Serve], on this engine.
func (e *Engine) Serve(t T, s spec.Service) *Service {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, swarm.ServeLimit+ownLimit(t, s.Ready), func(ctx context.Context, sess *session.Session) (*Service, error) {
		made, err := swarm.Serve(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		return serviceOf(made), nil
	})
}

// WrapService returns the handle of a service that is in the swarm already, by its
// name or id. The service stays after the test, unless spec.Existing.Owned is set.
// The logs of its tasks so far are copied to the test's artifacts. WrapService does
// not wait until the tasks run; call [Service.Wait] for that.
func WrapService(t T, s spec.Existing) *Service {
	t.Helper()
	return standard.WrapService(t, s)
}

// WrapService is the function [WrapService], on this engine.
func (e *Engine) WrapService(t T, s spec.Existing) *Service {
	t.Helper()
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Service, error) {
		made, err := swarm.Wrap(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		return serviceOf(made), nil
	})
}

// Tasks returns the service's present tasks, in the order of their slots or nodes:
// those whose desired state is to run, or, for a job, those of its last run. The
// test fails if there is none.
func (s *Service) Tasks(t T) []*Task {
	t.Helper()
	var all []*Task
	act(t, func(ctx context.Context) error {
		tasks, err := s.service.Tasks(ctx)
		for _, k := range tasks {
			all = append(all, taskOf(k))
		}
		return err
	})
	return all
}

// Task returns the first of [Service.Tasks].
func (s *Service) Task(t T) *Task {
	t.Helper()
	return s.Tasks(t)[0]
}

// Wait waits until the service has converged, as [Serve] does: after the loss of a
// node, say, until its tasks run elsewhere. If there are conditions, it then waits
// until each of its tasks fulfils all of them, as [Container.Wait] does; that needs
// nodes whose engines can be reached.
func (s *Service) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	s.change(t, s.service.Settle)
	for _, k := range s.Tasks(t) {
		if len(conditions) > 0 {
			k.Container(t).Wait(t, conditions...)
		}
	}
}

// Logs returns what the service's present tasks have printed so far, one task after
// the other. See [Task.Logs].
func (s *Service) Logs(t T) string {
	t.Helper()
	var b strings.Builder
	for _, k := range s.Tasks(t) {
		b.WriteString(k.Logs(t))
	}
	return b.String()
}

// ExitCodes returns the exit codes of the tasks of a job, in the order of their slots.
func (s *Service) ExitCodes(t T) []int {
	t.Helper()
	var codes []int
	for _, k := range s.Tasks(t) {
		code, err := k.task.Exit()
		if err != nil {
			fail(t, err)
		}
		codes = append(codes, code)
	}
	return codes
}

// Addr returns the host:port at which the test reaches a TCP port of the service: if
// the port is published in host mode, on the node of the first task, else through the
// swarm's routing mesh, which needs IPVS in the nodes' kernel. The port is the
// number in the container, or the published one in the stack's file. Containers do
// not use that address: in a network of both they reach the service by its name. See
// [Task.Addr].
func (s *Service) Addr(t T, port int) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return s.service.Addr(ctx, portnumber.TCP(port)) })
}

// AddrOf is Addr for a port with its protocol, as Docker writes it: "53/udp".
func (s *Service) AddrOf(t T, port string) string {
	t.Helper()
	return addrOf(t, port, s.service.Addr)
}

// URL returns "http://" and the Addr of a port.
func (s *Service) URL(t T, port int) string {
	t.Helper()
	return "http://" + s.Addr(t, port)
}

// Scale changes the number of replicas, and returns when that many tasks run.
func (s *Service) Scale(t T, replicas int) {
	t.Helper()
	s.change(t, func(ctx context.Context) error { return s.service.Scale(ctx, replicas) })
	if warning := s.service.Beyond(replicas); warning != "" {
		t.Logf("warning: %s", warning)
	}
}

// Rollback undoes the service's last update, and returns when the service has
// converged.
func (s *Service) Rollback(t T) {
	t.Helper()
	s.change(t, s.service.Rollback)
}

// change does something to the service, within the time that a service has to
// converge, and fails the test if that fails.
func (s *Service) change(t T, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := limit(t, 0, swarm.ServeLimit)
	defer cancel()
	if err := do(ctx); err != nil {
		fail(t, report.Hinted(session.CutOff(ctx, err)))
	}
}
