// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
)

// An Image is an image that a test built.
type Image struct {
	// Ref is the reference to give to a container, a project or a Dockerfile.
	// It begins with localhost/seatrial/, so that no engine ever tries to pull
	// it, and ends with the beginning of the image's id.
	Ref string

	// ID is the image's id on the engine.
	ID string

	engine *engine.Engine
}

func (i *Image) String() string { return i.Ref }

const buildLimit = 20 * time.Minute

// Build builds an image from a Dockerfile, with the engine's own BuildKit, and
// fails the test if that fails. What the build prints is kept among the test's
// artifacts.
//
// The image outlives the test, because the next build is faster for it: the
// same input gives the same image under the same name.
func Build(t T, s spec.Image) *Image {
	t.Helper()
	return standard.Build(t, s)
}

func (sc *scope) build(ctx context.Context, s spec.Image) (*Image, error) {
	b, err := checkImage(s)
	if err != nil {
		return nil, err
	}
	if err := sc.engine.BuildKit(ctx); err != nil {
		return nil, fmt.Errorf("building %s: %w", b.Dockerfile, err)
	}
	missing, err := sc.missing(ctx, slices.Sorted(maps.Values(s.Args)))
	if err = errors.Join(append(missing, err)...); err != nil {
		return nil, fmt.Errorf("building %s: %w", b.Dockerfile, err)
	}
	name := buildName(b)
	b.Scratch, b.Name = sc.dir.Path(), owner.Building(name, sc.owner)
	sc.own(&building{sc.engine, b.Name})
	log, err := sc.dir.Create("build-" + name + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	began := time.Now()
	id, err := sc.engine.Build(ctx, b, engine.Command{Out: log, Err: log})
	if err != nil {
		return nil, buildError(b.Dockerfile, log.Name(), err)
	}
	image := &Image{Ref: owner.ImageRoot + name + ":" + shortID(id), ID: id, engine: sc.engine}
	err = sc.engine.Tag(ctx, id, image.Ref)
	// Two names or not, the one of the time of building goes.
	err = errors.Join(err, sc.engine.ReleaseImage(context.WithoutCancel(ctx), b.Name))
	if err != nil {
		return nil, fmt.Errorf("naming the image built from %s: %w", b.Dockerfile, err)
	}
	sc.dir.Note("image %s built, in %v", image.Ref, time.Since(began).Round(time.Millisecond))
	return image, nil
}

// building is the name of an image while it is built. If the build does not end
// well, it goes with the test.
type building struct {
	engine *engine.Engine
	name   string
}

func (*building) evidence(context.Context, *artifact.Dir) error { return nil }
func (*building) enter(context.Context) []string                { return nil }
func (*building) leave()                                        {}
func (b *building) remove(ctx context.Context) error            { return b.engine.ReleaseImage(ctx, b.name) }

// checkImage finds the files that a spec names.
func checkImage(s spec.Image) (engine.Build, error) {
	b := engine.Build{Target: s.Target, NoCache: s.NoCache, Labels: owner.ImageLabels()}
	var wrong problems
	for _, key := range slices.Sorted(maps.Keys(s.Args)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.add("Args: %q is no name of a build argument", key)
		}
		b.Args = append(b.Args, key+"="+s.Args[key])
	}
	if s.Context != "" {
		b.Context = absolute(s.Context, &wrong)
		if info, err := os.Stat(b.Context); err != nil {
			wrong.add("Context: %w", err)
		} else if !info.IsDir() {
			wrong.add("Context: %s is not a directory", b.Context)
		}
	}
	file := s.Dockerfile
	if file == "" {
		file = "Dockerfile"
	}
	if !filepath.IsAbs(file) && b.Context != "" {
		file = filepath.Join(b.Context, file)
	}
	b.Dockerfile = absolute(file, &wrong)
	if info, err := os.Stat(b.Dockerfile); err != nil {
		wrong.add("Dockerfile: %w", err)
	} else if info.IsDir() {
		wrong.add("Dockerfile: %s is a directory", b.Dockerfile)
	}
	return b, wrong.err("building an image")
}

func absolute(path string, wrong *problems) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		wrong.add("%q: %w", path, err)
	}
	return abs
}

// buildName is the readable part of an image's name.
func buildName(b engine.Build) string {
	dir := b.Context
	if dir == "" {
		dir = filepath.Dir(b.Dockerfile)
	}
	name := filepath.Base(dir) + "-" + strings.ReplaceAll(filepath.Base(b.Dockerfile), "Dockerfile", "") + "-" + b.Target
	if name = owner.Slug(name); name != "" {
		return name
	}
	return "image"
}

func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

// buildError puts the step that failed into the first line.
func buildError(dockerfile, log string, err error) error {
	var command *engine.CommandError
	if !errors.As(err, &command) {
		return fmt.Errorf("building %s: %w", dockerfile, err)
	}
	tail := lastOf(command.Stderr)
	err = fmt.Errorf("building %s: %w\n    last lines of the build:%s\n    the whole log: %s", dockerfile, err, quoted(tail), log)
	return &BuildError{Dockerfile: dockerfile, Tail: tail, Log: log, err: err}
}

// quoted shows lines of somebody else's text below a message.
func quoted(lines []string) string {
	var b strings.Builder
	for _, line := range slices.Compact(lines) {
		b.WriteString("\n    | " + line)
	}
	return b.String()
}
