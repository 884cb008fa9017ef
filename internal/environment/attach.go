// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// Attach follows an environment that is up, with its logs in a directory, until Result.Leave,
// which leaves it there. Its files have to be as they can run, since they say what its
// services are.
func Attach(ctx context.Context, on *session.Handle, n *Named, dir *artifact.Dir, say session.Progress) (*Result, error) {
	if err := n.mayChange(); err != nil {
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
	p.Files, p.Dir, p.StablePorts, p.Answers = n.Files, n.Dir, true, besides(n.Files)
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
	if err := r.Project.Attach(ctx, m.State, m.Args, m.Environ); err != nil {
		return err
	}
	r.sess.Track(session.Resource{Evidence: r.Project.Evidence, Fates: r.Project.Fates, Detach: r.Project.Detach, Handle: r.Project})
	return nil
}

// Commit makes an image of the file system of one of its containers, which goes with it, and
// returns its name.
func (r *Result) Commit(ctx context.Context, c *container.Container) (string, error) {
	image, err := c.Commit(ctx, r.sess)
	if err != nil {
		return "", err
	}
	return image.Ref, nil
}
