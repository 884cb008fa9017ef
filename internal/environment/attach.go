// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// Attach follows an environment that is up, with its logs in a directory, until Result.Leave,
// which leaves it there. Its files have to be as they can run, since they say what its
// services are.
func Attach(ctx context.Context, on *session.Handle, n *Named, dir *artifact.Dir, say session.Progress) (*Result, error) {
	if err := n.MayChange(lookInstead); err != nil {
		return nil, err
	}
	if !n.IsUp() {
		return nil, fmt.Errorf("environment %s is down\n    hint: seatrial up starts it", n.Name)
	}
	m, err := Recall(ctx, on, n)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, unknownFiles(n)
	}
	sess, err := session.Lasting(ctx, on, n.Name, dir, say)
	if err != nil {
		return nil, err
	}
	r := &Result{Named: n, sess: sess, attached: true}
	if err := r.attach(ctx, m); err != nil {
		sess.Leave()
		return nil, fmt.Errorf("looking at environment %s: %w", n.Name, err)
	}
	return r, nil
}

func (r *Result) attach(ctx context.Context, m *Memory) error {
	n := r.Named
	r.sess.Owner = n.Tuple.On("", "")
	p := m.Project
	p.Files, p.Dir, p.StablePorts = n.Files, n.Dir, true
	if n.Stack {
		if err := r.sess.RequireManager(ctx); err != nil {
			return err
		}
		made := StackOf(p, m.Constraints)
		r.Stack = swarm.Lasting(r.sess, n.Name, made, swarm.Options{Was: m.Stack})
		return r.Stack.Handover().Attach(ctx, made)
	}
	p.Answers = besides(n.Files)
	plan, err := compose.PlanWith(ctx, r.sess, p, tailor.Options{EnvFiles: m.EnvFiles})
	if err != nil {
		return err
	}
	o := compose.Options{KeepVolumes: true, EnvFiles: m.EnvFiles, Adjust: func(plan *tailor.Plan) {
		if !n.Copies {
			InPlace(plan, n.Checkout)
		}
	}}
	r.Project = compose.Lasting(r.sess, n.Name, plan.Spec, plan, o, m.State.Copies)
	if err := r.Project.Handover().Attach(ctx, m.State, m.Args, m.Environ); err != nil {
		return err
	}
	r.sess.Track(session.Resource{Evidence: r.Project.Evidence, Fates: r.Project.Fates, Detach: r.Project.Detach, Handle: r.Project})
	return nil
}

// Replicas returns the containers of a service, by number: of a stack those of its tasks.
func (r *Result) Replicas(ctx context.Context, service string) ([]*container.Container, error) {
	if r.Stack != nil {
		return r.Stack.Containers(ctx, service)
	}
	return r.Project.Services().Replicas(service)
}

// Await waits for something of all containers of a service.
func (r *Result) Await(ctx context.Context, service string, do func([]*container.Container) error) error {
	if r.Stack != nil {
		return r.Stack.Await(ctx, service, do)
	}
	all, err := r.Project.Services().Replicas(service)
	if err != nil {
		return err
	}
	return do(all)
}

// Meets waits until services meet conditions.
func (r *Result) Meets(ctx context.Context, ready map[string]wait.Condition) error {
	if r.Stack != nil {
		return r.Stack.Meets(ctx, ready)
	}
	return r.Project.Meets(ctx, ready)
}

// Restart stops services, or all of them, starts them again, and waits until they are ready:
// of a stack, tasks take the place of others.
func (r *Result) Restart(ctx context.Context, services []string) error {
	if r.Stack != nil {
		return r.Stack.Restart(ctx, services)
	}
	return r.Project.Services().Restart(ctx, services)
}

// Scale changes the number of containers of a service, and waits until they are ready.
func (r *Result) Scale(ctx context.Context, service string, number int) error {
	if r.Stack == nil {
		_, err := r.Project.Services().Scale(ctx, service, number)
		return err
	}
	s, err := r.Stack.Service(ctx, service)
	if err != nil {
		return err
	}
	return s.Scale(ctx, number)
}

// Secret makes a secret in the swarm, which goes with the environment, and returns its name.
func (r *Result) Secret(ctx context.Context, s spec.Secret) (string, error) {
	s.Labels = map[string]string{engine.StackNamespace: r.Name}
	f, err := swarm.CreateSecret(ctx, r.sess, s)
	return f.Name, err
}

// Commit makes an image of the file system of one of its containers, which goes with it, and
// returns its name.
func (r *Result) Commit(ctx context.Context, c *container.Container) (string, error) {
	image, err := container.Commit(ctx, r.sess, c)
	if err != nil {
		return "", err
	}
	return image.Ref, nil
}
