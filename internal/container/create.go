// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// create creates a container, and begins to follow it.
func create(ctx context.Context, sess *session.Session, role string, s spec.Container, say session.Progress) (*Container, error) {
	flags, err := readFlags(s.Flags)
	if err != nil {
		return nil, err
	}
	byCommand := len(s.Flags) > 0
	if byCommand {
		if err := pullFor(ctx, sess, s.Image, flags, say); err != nil {
			return nil, err
		}
	}
	if err := checkPresent(ctx, sess, s, flags); err != nil {
		return nil, err
	}
	mounts, user, err := Mounts(ctx, sess, s)
	if err != nil {
		return nil, err
	}
	s.User = cmp.Or(s.User, user)
	name := owner.Name(sess.Test, role, owner.NewID())
	c := &Container{Name: role, ID: name, On: sess.On, Engine: sess.Engine}
	c.reportTo(sess)
	sess.Track(c.Resource()) // by its name, until there is an id
	if err := c.files.open(sess.Artifacts.Dir, c.Name, [2]string{s.Stdout, s.Stderr}); err != nil {
		return nil, err
	}
	n := Request(s, mounts)
	if n.Hosts, err = NewReach(sess, role).Provide(ctx, s.Reach); err != nil {
		return nil, err
	}
	facts, err := sess.On.Facts(ctx)
	if err != nil {
		return nil, err
	}
	n.KeepBytes = !facts.Podman && !flags.has("--log-driver") && !flags.has("--log-opt") // Podman has no driver local
	n.Name, n.Labels = name, sess.Labels(owner.Container, name, s.Labels)
	n.MoreNetworks = flags.networks()
	n.Warn = func(text string) { sess.NoteSaid("container "+role, text) }
	ask := func() (string, error) {
		creating, cancel := session.Creating(ctx)
		defer cancel()
		create := sess.Engine.Create
		if byCommand {
			create = func(ctx context.Context, n engine.NewContainer) (string, error) {
				return sess.Engine.CreateByCommand(ctx, n, s.Flags)
			}
		}
		id, err := create(creating, n)
		c.unsure = err != nil && creating.Err() != nil
		return id, err
	}
	id, err := ask()
	// An engine takes tens of milliseconds to say whether it has an image, so that it is first asked
	// for the container. docker create, which pulls by itself, is told only when it is there.
	if engine.IsNotFound(err) && !byCommand {
		if err := image.Provide(ctx, sess, s.Image, "", say); err != nil {
			return nil, err
		}
		id, err = ask()
	}
	if err != nil {
		return nil, err
	}
	c.ID, c.created = id, true
	return c, c.follow(ctx)
}

// pullFor makes sure that the engine has the image, as the flags have it: what takes
// long is done before the container is made.
func pullFor(ctx context.Context, sess *session.Session, ref string, flags flagList, say session.Progress) error {
	platform := flags.last("--platform")
	switch flags.last("--pull") {
	case "never":
		return nil
	case "always":
		return image.Pull(ctx, sess, ref, platform, true, say)
	}
	return image.Provide(ctx, sess, ref, platform, say)
}

// Request says what a spec asks for in the engine's words.
func Request(s spec.Container, mounts []engine.Mount) engine.NewContainer {
	n := engine.NewContainer{
		Image: s.Image, Entrypoint: s.Entrypoint, Command: s.Command, Env: environ.List(s.Env), User: s.User, Dir: s.Dir,
		Ports: ports(s), Mounts: mounts,
		Memory: s.Limits.Memory, NanoCPUs: int64(math.Round(s.Limits.CPUs * 1e9)), PIDs: s.Limits.PIDs,
	}
	for _, e := range s.Networks {
		n.Networks = append(n.Networks, engine.Endpoint(e))
	}
	if h := s.Healthcheck; h != nil {
		n.Health = &engine.Health{Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod, Retries: h.Retries}
		switch {
		case h.None:
			n.Health.Test = []string{"NONE"}
		case h.Shell != "":
			n.Health.Test = []string{"CMD-SHELL", h.Shell}
		case h.Command != nil:
			n.Health.Test = append([]string{"CMD"}, h.Command...)
		}
	}
	return n
}

// ports returns the ports that a spec has published. They have been checked.
func ports(s spec.Container) []portnumber.Port {
	var all []portnumber.Port
	for _, number := range s.Ports {
		all = append(all, portnumber.TCP(number))
	}
	for _, text := range s.OtherPorts {
		p, _ := portnumber.Parse(text)
		all = append(all, p)
	}
	return all
}

// checkPresent makes sure that the volumes and networks of a container exist. The engine
// would make a volume that it lacks, which nobody would own; of a network it would complain
// only when the container starts.
func checkPresent(ctx context.Context, sess *session.Session, s spec.Container, flags flagList) error {
	var wrong report.Problems
	for _, e := range s.Networks {
		has, err := sess.Engine.HasNetwork(ctx, e.Network)
		if err != nil {
			return err
		}
		if !has {
			wrong.Add("Networks: the engine (%s) has no network %q\n    hint: CreateNetwork makes one for the test", sess.Engine.Host(), e.Network)
		}
	}
	if wrong == nil && len(s.Reach) > 0 && len(s.Networks) > 0 {
		out, err := leadsOut(ctx, sess, s.Networks)
		if err != nil {
			return err
		}
		if !out {
			wrong.Add("Reach: nothing leads out of the container's networks, which are internal")
		}
	}
	var volumes []string
	for _, m := range s.Mounts {
		if m.Volume != "" {
			volumes = append(volumes, m.Volume)
		}
	}
	for _, name := range append(volumes, flags.volumes()...) {
		has, err := sess.Engine.HasVolume(ctx, name)
		if err != nil {
			return fmt.Errorf("looking for volume %q: %w", name, err)
		}
		if !has {
			wrong.Add("the engine (%s) has no volume %q\n    hint: CreateVolume makes one for the test", sess.Engine.Host(), name)
		}
	}
	return wrong.Joined()
}

// leadsOut reports whether something leads out of one of these networks.
func leadsOut(ctx context.Context, sess *session.Session, networks []spec.Endpoint) (bool, error) {
	for _, e := range networks {
		four, six, err := sess.Engine.Families(ctx, e.Network)
		if err != nil || four || six || e.Network == "host" {
			return true, err
		}
	}
	return false, nil
}
