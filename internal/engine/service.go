// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
)

// Modes of services, as docker service create has them.
const (
	Replicated    = "replicated"
	Global        = "global"
	ReplicatedJob = "replicated-job"
	GlobalJob     = "global-job"
)

// A Service is what the managers know of a service.
type Service struct {
	Object
	Mode     string
	Wanted   int    // replicas, or completions of a job; nothing for one on each node
	AtOnce   int    // tasks of a job that run at a time
	Restart  string // none, on-failure or any
	Attempts int    // to start it again; 0 is without end
	Image    string

	Constraints []string
	PerNode     int   // replicas; 0 is without bound
	NanoCPUs    int64 // what a task reserves
	MemoryBytes int64
	Iteration   uint64 // of a job
	Ports       []ServicePort
	Virtual     bool     // others find it by a virtual IP, in networks that it is in
	Volumes     []string // that it mounts

	Update        string // the state of an update or roll back; empty if there was none
	UpdateMessage string

	spec string
}

// services are the calls for what runs in a swarm: services, their tasks, and what they are given.
type services struct {
	*connection
	commands *commands
}

// Services lists the services that carry a label with this value, or with any if
// it is empty.
func (e *services) Services(ctx context.Context, label, value string) ([]Service, error) {
	list, err := e.api.ServiceList(ctx, client.ServiceListOptions{Filters: labelled(label, value)})
	if err != nil {
		return nil, err
	}
	var all []Service
	for _, s := range list.Items {
		all = append(all, serviceOf(s))
	}
	return all, nil
}

// Service returns a service, by its id or name.
func (e *services) Service(ctx context.Context, id string) (Service, error) {
	found, err := e.api.ServiceInspect(ctx, id, client.ServiceInspectOptions{})
	return serviceOf(found.Service), err
}

func serviceOf(s swarm.Service) Service {
	is := Service{Object: Object{ID: s.ID, Name: s.Spec.Name, Labels: s.Spec.Labels}, Restart: string(swarm.RestartPolicyConditionAny), spec: taskSpec(s.Spec.TaskTemplate)}
	switch m := s.Spec.Mode; {
	case m.Global != nil:
		is.Mode = Global
	case m.GlobalJob != nil:
		is.Mode = GlobalJob
	case m.ReplicatedJob != nil:
		is.Mode, is.Wanted = ReplicatedJob, number(m.ReplicatedJob.TotalCompletions, 1)
		is.AtOnce = number(m.ReplicatedJob.MaxConcurrent, 1)
		if m.ReplicatedJob.TotalCompletions == nil {
			is.Wanted = is.AtOnce
		}
	default:
		is.Mode, is.Wanted = Replicated, 1
		if m.Replicated != nil {
			is.Wanted = number(m.Replicated.Replicas, 1)
		}
	}
	task := s.Spec.TaskTemplate
	if p := task.RestartPolicy; p != nil {
		if p.Condition != "" {
			is.Restart = string(p.Condition)
		}
		is.Attempts = number(p.MaxAttempts, 0)
	}
	if p := task.Placement; p != nil {
		is.Constraints, is.PerNode = p.Constraints, int(p.MaxReplicas)
	}
	if r := task.Resources; r != nil && r.Reservations != nil {
		is.NanoCPUs, is.MemoryBytes = r.Reservations.NanoCPUs, r.Reservations.MemoryBytes
	}
	if c := task.ContainerSpec; c != nil {
		is.Image = c.Image
		for _, m := range c.Mounts {
			if m.Type == mount.TypeVolume && m.Source != "" {
				is.Volumes = append(is.Volumes, m.Source)
			}
		}
	}
	if s.JobStatus != nil {
		is.Iteration = s.JobStatus.JobIteration.Index
	}
	is.Ports = servicePorts(s.Endpoint.Ports)
	is.Virtual = len(task.Networks) > 0 && (s.Spec.EndpointSpec == nil || s.Spec.EndpointSpec.Mode != swarm.ResolutionModeDNSRR)
	if s.UpdateStatus != nil {
		is.Update, is.UpdateMessage = string(s.UpdateStatus.State), s.UpdateStatus.Message
	}
	return is
}

func number(n *uint64, standard int) int {
	if n == nil {
		return standard
	}
	return int(*n)
}

// RemoveService removes a service. Its tasks end after that. One that is gone
// already is no error.
func (e *services) RemoveService(ctx context.Context, id string) error {
	_, err := e.api.ServiceRemove(ctx, id, client.ServiceRemoveOptions{})
	return ignore(err, IsNotFound)
}

// Scale changes the number of replicas.
func (e *services) Scale(ctx context.Context, id string, replicas int) error {
	return e.update(ctx, id, func(_ swarm.Service, o *client.ServiceUpdateOptions) error {
		n, s := uint64(replicas), &o.Spec
		switch {
		case s.Mode.Replicated != nil:
			s.Mode.Replicated.Replicas = &n
		case s.Mode.ReplicatedJob != nil:
			s.Mode.ReplicatedJob.TotalCompletions = &n
		default:
			return errors.New("it has a task on each node, and no number of replicas")
		}
		return nil
	})
}

// Restart has the swarm start other tasks in the place of those that a service has.
func (e *services) Restart(ctx context.Context, id string) error {
	return e.update(ctx, id, func(_ swarm.Service, o *client.ServiceUpdateOptions) error {
		o.Spec.TaskTemplate.ForceUpdate++
		return nil
	})
}

