// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/said"
	"github.com/seatrial/seatrial/tailor"
)

// compose runs a docker compose command on the project, with the shipped files
// and after them two overrides: what tailoring changed, and whose it is. Both
// are the same for every command on one project: labels are part of what makes
// Compose recreate a container.
func (r *revision) compose(ctx context.Context, verb string, args ...string) error {
	return r.composeWith(ctx, nil, verb, args...)
}

func (r *revision) composeWith(ctx context.Context, in io.Reader, verb string, args ...string) error {
	p, dir := r.p, r.p.Session.Artifacts
	if r.base == nil {
		if err := r.arguments(); err != nil {
			return err
		}
	}
	log, err := dir.Create("compose-" + verb + ".log")
	if err != nil {
		return err
	}
	defer log.Close()
	out := dir.RedactTo(log)
	defer out.Close()
	var heard report.Buffer // of both streams: it asks on stdout
	both := io.MultiWriter(out, &heard)
	began := time.Now()
	err = p.Session.Engine.Docker(ctx, engine.Command{
		Verb: "compose " + verb, Args: append(append(append([]string{}, r.base...), verb), args...),
		Dir: r.plan.Dir, Env: r.environ(), In: in, Out: both, Err: both,
	})
	if err == nil && verb != "run" { // where a program may speak in the same way
		for _, text := range said.InCompose(heard.String()) {
			p.Session.Said.Add("docker compose " + verb + ": " + text)
		}
	}
	dir.Note("docker compose %s, in %v", verb, time.Since(began).Round(time.Millisecond))
	var ended *engine.CommandError
	if err != nil && !(verb == "run" && errors.As(err, &ended)) { // others of its requests may be under way
		p.mu.Lock()
		p.unsure = true
		p.mu.Unlock()
	}
	return err
}

// environ is just what the plan was made with, and what was leased and built for it.
func (r *revision) environ() []string {
	env := map[string]string{}
	maps.Copy(env, r.plan.Env)
	maps.Copy(env, r.values)
	maps.Copy(env, r.built)
	return environ.List(env)
}

