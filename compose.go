// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/tailor"
)

// compose runs a docker compose command on the project, with the shipped files
// and after them two overrides: what tailoring changed, and whose it is. Both
// are the same for every command on one project: labels are part of what makes
// Compose recreate a container.
func (p *Project) compose(ctx context.Context, verb string, args ...string) error {
	dir := p.scope.dir
	if p.base == nil {
		if err := p.prepare(); err != nil {
			return err
		}
	}
	log, err := dir.Create("compose-" + verb + ".log")
	if err != nil {
		return err
	}
	defer log.Close()
	out := dir.VeilTo(log)
	defer out.Close()
	began := time.Now()
	err = p.scope.engine.Docker(ctx, engine.Command{
		Verb: "compose " + verb, Args: append(append(append([]string{}, p.base...), verb), args...),
		Dir: p.plan.Dir, Env: p.environ(), Out: out, Err: out,
	})
	dir.Note("docker compose %s, in %v", verb, time.Since(began).Round(time.Millisecond))
	if err != nil { // others of its requests may be under way
		p.mu.Lock()
		p.unsure = true
		p.mu.Unlock()
	}
	return err
}

// environ is just what the plan was made with, and what was leased for it.
func (p *Project) environ() []string {
	env := map[string]string{}
	maps.Copy(env, p.plan.Env)
	maps.Copy(env, p.values)
	return environ(env)
}

// prepare writes the overrides, and the arguments that all commands share.
func (p *Project) prepare() error {
	if _, err := p.scope.dir.Write("plan.txt", []byte(p.plan.Text())); err != nil {
		return err
	}
	args := []string{"compose", "--ansi", "never", "--progress", "plain",
		"--project-name", p.Name, "--project-directory", p.plan.Dir}
	for _, file := range p.plan.EnvFiles {
		args = append(args, "--env-file", file)
	}
	for _, profile := range p.plan.Profiles {
		args = append(args, "--profile", profile)
	}
	for i, file := range p.plan.Files {
		for _, text := range p.plan.Texts { // a copy, in which text was replaced
			if text.File == file {
				var err error
				if file, err = p.scope.dir.Write(fmt.Sprintf("replaced-%d-%s", i+1, filepath.Base(file)), []byte(text.Content)); err != nil {
					return err
				}
			}
		}
		args = append(args, "--file", file)
	}
	overrides := []struct {
		name    string
		content []byte
	}{
		{"tailored.yaml", p.plan.Override()},
		{"copies.yaml", p.copies},
		{"owner.yaml", ownerFile(p.Name, p.scope.owner, p.plan)},
		{"images.yaml", p.images}, // last: the owner's labels are also for what is built
	}
	for _, o := range overrides {
		if o.content == nil {
			continue
		}
		path, err := p.scope.dir.Write(o.name, o.content)
		if err != nil {
			return err
		}
		args = append(args, "--file", path)
	}
	p.base = args
	return nil
}

// ownerFile returns a Compose file, in JSON, that puts the owner's labels on all
// that the project makes.
func ownerFile(project string, tuple owner.Tuple, plan *tailor.Plan) []byte {
	type labelled struct {
		Labels map[string]string `json:"labels"`
		Build  *labelled         `json:"build,omitempty"`
	}
	label := func(kind, name string) labelled {
		labels := tuple.On(kind, name).Labels()
		for key, value := range labels {
			labels[key] = literal(value)
		}
		return labelled{Labels: labels}
	}
	file := struct {
		Services map[string]labelled `json:"services"`
		Networks map[string]labelled `json:"networks,omitempty"`
		Volumes  map[string]labelled `json:"volumes,omitempty"`
	}{map[string]labelled{}, map[string]labelled{}, map[string]labelled{}}
	for _, s := range plan.Services {
		service := label(owner.Container, project+"-"+s.Name+owner.Replica)
		if s.Build {
			image := label(owner.Image, project+"-*:latest") // Compose replaces some characters of the service's name
			service.Build = &image
		}
		file.Services[s.Name] = service
	}
	// Names of networks and volumes may hold the project's anywhere.
	for _, key := range plan.Networks {
		file.Networks[key] = label(owner.Network, "*"+project+"*")
	}
	for _, key := range plan.Volumes {
		file.Volumes[key] = label(owner.Volume, "*"+project+"*")
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them
	}
	return content
}

// remove removes all of the project. It asks the engine and not docker compose,
// which stops services one after the other, with a grace period for each.
func (p *Project) remove(ctx context.Context) error {
	unsure := p.stopListening()
	_, err := p.sweep(ctx)
	// The engine finishes what a command asked for after the command is gone:
	// go on until nothing more comes.
	for quiet := 0; unsure && quiet < 3 && ctx.Err() == nil; quiet++ {
		time.Sleep(200 * time.Millisecond)
		var found int
		if found, err = p.sweep(ctx); found > 0 {
			quiet = -1
		}
	}
	if err != nil {
		return fmt.Errorf("project %s: %w", p.Name, err)
	}
	return nil
}

// stopListening ends what goes on in the background, the containers' logs apart.
// It reports whether the engine may still be creating something.
func (p *Project) stopListening() (unsure bool) {
	if p.unsubscribe != nil {
		p.unsubscribe()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	return p.unsure
}

// sweep removes what there is of the project, first what uses, then what is
// used. It returns how many objects it found.
func (p *Project) sweep(ctx context.Context) (found int, err error) {
	e := p.scope.engine
	containers, err := e.Containers(ctx, composeProject, p.Name)
	if err != nil {
		return 0, err
	}
	containers = ours(owner.Container, containers)
	found += len(containers)
	p.mu.Lock()
	known := p.containers
	p.mu.Unlock()
	err = inParallel(containers, func(o engine.Object) error {
		c := known[o.ID]
		if c == nil {
			c = &Container{Name: o.Name, ID: o.ID, engine: e}
		}
		return c.remove(ctx)
	})
	for _, c := range known {
		c.close(ctx) // also of containers that were removed meanwhile
	}
	networks, failed := e.Networks(ctx, composeProject, p.Name)
	err = errors.Join(err, failed)
	volumes, failed := e.Volumes(ctx, composeProject, p.Name)
	err = errors.Join(err, failed)
	images, failed := e.Images(ctx, composeProject, p.Name)
	err = errors.Join(err, failed)
	networks, volumes, images = ours(owner.Network, networks), ours(owner.Volume, volumes), ours(owner.Image, images)
	found += len(networks) + len(volumes) + len(images)
	return found, errors.Join(err,
		inParallel(networks, func(o engine.Object) error { return e.RemoveNetwork(ctx, o.ID) }),
		inParallel(volumes, func(o engine.Object) error { return e.RemoveVolume(ctx, o.Name) }),
		inParallel(images, func(o engine.Object) error { return e.ReleaseImage(ctx, o.Name) }))
}

// ours returns the objects that this run made.
func ours(kind string, objects []engine.Object) []engine.Object {
	var all []engine.Object
	for _, o := range objects {
		if tuple, ok := owner.Read(kind, o.Name, o.Labels); ok && tuple.Run == run {
			all = append(all, o)
		}
	}
	return all
}
