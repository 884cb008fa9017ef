// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// input is everything that goes into an image.
type input struct {
	spec       spec.Image
	name       string // the readable part of the image's name
	context    string // absolute; empty means an empty one
	dockerfile string // absolute
	asked      string // its path if no added file replaced it
	extras     []buildcontext.Extra
	added      [][]buildcontext.Entry // the entries of each
	platform   string                 // as the spec has it
	secrets    []engine.BuildSecret
	remote     string         // a context elsewhere, which is not read
	contexts   []namedContext // further ones
	flags      []string       // of docker buildx build, without a field in spec.Image
	pull       bool           // pull newer bases before each build
	tailored   bool           // the plan has checked whether another frontend may miss images

	settings   dockerfile.Settings
	content    []byte           // of the Dockerfile, as it is built
	file       *dockerfile.File // the same, parsed; nil if only its own frontend can read it
	ignoreName string           // of the ignore file
	ignore     []byte           // its content; nil if there is none
	patterns   []string         // in it
	entries    []buildcontext.Entry
}

// A namedContext replaces an image or stage of its name: by a directory, with its
// absolute path, or by anything else that BuildKit accepts.
type namedContext struct {
	name, from string
	entries    []buildcontext.Entry // of a directory
}

// read lists all entries of a directory, even those that an ignore file in it
// excludes, though they make no difference to the image.
func (c namedContext) read() ([]buildcontext.Entry, error) {
	if !filepath.IsAbs(c.from) {
		return nil, nil
	}
	entries, err := ReadContext(hostpath.Resolved(c.from), nil, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("context %s: %w", c.name, err)
	}
	return entries, nil
}

// ContextImage is the prefix of a context that is an image.
const ContextImage = "docker-image://"

// remoteInput returns the input for a context that is not on this machine. A relative name
// of the Dockerfile is relative to that context.
func remoteInput(s spec.Image, name string) *input {
	return &input{spec: s, name: buildName(name, s.Dockerfile, s.Target), remote: s.Context, dockerfile: s.Context, platform: s.Platform}
}

// readInput finds the files that a spec names. It reports all mistakes at once.
func readInput(s spec.Image) (*input, error) {
	in := &input{spec: s}
	var wrong report.Problems
	for _, key := range slices.Sorted(maps.Keys(s.Args)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.Add("Args: %q is not a name for a build argument", key)
		}
	}
	isThere := true
	if s.Context != "" {
		in.context = hostpath.Resolved(check.Absolute(s.Context, &wrong))
		if info, err := os.Stat(in.context); err != nil {
			isThere = false // nor is what it ought to hold: that is no second mistake
			wrong.Add("Context: %w", err)
		} else if !info.IsDir() {
			isThere = false
			wrong.Add("Context: %s is not a directory", in.context)
		}
	}
	in.asked = check.Absolute(dockerfile.Locate(in.context, s.Dockerfile, nil), &wrong)
	in.readFiles(&wrong)
	in.dockerfile = check.Absolute(dockerfile.Locate(in.context, s.Dockerfile, in.from()), &wrong)
	if isThere || !hostpath.LiesIn(in.context, in.dockerfile) {
		checkRegular(&wrong, "Dockerfile", in.dockerfile)
	}
	if s.Platform != "" {
		var err error
		if in.platform, err = engine.Platform(s.Platform); err != nil {
			wrong.Add("Platform: %w", err)
		}
	}
	in.readSecrets(&wrong)
	in.name = buildName(in.context, in.dockerfile, s.Target)
	return in, wrong.Err("building an image")
}

// from returns the absolute paths of added files.
func (in *input) from() []string {
	var all []string
	for _, x := range in.extras {
		all = append(all, x.From)
	}
	return all
}

// checkRegular requires a regular file: reading a pipe, say, could block.
func checkRegular(wrong *report.Problems, field, path string) {
	if info, err := os.Stat(path); err != nil {
		wrong.Add("%s: %w", field, err)
	} else if !info.Mode().IsRegular() {
		wrong.Add("%s: %s is %s", field, path, buildcontext.Kind(info))
	}
}

func (in *input) readFiles(wrong *report.Problems) {
	from := map[string]string{}
	for _, name := range in.spec.Files {
		if name == "" {
			wrong.Add("Files: one has no name")
			continue
		}
		file := name
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(in.asked), file)
		}
		base := filepath.Base(file)
		if other, twice := from[base]; twice {
			wrong.Add("Files: %q and %q are both called %s", other, name, base)
			continue
		}
		from[base] = name
		if info, err := os.Stat(file); err != nil {
			wrong.Add("Files: %w", err)
		} else if !info.IsDir() && !info.Mode().IsRegular() {
			wrong.Add("Files: %s is %s", file, buildcontext.Kind(info))
		}
		in.extras = append(in.extras, buildcontext.Extra{Name: base, From: file})
	}
}

func (in *input) readSecrets(wrong *report.Problems) {
	for _, id := range slices.Sorted(maps.Keys(in.spec.Secrets)) {
		s := in.spec.Secrets[id]
		secret := engine.BuildSecret{ID: id, Value: s.Value}
		switch {
		case id == "":
			wrong.Add("Secrets: one has no id")
		case s.File != "" && s.Value != "":
			wrong.Add("Secrets: %q has both File and Value", id)
		case s.File != "":
			secret.File = check.Absolute(s.File, wrong)
			checkRegular(wrong, fmt.Sprintf("Secrets: %q", id), secret.File)
		case s.Value == "":
			wrong.Add("Secrets: %q has neither File nor Value", id)
		}
		in.secrets = append(in.secrets, secret)
	}
}

