// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Build is what an image is built from.
type Build struct {
	Context    string // absolute, or an address; empty means an empty one
	Dockerfile string // absolute, or, in a context that is an address, a name in that
	Name       string // reference
	Args       map[string]string
	Target     string
	Platform   string
	NoCache    bool
	Secrets    []BuildSecret
	SSH        []string
	Labels     map[string]string
	Contexts   []string // further ones: NAME=VALUE
	Flags      []string // further ones
	Scratch    string   // a directory for files that the build needs meanwhile
}

// A BuildSecret is a secret in a file, or, if there is none, in the command's
// environment, where nobody else reads it.
type BuildSecret struct{ ID, File, Value string }

// Build builds an image with the engine's own BuildKit, and returns its id. The
// image has the name that is given, and should be given another: an image of the
// containerd store that never had a name keeps being listed as one without, also
// after it was given one. Out and Err of c get what the command prints.
func (e *images) Build(ctx context.Context, b Build, c Command) (id string, err error) {
	scratch, err := os.MkdirTemp(b.Scratch, "build-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	idFile := filepath.Join(scratch, "id")
	args := []string{"buildx", "build", "--progress", "plain", "--load", "--provenance=false",
		"--iidfile", idFile, "--tag", b.Name}
	if b.Dockerfile != "" {
		args = append(args, "--file", b.Dockerfile)
	}
	flags, env := b.flags()
	dir := b.Context
	if dir == "" {
		dir = filepath.Join(scratch, "context")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
	}
	c.Args, c.Env = append(append(args, flags...), dir), env
	if err := e.commands.Docker(ctx, c); err != nil {
		return "", e.explainBuildx(ctx, err)
	}
	content, err := os.ReadFile(idFile)
	if err != nil {
		return "", fmt.Errorf("reading the id of the built image: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// flags returns the flags that say what is asked for, and the environment in
// which they find the values of secrets.
func (b Build) flags() (flags, env []string) {
	for _, key := range slices.Sorted(maps.Keys(b.Labels)) {
		flags = append(flags, "--label", key+"="+b.Labels[key])
	}
	for _, key := range slices.Sorted(maps.Keys(b.Args)) {
		flags = append(flags, "--build-arg", key+"="+b.Args[key])
	}
	if b.Target != "" {
		flags = append(flags, "--target", b.Target)
	}
	if b.Platform != "" {
		flags = append(flags, "--platform", b.Platform)
	}
	if b.NoCache {
		flags = append(flags, "--no-cache")
	}
	for i, s := range b.Secrets {
		from := "src=" + s.File
		if s.File == "" {
			variable := fmt.Sprintf("SEATRIAL_BUILD_SECRET_%d", i)
			env = append(env, variable+"="+s.Value)
			from = "env=" + variable
		}
		flags = append(flags, "--secret", fields("id="+s.ID, from))
	}
	for _, s := range b.SSH {
		flags = append(flags, "--ssh", s)
	}
	for _, c := range b.Contexts {
		flags = append(flags, "--build-context", c)
	}
	flags = append(flags, b.Flags...)
	return flags, env
}

// fields writes the value of a flag that is read as a line of CSV.
func fields(all ...string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(all) // to memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// explainBuildx replaces what docker says when it has no buildx: to use --help.
func (e *images) explainBuildx(ctx context.Context, err error) error {
	var failed *CommandError
	if !errors.As(err, &failed) {
		return err
	}
	return cmp.Or(e.Buildx(ctx), err)
}

// Buildx reports whether docker buildx is there.
func (e *images) Buildx(ctx context.Context) error {
	err := e.commands.Docker(ctx, Command{Args: []string{"buildx", "version"}})
	var failed *CommandError
	if errors.As(err, &failed) {
		return errors.New("docker buildx is needed and does not work\n    hint: https://docs.docker.com/build/concepts/overview/#install-buildx says how to install the plugin")
	}
	return err
}
