// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Service is a service of a swarm: one that a test made, or one of a stack. It
// goes at the end of the test that made it. Its methods take the test that asks,
// which may be a subtest. They are safe for concurrent use.
type Service struct {
	// Name is the role of the service, or its name in the stack's file, as messages
	// and artifacts call it.
	Name string

	// ID is its id in the swarm.
	ID string

	group *serviceGroup
}

func (s *Service) String() string { return s.Name }

const serveLimit = 5 * time.Minute

// Serve runs a service in the swarm that the engine manages, waits until all of its
// tasks run, and are healthy if there is a health check, or, of a job, have run to
// their end; and fails the test as soon as one cannot get there: it ended for good,
// or no node takes it. What the tasks log goes to files, <service>.<slot>.out and
// .err, from the first byte to the last where the node's engine can be asked.
//
// On an engine that manages no swarm it fails: package swarmtest starts one.
func Serve(t T, s spec.Service) *Service {
	t.Helper()
	return standard.Serve(t, s)
}

// Serve is the function [Serve], on this engine.
func (e *Engine) Serve(t T, s spec.Service) *Service {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, serveLimit+ownLimit(t, s.Ready), func(ctx context.Context, sc *session.Session) (*Service, error) {
		s.Name = cmp.Or(s.Name, container.ImageRole(s.Image))
		made, err := serveService(ctx, sc, s)
		if err != nil {
			return nil, fmt.Errorf("serving %s: %w", s.Name, err)
		}
		return made, nil
	})
}

func serveService(ctx context.Context, sc *session.Session, s spec.Service) (*Service, error) {
	if err := checkService(s); err != nil {
		return nil, err
	}
	n, err := newServiceSpec(ctx, sc, s)
	if err != nil {
		return nil, err
	}
	f := newServiceGroup(sc, engine.SwarmService, n.Name)
	f.role = func(string) string { return s.Name }
	f.allow = check.ExitCodes(s.ExitCodes)
	f.owns = func(v engine.Object) bool {
		return slices.ContainsFunc(n.Mounts, func(m engine.Mount) bool { return m.Type == "volume" && m.Source == v.Name })
	}
	f.list = func(ctx context.Context) ([]engine.Service, error) {
		one, err := sc.Engine.Service(ctx, n.Name)
		return []engine.Service{one}, err
	}
	sc.Track((&served{serviceGroup: f, name: n.Name}).resource())
	if err := f.listen(ctx); err != nil {
		return nil, err
	}
	// As with a container, the answer is waited for also when time is up.
	creating, cancel := context.WithTimeout(context.WithoutCancel(ctx), container.CreateLimit)
	defer cancel()
	create := func() (string, error) { return sc.Engine.CreateService(creating, n) }
	if len(s.Flags) > 0 {
		create = func() (string, error) { return sc.Engine.CreateServiceByCommand(creating, n, s.Flags) }
	}
	id, err := create()
	if err != nil {
		return nil, err
	}
	sc.Artifacts.Note("service %s created", s.Name)
	if err := f.converge(ctx, nil, false); err != nil {
		return nil, err
	}
	made := f.service(id)
	if s.Ready != nil {
		err = f.steadily(ctx, nil, func() error { return made.ready(ctx, s.Ready) })
	} else {
		err = f.listening(ctx, nil)
	}
	if err != nil {
		return nil, err
	}
	sc.Artifacts.Note("service %s ready", s.Name)
	return made, nil
}

func (f *serviceGroup) service(id string) *Service {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.services[id]
}

// newServiceSpec says what a spec asks for in the engine's words.
func newServiceSpec(ctx context.Context, sc *session.Session, s spec.Service) (n engine.NewService, err error) {
	nodes, err := awaitNodes(ctx, sc)
	if err != nil {
		return n, err
	}
	c := spec.Container{Image: s.Image, Entrypoint: s.Entrypoint, Command: s.Command, Env: s.Env, User: s.User, Dir: s.Dir,
		Ports: s.Ports, Mounts: s.Mounts, Networks: s.Networks, Limits: s.Limits, Healthcheck: s.Healthcheck}
	mounts, user, err := container.Mounts(ctx, sc, c)
	if err != nil {
		return n, err
	}
	if c.User = cmp.Or(s.User, user); c.User != s.User && slices.ContainsFunc(s.Flags, func(f string) bool { return strings.HasPrefix(f, "--user") || strings.HasPrefix(f, "-u") }) {
		c.User = ""
	}
	if c.Image, err = distribute(ctx, sc, s.Image, nodes); err != nil {
		return n, err
	}
	n.NewContainer = container.Request(c, mounts)
	n.Name = owner.Name(sc.Test, s.Name, owner.NewID())
	n.Warn = func(text string) { sc.NoteSaid("service "+s.Name, text) }
	n.Own = sc.Owner.On(owner.Service, n.Name).Labels()
	n.Labels = sc.Owner.On(owner.Container, n.Name+".*").Labels()
	maps.Copy(n.Own, s.Labels)
	maps.Copy(n.Labels, s.Labels)
	n.VolumeLabels = func(name string) map[string]string { return sc.Owner.On(owner.Volume, name).Labels() }
	n.Mode, n.Replicas = cmp.Or(s.Mode, spec.Replicated), cmp.Or(s.Replicas, 1)
	n.Restart = s.Restart
	if isJob(s.Mode) {
		n.Restart = cmp.Or(s.Restart, "none")
	}
	n.EndpointMode, n.Constraints = s.EndpointMode, s.Constraints
	n.Reserve.MemoryBytes, n.Reserve.NanoCPUs = s.Reserve.Memory, int64(math.Round(s.Reserve.CPUs*1e9))
	for _, f := range s.Secrets {
		n.Secrets = append(n.Secrets, engine.File(f))
	}
	for _, f := range s.Configs {
		n.Configs = append(n.Configs, engine.File(f))
	}
	return n, nil
}

