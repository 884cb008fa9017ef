// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"strconv"
	"sync"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm/converge"
)

// A serviceGroup is the services that one verb made in a swarm: it looks at them and at
// their tasks, waits for them, and removes them.
type serviceGroup struct {
	session *session.Session
	groupSpec
	follower *taskFollower

	mu   sync.Mutex
	ids  map[string]bool // of all services that it ever had
	over map[string]bool // tasks that had ended when the services were as is wanted; nil before
}

// A groupSpec says which services a group has, and how they are called.
type groupSpec struct {
	label, value string // of the containers
	list         func(context.Context) ([]engine.Service, error)
	role         func(full string) string                // what messages call a service
	file         func(role string) []container.Published // ports as a file publishes them
	room         func(role string) int                   // how many tasks a node takes with the ports of a file; 0 is any number
	allow        []int                                   // exit codes of jobs that are no failure
	owns         func(volume engine.Object) bool         // whether a volume of ours was made for it
}

func newServiceGroup(sess *session.Session, s groupSpec) *serviceGroup {
	if s.file == nil {
		s.file = func(string) []container.Published { return nil }
	}
	if s.room == nil {
		s.room = func(string) int { return 0 }
	}
	return &serviceGroup{session: sess, groupSpec: s, follower: newTaskFollower(sess, s), ids: map[string]bool{}}
}

// refresh asks for the services and their tasks, and follows those that nobody told of.
func (g *serviceGroup) refresh(ctx context.Context) ([]engine.Service, []engine.Task, error) {
	ctx, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	if err := g.follower.listen(ctx); err != nil {
		return nil, nil, err
	}
	services, err := g.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	g.mu.Lock()
	for _, s := range services {
		ids = append(ids, s.ID)
		g.ids[s.ID] = true
	}
	g.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	tasks, err := g.session.Engine.Tasks(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	g.follower.followTasks(ctx, tasks)
	return services, tasks, nil
}

// ask calls refresh until the managers answer.
func (g *serviceGroup) ask(ctx context.Context) (services []engine.Service, tasks []engine.Task, err error) {
	err = retryAsking(ctx, g.session, func(ctx context.Context) (err error) {
		services, tasks, err = g.refresh(ctx)
		return err
	})
	return services, tasks, err
}

// taskName is what messages and artifacts call a task: the service, and its number or, if
// it is the one of a node, that node's name.
func (g *serviceGroup) taskName(s engine.Service, t engine.Task) string {
	place := strconv.Itoa(t.Number(s.Mode))
	if converge.IsGlobal(s.Mode) {
		place = g.follower.hostname(t.Node)
	}
	return g.role(s.Name) + "." + place
}

// whyGone says that a service is not to be found because its test has ended.
func (g *serviceGroup) whyGone(err error) error {
	if g.follower.containers.HasEnded() && engine.IsNotFound(err) {
		return container.ErrRemoved
	}
	return err
}