// Rollback makes a service what it was before its last update. The swarm forgets that when it
// has rolled an update back by itself.
func (e *services) Rollback(ctx context.Context, id string) error {
	return e.update(ctx, id, func(now swarm.Service, o *client.ServiceUpdateOptions) error {
		switch status := now.UpdateStatus; {
		case now.PreviousSpec != nil:
			o.Rollback = "previous"
			return nil
		case status != nil && status.State == swarm.UpdateStateRollbackCompleted:
			return fmt.Errorf("its last update has been rolled back already (%s)", status.Message)
		}
		return errors.New("it has not been updated yet: there is nothing to roll back to")
	})
}

// update changes a service, and tries again if somebody else has changed it meanwhile.
func (e *services) update(ctx context.Context, id string, change func(now swarm.Service, o *client.ServiceUpdateOptions) error) error {
	for {
		now, err := e.api.ServiceInspect(ctx, id, client.ServiceInspectOptions{})
		if err != nil {
			return err
		}
		o := client.ServiceUpdateOptions{Version: now.Service.Version, Spec: now.Service.Spec}
		if err := change(now.Service, &o); err != nil {
			return err
		}
		if _, err = e.api.ServiceUpdate(ctx, id, o); err == nil || ctx.Err() != nil {
			return err
		}
		again, failed := e.api.ServiceInspect(ctx, id, client.ServiceInspectOptions{})
		if failed != nil || again.Service.Version == now.Service.Version {
			return err
		}
	}
}

// NewService is what a service is created from: a container, and how many.
type NewService struct {
	NewContainer // Ports are published in host mode, on ports that the node's engine chooses
	Mode         string
	Replicas     int
	EndpointMode string // dnsrr or vip; empty is vip
	Constraints  []string
	Restart      string
	Reserve      struct{ NanoCPUs, MemoryBytes int64 }
	Secrets      []File
	Configs      []File
	Own          map[string]string                   // the labels of the service itself
	VolumeLabels func(name string) map[string]string // of the volumes that are made for it
}

// A File is a secret or config that the containers of a service see.
type File struct {
	Name, Target, UID, GID string
	Mode                   fs.FileMode
}

// CreateService creates a service, and returns its id.
func (e *services) CreateService(ctx context.Context, n NewService) (id string, err error) {
	c := &swarm.ContainerSpec{
		Image: n.Image, Labels: n.Labels, Command: n.Entrypoint, Args: n.Command, Env: n.Env, Dir: n.Dir, User: n.User, Healthcheck: n.Health.api(),
	}
	for _, m := range n.Mounts {
		to := m.api()
		if m.Type == mount.TypeVolume {
			if to.VolumeOptions == nil {
				to.VolumeOptions = &mount.VolumeOptions{}
			}
			to.VolumeOptions.Labels = n.VolumeLabels(m.Source)
		}
		c.Mounts = append(c.Mounts, to)
	}
	if err := e.giveFiles(ctx, n, c); err != nil {
		return "", err
	}
	none := time.Duration(0)
	s := swarm.ServiceSpec{
		Annotations: swarm.Annotations{Name: n.Name, Labels: n.Own},
		TaskTemplate: swarm.TaskSpec{
			ContainerSpec: c, Placement: &swarm.Placement{Constraints: n.Constraints},
			RestartPolicy: &swarm.RestartPolicy{Condition: swarm.RestartPolicyCondition(n.Restart), Delay: nil, Window: &none},
			Resources: &swarm.ResourceRequirements{
				Limits:       &swarm.Limit{NanoCPUs: n.NanoCPUs, MemoryBytes: n.Memory, Pids: n.PIDs},
				Reservations: &swarm.Resources{NanoCPUs: n.Reserve.NanoCPUs, MemoryBytes: n.Reserve.MemoryBytes},
			},
		},
		EndpointSpec: &swarm.EndpointSpec{Mode: swarm.ResolutionMode(n.EndpointMode)},
	}
	for _, net := range n.Networks {
		s.TaskTemplate.Networks = append(s.TaskTemplate.Networks, swarm.NetworkAttachmentConfig{Target: net.Network, Aliases: net.Aliases})
	}
	for _, port := range n.Ports {
		s.EndpointSpec.Ports = append(s.EndpointSpec.Ports, swarm.PortConfig{
			Protocol: network.IPProtocol(port.Protocol), TargetPort: uint32(port.Number), PublishMode: swarm.PortConfigPublishModeHost,
		})
	}
	replicas := uint64(n.Replicas)
	switch n.Mode {
	case Global:
		s.Mode.Global = &swarm.GlobalService{}
	case GlobalJob:
		s.Mode.GlobalJob = &swarm.GlobalJob{}
	case ReplicatedJob:
		s.Mode.ReplicatedJob = &swarm.ReplicatedJob{MaxConcurrent: &replicas, TotalCompletions: &replicas}
	default:
		s.Mode.Replicated = &swarm.ReplicatedService{Replicas: &replicas}
	}
	created, err := e.api.ServiceCreate(ctx, client.ServiceCreateOptions{Spec: s})
	n.warn(created.Warnings...)
	return created.ID, err
}