func isJob(mode string) bool { return mode == spec.ReplicatedJob || mode == spec.GlobalJob }

// Tasks returns the tasks that the service has now, by their slots or nodes: those
// that are to run, or, of a job, those of its last run. There is at least one, or
// the test fails.
func (s *Service) Tasks(t T) []*Task {
	t.Helper()
	ctx, cancel := limit(t, 0, askLimit)
	defer cancel()
	all, err := s.tasks(ctx)
	if err == nil && len(all) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		fail(t, fmt.Errorf("looking up the tasks of service %s: %w", s.Name, s.group.gone(err)))
	}
	return all
}

// Task returns the first of the tasks.
func (s *Service) Task(t T) *Task {
	t.Helper()
	return s.Tasks(t)[0]
}

func (s *Service) tasks(ctx context.Context) ([]*Task, error) {
	services, tasks, err := s.group.ask(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Task
	for _, is := range services {
		if is.ID == s.ID {
			all = s.present(is, tasks)
		}
	}
	slices.SortFunc(all, func(a, b *Task) int { return cmp.Or(a.task.Slot-b.task.Slot, strings.Compare(a.Node, b.Node)) })
	return all, nil
}

// present returns the tasks that are to run. Of a job, and of a service that is not
// started again, it is the first in each place that ended, if one did: a swarm
// starts a job that failed again whatever it was told.
func (s *Service) present(is engine.Service, tasks []engine.Task) []*Task {
	job := isJob(is.Mode)
	slices.SortStableFunc(tasks, func(a, b engine.Task) int { return a.Since.Compare(b.Since) })
	var all []*Task
	ended := map[string]bool{}
	for _, t := range tasks {
		if t.Service == s.ID && t.Over() && (job && t.Iteration == is.Iteration && t.Started || t.State == "complete" && is.Restart != "any") && !ended[slotOf(is, t)] {
			ended[slotOf(is, t)] = true
			all = append(all, s.group.task(is, t))
		}
	}
	for _, t := range tasks {
		if t.Service == s.ID && !t.Over() && !ended[slotOf(is, t)] && (t.Desired == "running" || job && t.Iteration == is.Iteration) {
			all = append(all, s.group.task(is, t))
		}
	}
	return all
}

// Wait waits until the service is what it is to be, as [Serve] does, and then until
// each of its tasks fulfils all the conditions, as [Container.Wait] does: after a
// node went, say, until its tasks run elsewhere. Conditions take nodes whose engines
// can be asked; there may be none.
func (s *Service) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	s.change(t, "waiting for service "+s.Name, true, func(context.Context) error { return nil })
	for _, k := range s.Tasks(t) {
		if len(conditions) > 0 {
			k.Container(t).Wait(t, conditions...)
		}
	}
}

// ready waits until all tasks fulfil a condition.
func (s *Service) ready(ctx context.Context, condition wait.Condition) error {
	tasks, err := s.tasks(ctx)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return fmt.Errorf("waiting for %v of service %s: it has no tasks", condition, s.Name)
	}
	return parallel.First(tasks, func(k *Task) error {
		c, err := k.container()
		if err != nil {
			return fmt.Errorf("waiting for %v of %s: %w", condition, k.Name, err)
		}
		return wait.Until(ctx, c.Target(), condition)
	})
}

// Logs returns what the tasks that the service has now have printed so far, one
// after the other. See [Task.Logs].
func (s *Service) Logs(t T) string {
	t.Helper()
	var b strings.Builder
	for _, k := range s.Tasks(t) {
		b.WriteString(k.Logs(t))
	}
	return b.String()
}

// ExitCodes returns those of the tasks of a job, in the order of their slots.
func (s *Service) ExitCodes(t T) []int {
	t.Helper()
	var codes []int
	for _, k := range s.Tasks(t) {
		if !k.task.Over() {
			fail(t, fmt.Errorf("looking up the exit code of %s: it has none, it is %s", k.Name, k.State))
		}
		codes = append(codes, k.ExitCode)
	}
	return codes
}

// Addr returns the host:port at which a TCP port of the service is reached: that of
// its first task in host mode, or one of the whole swarm, whose mesh needs IPVS in
// the nodes' kernel. It is looked up by the number in the container, or in the
// stack's file. See [Task.Addr].
func (s *Service) Addr(t T, port int) string {
	t.Helper()
	ctx, cancel := limit(t, 0, askLimit)
	defer cancel()
	addr, err := s.addr(ctx, port)
	if err != nil {
		fail(t, fmt.Errorf("looking up port %d of service %s: %w", port, s.Name, s.group.gone(err)))
	}
	return addr
}

func (s *Service) addr(ctx context.Context, port int) (string, error) {
	addr, published, err := s.group.ingress(s.ID, s.Name)(ctx, port)
	if published || err != nil {
		return addr, err
	}
	tasks, err := s.tasks(ctx)
	switch {
	case err != nil:
		return "", err
	case len(tasks) == 0:
		return "", errors.New("no task runs")
	}
	return tasks[0].addr(ctx, port)
}

// URL returns "http://" and the Addr of a port.
func (s *Service) URL(t T, port int) string {
	t.Helper()
	return "http://" + s.Addr(t, port)
}
