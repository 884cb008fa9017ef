// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
)

// A Task is what the managers know of a task.
type Task struct {
	ID, Service, Node string
	Slot              int // see Number
	Desired, State    string
	Message, Error    string
	Created           time.Time // on the clock of the managers
	Since             time.Time // of the state, on the clock of who reported it
	Container         string    // its id, on the node
	Started           bool      // its program has run
	ExitCode          int
	Ports             []ServicePort // published in host mode
	Iteration         uint64        // of a job

	spec string // what it was made from
}

// Over reports whether the task has ended, and how it did will not change.
func (t Task) Over() bool {
	switch swarm.TaskState(t.State) {
	case swarm.TaskStateComplete, swarm.TaskStateShutdown, swarm.TaskStateFailed, swarm.TaskStateRejected, swarm.TaskStateRemove, swarm.TaskStateOrphaned:
		return true
	}
	return false
}

// Number is the task's number among those of its service, from 1. Slots of a job
// are counted from 0.
func (t Task) Number(mode string) int {
	if mode == ReplicatedJob {
		return t.Slot + 1
	}
	return t.Slot
}

// Of reports whether a task was made from what the service is now, and not from
// what it was before an update.
func (t Task) Of(s Service) bool { return t.Service == s.ID && t.spec == s.spec }

// Tasks asks a manager for all tasks of its swarm, or for those of services that
// are there.
func (e *services) Tasks(ctx context.Context, services ...string) ([]Task, error) {
	filters := make(client.Filters)
	for _, id := range services {
		filters.Add("service", id)
	}
	list, err := e.api.TaskList(ctx, client.TaskListOptions{Filters: filters})
	if err != nil {
		return nil, err
	}
	var all []Task
	for _, t := range list.Items {
		task := Task{
			ID: t.ID, Service: t.ServiceID, Node: t.NodeID, Slot: t.Slot, Desired: string(t.DesiredState),
			State: string(t.Status.State), Message: t.Status.Message, Error: t.Status.Err, Created: t.CreatedAt, Since: t.Status.Timestamp,
			spec: taskSpec(t.Spec), Ports: servicePorts(t.Status.PortStatus.Ports),
		}
		if t.JobIteration != nil {
			task.Iteration = t.JobIteration.Index
		}
		if c := t.Status.ContainerStatus; c != nil {
			task.Container, task.ExitCode = c.ContainerID, c.ExitCode
			task.Started = c.PID != 0 || c.ExitCode != 0 || task.State == string(swarm.TaskStateComplete)
		}
		all = append(all, task)
	}
	return all, nil
}

// taskSpec is what tells whether two tasks are to be the same.
func taskSpec(s swarm.TaskSpec) string {
	s.Runtime = cmp.Or(s.Runtime, swarm.RuntimeContainer) // of services, it says so always
	text, _ := json.Marshal(s)                            // it came as JSON
	return string(text)
}

// A ServicePort is a port that a service publishes.
type ServicePort struct {
	Target, Published int // of the containers, of the nodes
	Protocol          string
	Host              bool // on the nodes that have a task, and not on all of them
}

func servicePorts(ports []swarm.PortConfig) []ServicePort {
	var all []ServicePort
	for _, p := range ports {
		all = append(all, ServicePort{int(p.TargetPort), int(p.PublishedPort), string(p.Protocol), p.PublishMode == swarm.PortConfigPublishModeHost})
	}
	return all
}

// TaskLog returns what a task has logged so far, by way of the managers, which
// ask the task's node.
func (e *services) TaskLog(ctx context.Context, id string) (stdout, stderr string, lines []string, err error) {
	stream, err := e.api.TaskLogs(ctx, id, client.TaskLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true})
	if err != nil {
		return "", "", nil, err
	}
	defer stream.Close()
	var texts [2]strings.Builder
	err = readLog(stream, false, func(m message) {
		to := &texts[0]
		if m.stderr {
			to = &texts[1]
		}
		to.WriteString(m.text) // never fails
		lines = append(lines, strings.TrimRight(m.text, "\r\n"))
	})
	return texts[0].String(), texts[1].String(), lines, err
}
