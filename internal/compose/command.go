// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/said"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// A composeCommand runs docker compose on a project: with the shipped files and, after them,
// overrides for what tailoring changed, for replaced paths, for the labels of the owner and
// for replaced images. All commands on one revision get the same overrides, because Compose
// recreates a container whose configuration differs, and labels are part of that.
type composeCommand struct {
	session *session.Session
	project string // its name on the engine
	cutOff  func() // called when docker compose was cut off before it ended by itself
	plan    *tailor.Plan

	values map[string]string // of the variables that stand for what is leased
	built  map[string]string // of the variables that stand for what is built
	images []byte            // an override that runs what was built, if anything was
	copies []byte            // an override that mounts copies, if there are any
	base   []string          // arguments that all commands share; nil until the first
}

// run runs a docker compose command.
func (c *composeCommand) run(ctx context.Context, verb string, args ...string) error {
	return c.runWith(ctx, nil, verb, args...)
}

// runWith is run with standard input.
func (c *composeCommand) runWith(ctx context.Context, in io.Reader, verb string, args ...string) error {
	dir := c.session.Artifacts
	if c.base == nil {
		if err := c.arguments(); err != nil {
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
	var heard report.Buffer // of both streams, because docker compose asks its questions on stdout
	both := io.MultiWriter(out, &heard)
	began := time.Now()
	err = c.session.Engine.Docker(ctx, engine.Command{
		Verb: "compose " + verb, Args: append(append(append([]string{}, c.base...), verb), args...),
		Dir: c.plan.Dir, Env: c.environ(), In: in, Out: both, Err: both,
	})
	if err == nil && verb != "run" { // whose output may be the program's own
		for _, text := range said.InCompose(heard.String()) {
			c.session.Said.Add("docker compose " + verb + ": " + text)
		}
	}
	how := "in"
	if err != nil {
		how = "which failed, after"
	}
	dir.Note("docker compose %s, %s %v", verb, how, time.Since(began).Round(time.Millisecond))
	var ended *engine.CommandError
	if err != nil && !(verb == "run" && errors.As(err, &ended)) { // the engine may still be working on its other requests
		c.cutOff()
	}
	return err
}

// environ is exactly the environment that the plan was made with, and the values that were
// leased and built for it.
func (c *composeCommand) environ() []string {
	env := map[string]string{}
	maps.Copy(env, c.plan.Env)
	maps.Copy(env, c.values)
	maps.Copy(env, c.built)
	return environ.List(env)
}

// arguments writes the overrides, and the arguments that all commands share.
func (c *composeCommand) arguments() error {
	if err := planned.SaveText(c.session.Artifacts.Dir, c.plan); err != nil {
		return err
	}
	args := []string{"compose", "--ansi", "never", "--progress", "plain",
		"--project-name", c.project, "--project-directory", c.plan.Dir}
	envFiles, err := c.envFiles()
	if err != nil {
		return err
	}
	for _, file := range envFiles {
		args = append(args, "--env-file", file)
	}
	for _, profile := range c.plan.Profiles {
		args = append(args, "--profile", profile)
	}
	for i, file := range c.plan.Files {
		for _, text := range c.plan.Texts { // a copy of the file in which text was replaced
			if text.File == file {
				var err error
				if file, err = c.session.Artifacts.Write(fmt.Sprintf("replaced-%d-%s", i+1, filepath.Base(file)), []byte(text.Content)); err != nil {
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
		{"tailored.yaml", c.plan.Override()},
		{"copies.yaml", c.copies},
		{"owner.yaml", ownerFile(c.project, c.session.Owner, c.plan)},
		{"images.yaml", c.images},
	}
	for _, o := range overrides {
		if o.content == nil {
			continue
		}
		path, err := c.session.Artifacts.Write(o.name, o.content)
		if err != nil {
			return err
		}
		args = append(args, "--file", path)
	}
	c.base = args
	return nil
}

// envFiles returns the env files that docker compose has to be told of: those of the plan. A
// file with a block for plain docker compose, be it .env, is replaced by a copy without the
// block, since the plan was made without it.
func (c *composeCommand) envFiles() ([]string, error) {
	files := slices.Clone(c.plan.EnvFiles)
	if len(files) == 0 {
		files = []string{filepath.Join(c.plan.Dir, ".env")}
	}
	changed := false
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil { // docker compose reports it, or does without the file
			continue
		}
		if own := envblock.Without(content); len(own) < len(content) {
			if files[i], err = c.session.Artifacts.Write(fmt.Sprintf("env-%d", i+1), own); err != nil {
				return nil, err
			}
			changed = true
		}
	}
	if !changed {
		return c.plan.EnvFiles, nil
	}
	return files, nil
}

// keepingBytes returns a command that has the engine keep the log of a service byte for byte,
// where most engines keep text. That changes the configuration of the service, so it is for a
// one-off container alone, which Compose compares with no other.
func (c *composeCommand) keepingBytes(ctx context.Context, service string) (*composeCommand, error) {
	facts, err := c.session.On.Facts(ctx)
	if err != nil || facts.Podman { // which has no such driver
		return c, err
	}
	if c.base == nil {
		if err := c.arguments(); err != nil {
			return nil, err
		}
	}
	path, err := c.session.Artifacts.Write("run-log.yaml", engine.KeepingBytes(service))
	if err != nil {
		return nil, err
	}
	once := *c
	once.base = append(slices.Clone(c.base), "--file", path)
	return &once, nil
}