// hideSecrets has the secrets hidden in the build's output.
func (in *input) hideSecrets(hide func(...string)) error {
	for _, s := range in.secrets {
		if s.File != "" {
			content, err := os.ReadFile(s.File)
			if err != nil {
				return report.Field("Secrets", "%q: %w", s.ID, err)
			}
			s.Value = string(content)
		}
		hide(s.Value)
	}
	return nil
}

// buildName returns the readable part of an image's name.
func buildName(context, file, target string) string {
	dir := context
	if dir == "" {
		dir = filepath.Dir(file)
	}
	name := filepath.Base(dir)
	for !strings.ContainsFunc(name, unicode.IsLetter) && filepath.Dir(dir) != dir { // such as those of testing's temporary directories
		dir = filepath.Dir(dir)
		name = filepath.Base(dir) + "-" + name
	}
	name += "-" + strings.ReplaceAll(filepath.Base(file), "Dockerfile", "") + "-" + target
	name = owner.Slug(name)
	name = strings.Trim(name[:min(len(name), longestBuildName)], "-")
	return cmp.Or(name, "image")
}

// longestBuildName leaves room for the other parts of a tag, which has at most 128
// characters.
const longestBuildName = 40

// given returns the references that replace others in the Dockerfile.
func (in *input) given() []string {
	all := append(slices.Sorted(maps.Values(in.spec.Args)), slices.Sorted(maps.Values(in.spec.Images))...)
	for _, c := range in.contexts {
		all = append(all, strings.TrimPrefix(c.from, ContextImage))
	}
	return all
}

// isFound reports whether an image with the same key may be reused. It may not if the context
// is elsewhere, since its content is not known.
func (in *input) isFound() bool {
	elsewhere := func(c namedContext) bool {
		return !filepath.IsAbs(c.from) && !strings.HasPrefix(c.from, ContextImage)
	}
	return !in.spec.NoCache && in.remote == "" && !slices.ContainsFunc(in.contexts, elsewhere)
}

// Settings returns the settings with which the Dockerfile is evaluated.
func Settings(ctx context.Context, sess *session.Session, s spec.Image) (dockerfile.Settings, error) {
	builder, err := sess.On.Platform(ctx)
	if err == nil {
		builder, err = engine.Platform(builder)
	}
	platform := builder
	if err == nil && s.Platform != "" {
		platform, err = engine.Platform(s.Platform)
	}
	return dockerfile.Settings{Args: s.Args, Target: s.Target, Platform: platform, Builder: builder}, err
}

// read reads the Dockerfile, and the entries of the context.
func (in *input) read() error {
	if in.remote != "" {
		return nil
	}
	original, err := os.ReadFile(in.dockerfile)
	if err != nil {
		return err
	}
	if err := in.substitute(original); err != nil {
		return err
	}
	if in.ignoreName, in.ignore, err = buildcontext.IgnoreFile(in.context, in.asked, in.extras...); err != nil {
		return err
	}
	if in.patterns, err = buildcontext.Patterns(in.ignore); err != nil {
		return fmt.Errorf("reading %s: %w", in.ignoreName, err)
	}
	if in.entries, err = in.walk(time.Time{}); err != nil {
		return err
	}
	for i, c := range in.contexts {
		if in.contexts[i].entries, err = c.read(); err != nil {
			return err
		}
	}
	in.added, err = in.readAdded()
	return err
}

// readAdded lists the entries of added files.
func (in *input) readAdded() (all [][]buildcontext.Entry, err error) {
	for _, x := range in.extras {
		entries, err := x.Read()
		if err != nil {
			return nil, report.Field("Files", "%w", err)
		}
		all = append(all, entries)
	}
	return all, nil
}

// substitute parses the Dockerfile, and replaces images in it. If it cannot be
// parsed but names a frontend of its own, it is left to that.
func (in *input) substitute(original []byte) error {
	if f, ok := dockerfile.FrontendOf(original, in.spec.Args); ok && !in.tailored && !f.IsDocker() && !f.IsAll(in.spec.Images) {
		return report.Field("Images", "the Dockerfile asks for the frontend %s, and only that knows what it builds on\n    hint: give it another frontend, or leave Images out", f.Ref)
	}
	in.spec.Args = dockerfile.SubstituteArgs(in.spec.Args, in.spec.Images)
	file, syntax, err := dockerfile.Parse(original)
	if err != nil {
		if syntax && len(in.spec.Images) == 0 {
			in.content = original
			return nil
		}
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(in.spec.Args)) {
		if !file.Takes(key) {
			return report.Field("Args", "it has no ARG %s; it has: %s", key, report.List(file.ArgNames()))
		}
	}
	if target := in.spec.Target; target != "" && !file.HasStage(target) {
		return report.Field("Target", "it has no stage %q; it has: %s", target, report.List(file.Stages()))
	}
	if in.content, err = file.Substitute(in.spec.Images, in.settings); err != nil {
		return report.Field("Images", "%w", err)
	}
	if in.file, _, err = dockerfile.Parse(in.content); err != nil {
		return fmt.Errorf("reading it with the images in place, which is our bug: %w", err)
	}
	return nil
}
