// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Build is what an image is built from.
type Build struct {
	Context    string // absolute; empty means an empty one
	Dockerfile string // absolute
	Name       string // reference
	Args       []string
	Target     string
	NoCache    bool
	Labels     map[string]string
	Scratch    string // a directory for files that the build needs meanwhile
}

// Build builds an image with the engine's own BuildKit, and returns its id. The
// image has the name that is given, and should be given another: an image of the
// containerd store that never had a name keeps being listed as one without, also
// after it was given one. Out and Err of c get what the command prints.
func (e *Engine) Build(ctx context.Context, b Build, c Command) (id string, err error) {
	scratch, err := os.MkdirTemp(b.Scratch, "build-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	idFile := filepath.Join(scratch, "id")
	args := []string{"buildx", "build", "--progress", "plain", "--load", "--provenance=false",
		"--iidfile", idFile, "--tag", b.Name, "--file", b.Dockerfile}
	for key, value := range b.Labels {
		args = append(args, "--label", key+"="+value)
	}
	for _, arg := range b.Args {
		args = append(args, "--build-arg", arg)
	}
	if b.Target != "" {
		args = append(args, "--target", b.Target)
	}
	if b.NoCache {
		args = append(args, "--no-cache")
	}
	dir := b.Context
	if dir == "" {
		dir = filepath.Join(scratch, "context")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
	}
	c.Args = append(args, dir)
	if err := e.Docker(ctx, c); err != nil {
		return "", e.explainBuildx(ctx, err)
	}
	content, err := os.ReadFile(idFile)
	if err != nil {
		return "", fmt.Errorf("reading the id of the built image: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// explainBuildx replaces what docker says when it has no buildx: to use --help.
func (e *Engine) explainBuildx(ctx context.Context, err error) error {
	var failed *CommandError
	if !errors.As(err, &failed) || e.Docker(ctx, Command{Args: []string{"buildx", "version"}}) == nil {
		return err
	}
	return errors.New("docker buildx is needed and does not work\n    hint: https://docs.docker.com/build/concepts/overview/#install-buildx says how to install the plugin")
}
