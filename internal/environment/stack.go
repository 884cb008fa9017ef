// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"

	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// StackOf is what a spec of a project says of a stack: the options of both are the same, but
// for constraints, which stacks alone have.
func StackOf(p spec.Project, constraints map[string]string) spec.Stack {
	return spec.Stack{
		Files: p.Files, Dir: p.Dir, Env: p.Env, Images: p.Images, StandIns: p.StandIns, Ports: p.Ports, KeepPorts: p.KeepPorts,
		StablePorts: p.StablePorts, PortReferences: p.PortReferences, Publish: p.Publish, PublishOther: p.PublishOther, Networks: p.Networks, Volumes: p.Volumes,
		Secrets: p.Secrets, Configs: p.Configs, Paths: p.Paths, Constraints: constraints, Builds: p.Builds,
		Replace: p.Replace, Allow: p.Allow, Lock: p.Lock, Isolate: p.Isolate, CopyLimit: p.CopyLimit, Ready: p.Ready,
	}
}

// deploy starts the stack, or makes it what its files say now.
func (s *starter) deploy(ctx context.Context, p spec.Project) error {
	if err := s.sess.RequireManager(ctx); err != nil {
		return err
	}
	o := swarm.Options{NoWait: s.o.NoWait}
	if s.was != nil && s.n.IsUp() {
		o.Was = s.was.Stack
	}
	made := StackOf(p, s.o.Constraints)
	s.stack = swarm.Lasting(s.sess, s.o.Name, made, o)
	return s.stack.Deploy(ctx, made, s.say)
}