// arguments writes the overrides, and the arguments that all commands share.
func (r *revision) arguments() error {
	if _, err := r.p.Session.Artifacts.Write("plan.txt", []byte(r.plan.Text())); err != nil {
		return err
	}
	args := []string{"compose", "--ansi", "never", "--progress", "plain",
		"--project-name", r.p.Name, "--project-directory", r.plan.Dir}
	for _, file := range r.plan.EnvFiles {
		args = append(args, "--env-file", file)
	}
	for _, profile := range r.plan.Profiles {
		args = append(args, "--profile", profile)
	}
	for i, file := range r.plan.Files {
		for _, text := range r.plan.Texts { // a copy, in which text was replaced
			if text.File == file {
				var err error
				if file, err = r.p.Session.Artifacts.Write(fmt.Sprintf("replaced-%d-%s", i+1, filepath.Base(file)), []byte(text.Content)); err != nil {
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
		{"tailored.yaml", r.plan.Override()},
		{"copies.yaml", r.copies},
		{"owner.yaml", ownerFile(r.p.Name, r.p.Session.Owner, r.plan)},
		{"images.yaml", r.images},
	}
	for _, o := range overrides {
		if o.content == nil {
			continue
		}
		path, err := r.p.Session.Artifacts.Write(o.name, o.content)
		if err != nil {
			return err
		}
		args = append(args, "--file", path)
	}
	r.base = args
	return nil
}

// ownerFile returns a Compose file, in JSON, that puts the owner's labels on all
// that the project makes.
func ownerFile(project string, tuple owner.Tuple, plan *tailor.Plan) []byte {
	type labelled struct {
		Labels map[string]string `json:"labels"`
	}
	labelWith := func(tuple owner.Tuple, kind, name string) labelled {
		labels := tuple.On(kind, name).Labels()
		for key, value := range labels {
			labels[key] = environ.Escape(value)
		}
		return labelled{Labels: labels}
	}
	label := func(kind, name string) labelled { return labelWith(tuple, kind, name) }
	file := struct {
		Services map[string]labelled `json:"services"`
		Networks map[string]labelled `json:"networks,omitempty"`
		Volumes  map[string]labelled `json:"volumes,omitempty"`
	}{map[string]labelled{}, map[string]labelled{}, map[string]labelled{}}
	for _, s := range plan.Services {
		name := project + "-" + s.Name + owner.Replica
		if given := strings.ReplaceAll(s.ContainerName, "${COMPOSE_PROJECT_NAME}", project); given != s.ContainerName {
			name = given + owner.Or + name
		}
		service := label(owner.Container, name)
		if len(s.Contents) > 0 { // so that Compose makes another container when it changes
			sum := sha256.Sum256([]byte(project + "\x00" + strings.Join(s.Contents, "\x00")))
			service.Labels[owner.LabelContents] = hex.EncodeToString(sum[:4]) // too short to guess a secret by
		}
		file.Services[s.Name] = service
	}
	// Names of networks and volumes may hold the project's anywhere.
	for _, key := range plan.Networks {
		file.Networks[key] = label(owner.Network, "*"+project+"*")
	}
	for _, key := range plan.Volumes {
		file.Volumes[key] = labelWith(tuple.Data(), owner.Volume, "*"+project+"*")
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them
	}
	return content
}

// remove removes the project's containers. It asks the engine and not docker
// compose, which stops services one after the other, with a grace period for each.
func (p *Project) remove(ctx context.Context) error {
	p.stopListening()
	if _, err := p.sweepContainers(ctx); err != nil {
		return fmt.Errorf("project %s: %w", p.Name, err)
	}
	return nil
}

// removeRemains removes what the containers of a project use, and those of other
// projects may use, too.
func (p *Project) removeRemains(ctx context.Context) error {
	_, err := p.sweepRest(ctx)
	// The engine finishes what a command asked for after the command is gone:
	// go on until nothing more comes.
	for quiet := 0; p.isUnsure() && quiet < 3 && ctx.Err() == nil; quiet++ {
		time.Sleep(200 * time.Millisecond)
		containers, failed := p.sweepContainers(ctx)
		rest, failedToo := p.sweepRest(ctx)
		if containers+rest > 0 {
			quiet = -1
		}
		err = errors.Join(failed, failedToo)
	}
	if err != nil {
		return fmt.Errorf("project %s: %w", p.Name, err)
	}
	return nil
}

func (p *Project) isUnsure() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unsure
}

// stopListening ends what goes on in the background, the containers' logs apart.
func (p *Project) stopListening() {
	if p.unsubscribe != nil {
		p.unsubscribe()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}

// sweepContainers removes the project's containers. It returns how many it found.
func (p *Project) sweepContainers(ctx context.Context) (found int, err error) {
	containers, err := p.Session.Engine.Containers(ctx, engine.ComposeProject, p.Name)
	if err != nil {
		return 0, err
	}
	containers = p.Session.Owned(owner.Container, containers)
	p.mu.Lock()
	known, past := maps.Clone(p.containers), slices.Clone(p.past)
	p.mu.Unlock()
	err = parallel.Do(containers, func(o engine.Object) error {
		c := known[o.ID]
		if c == nil {
			c = &container.Container{Name: o.Name, ID: o.ID, Engine: p.Session.Engine}
		}
		return c.Remove(ctx)
	})
	for _, c := range known {
		c.Close(ctx) // also of containers that were removed meanwhile
	}
	for _, c := range past {
		c.Close(ctx)
	}
	return len(containers), err
}

// sweepRest removes what else there is of the project. It returns how many objects
// it found.
func (p *Project) sweepRest(ctx context.Context) (found int, err error) {
	e := p.Session.Engine
	networks, err := e.Networks(ctx, engine.ComposeProject, p.Name)
	volumes, failed := e.Volumes(ctx, engine.ComposeProject, p.Name)
	err = errors.Join(err, failed)
	images, failed := e.Images(ctx, engine.ComposeProject, p.Name)
	err = errors.Join(err, failed)
	networks, volumes, images = p.Session.Owned(owner.Network, networks), p.Session.Owned(owner.Volume, volumes), p.Session.Owned(owner.Image, images)
	if p.options.KeepVolumes {
		volumes = nil
	}
	p.mu.Lock()
	anonymous := p.anonymous
	p.mu.Unlock()
	return len(networks) + len(volumes) + len(images), errors.Join(err, e.RemoveUnused(ctx, anonymous),
		parallel.Do(networks, func(o engine.Object) error { return e.RemoveNetwork(ctx, o.ID) }),
		parallel.Do(volumes, func(o engine.Object) error { return e.RemoveVolume(ctx, o.Name) }),
		parallel.Do(images, func(o engine.Object) error { return e.ReleaseImage(ctx, o.Name) }))
}
