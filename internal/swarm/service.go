// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Service is a service of a swarm: one that was served here, one of a stack, or one that
// was there.
type Service struct {
	Name string // its role, or its name in the stack's file
	ID   string // in the swarm

	group  *serviceGroup
	naming sync.Once
	handle any
}

// Handle returns what the packages above know the service as, the same each time.
func (s *Service) Handle(make func() any) any {
	s.naming.Do(func() { s.handle = make() })
	return s.handle
}

// ServeLimit bounds how long a service may take to become what it is to be.
const ServeLimit = 5 * time.Minute

// Serve runs a service in the swarm, and waits until it is ready.
func Serve(ctx context.Context, sess *session.Session, s spec.Service) (*Service, error) {
	s.Name = cmp.Or(s.Name, container.ImageRole(s.Image))
	made, err := serveService(ctx, sess, s)
	if err != nil {
		return nil, fmt.Errorf("serving %s: %w", s.Name, err)
	}
	return made, nil
}

func serveService(ctx context.Context, sess *session.Session, s spec.Service) (*Service, error) {
	if err := checkService(s); err != nil {
		return nil, err
	}
	n, err := newServiceSpec(ctx, sess, s)
	if err != nil {
		return nil, err
	}
	g := newServiceGroup(sess, groupSpec{
		label: engine.SwarmService, value: n.Name,
		list: func(ctx context.Context) ([]engine.Service, error) {
			one, err := sess.Engine.Service(ctx, n.Name)
			return []engine.Service{one}, err
		},
		role:  func(string) string { return s.Name },
		allow: check.ExitCodes(s.ExitCodes),
		owns: func(v engine.Object) bool {
			return slices.ContainsFunc(n.Mounts, func(m engine.Mount) bool { return m.Type == "volume" && m.Source == v.Name })
		},
	})
	sess.Track((&served{serviceGroup: g, name: n.Name}).resource())
	if err := g.follower.listen(ctx); err != nil {
		return nil, err
	}
	creating, cancel := session.Creating(ctx)
	defer cancel()
	create := func() (string, error) { return sess.Engine.CreateService(creating, n) }
	if len(s.Flags) > 0 {
		create = func() (string, error) { return sess.Engine.CreateServiceByCommand(creating, n, s.Flags) }
	}
	id, err := create()
	if err != nil {
		return nil, err
	}
	sess.Artifacts.Note("service %s created", s.Name)
	if err := g.converge(ctx, nil, false); err != nil {
		return nil, err
	}
	made := &Service{Name: s.Name, ID: id, group: g}
	if s.Ready != nil {
		err = g.steadily(ctx, nil, func() error { return made.ready(ctx, s.Ready) })
	} else {
		err = g.listening(ctx, nil)
	}
	if err != nil {
		return nil, err
	}
	sess.Artifacts.Note("service %s ready", s.Name)
	return made, nil
}

// newServiceSpec says what a spec asks for in the engine's words.
func newServiceSpec(ctx context.Context, sess *session.Session, s spec.Service) (n engine.NewService, err error) {
	nodes, err := awaitNodes(ctx, sess)
	if err != nil {
		return n, err
	}
	c := spec.Container{Image: s.Image, Entrypoint: s.Entrypoint, Command: s.Command, Env: s.Env, User: s.User, Dir: s.Dir,
		Ports: s.Ports, OtherPorts: s.OtherPorts, Mounts: s.Mounts, Networks: s.Networks, Limits: s.Limits, Healthcheck: s.Healthcheck, Flags: s.Flags}
	mounts, user, err := container.Mounts(ctx, sess, c)
	if err != nil {
		return n, err
	}
	c.User = cmp.Or(s.User, user)
	if c.Image, err = distribute(ctx, sess, s.Image, nodes); err != nil {
		return n, err
	}
	n.NewContainer = container.Request(c, mounts)
	n.Name = owner.Name(sess.Test, s.Name, owner.NewID())
	n.Warn = func(text string) { sess.NoteSaid("service "+s.Name, text) }
	n.Own = sess.Labels(owner.Service, n.Name, s.Labels)
	n.Labels = sess.Labels(owner.Container, n.Name+".*", s.Labels)
	n.VolumeLabels = func(name string) map[string]string { return sess.Labels(owner.Volume, name, nil) }
	n.Mode, n.Replicas = cmp.Or(s.Mode, spec.Replicated), cmp.Or(s.Replicas, 1)
	n.Restart = s.Restart
	if converge.IsJob(s.Mode) {
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

func (s *Service) tasks(ctx context.Context) ([]*Task, error) {
	_, all, err := s.present(ctx)
	return all, err
}

// present returns the service as it is now, and its tasks.
func (s *Service) present(ctx context.Context) (is engine.Service, all []*Task, err error) {
	services, tasks, err := s.group.ask(ctx)
	if err != nil {
		return is, nil, err
	}
	if i := slices.IndexFunc(services, func(o engine.Service) bool { return o.ID == s.ID }); i >= 0 {
		is = services[i]
		for _, t := range converge.Present(is, tasks) {
			all = append(all, newTask(s.group, is, t))
		}
	}
	slices.SortFunc(all, func(a, b *Task) int { return cmp.Or(a.task.Slot-b.task.Slot, strings.Compare(a.Node, b.Node)) })
	return is, all, nil
}

// noTask is why a service has no task now: it is to have none, or the swarm is between the
// end of one and the start of the next.
func noTask(is engine.Service) error {
	if is.Wanted > 0 || converge.IsGlobal(is.Mode) {
		return &notYet{"none of its tasks runs: the next is about to start"}
	}
	return errors.New("it has no tasks")
}

// ready waits until all tasks fulfil a condition.
func (s *Service) ready(ctx context.Context, condition wait.Condition) error {
	is, tasks, err := s.present(ctx)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return fmt.Errorf("waiting for %v of service %s: %w", condition, s.Name, noTask(is))
	}
	return parallel.First(tasks, func(k *Task) error {
		c, err := k.container()
		if err != nil {
			return fmt.Errorf("waiting for %v of %s: %w", condition, k.Name, err)
		}
		return wait.Until(ctx, c.Target(), condition)
	})
}

func (s *Service) addr(ctx context.Context, port portnumber.Port) (string, error) {
	addr, published, err := ingress(s.group.follower, s.ID, s.Name)(ctx, port)
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

// Tasks returns the tasks that the service has now: there is at least one.
func (s *Service) Tasks(ctx context.Context) ([]*Task, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	all, err := s.tasks(ctx)
	if err == nil && len(all) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, fmt.Errorf("looking up the tasks of service %s: %w", s.Name, s.group.whyGone(err))
	}
	return all, nil
}

// Addr returns the host:port at which a TCP port of the service is reached.
func (s *Service) Addr(ctx context.Context, port portnumber.Port) (string, error) {
	addr, err := s.addr(ctx, port)
	if err != nil {
		return "", fmt.Errorf("looking up port %v of service %s: %w", port, s.Name, s.group.whyGone(err))
	}
	return addr, nil
}

// Session is the session that the service goes with.
func (s *Service) Session() *session.Session { return s.group.session }
