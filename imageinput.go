// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
)

// buildInput is what goes into an image.
type buildInput struct {
	spec       spec.Image
	name       string // the readable part of the image's name
	context    string // absolute; empty means an empty one
	dockerfile string // absolute
	extras     []buildcontext.Extra
	secrets    []engine.BuildSecret

	settings   dockerfile.Settings
	content    []byte           // of the Dockerfile, as it is built
	file       *dockerfile.File // the same, read; nil if only its own frontend understands it
	ignoreName string           // of the ignore file
	ignore     []byte           // its content; nil if there is none
	patterns   []string         // in it
	entries    []buildcontext.Entry
}

// readInput finds the files that a spec names. All that is wrong is said at once.
func readInput(s spec.Image) (*buildInput, error) {
	in := &buildInput{spec: s}
	var wrong problems
	for _, key := range slices.Sorted(maps.Keys(s.Args)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.add("Args: %q is no name of a build argument", key)
		}
	}
	if s.Context != "" {
		in.context = resolved(absolute(s.Context, &wrong))
		if info, err := os.Stat(in.context); err != nil {
			wrong.add("Context: %w", err)
		} else if !info.IsDir() {
			wrong.add("Context: %s is not a directory", in.context)
		}
	}
	file := s.Dockerfile
	if file == "" {
		file = "Dockerfile"
	}
	if !filepath.IsAbs(file) && in.context != "" {
		file = filepath.Join(in.context, file)
	}
	in.dockerfile = absolute(file, &wrong)
	if info, err := os.Stat(in.dockerfile); err != nil {
		wrong.add("Dockerfile: %w", err)
	} else if info.IsDir() {
		wrong.add("Dockerfile: %s is a directory", in.dockerfile)
	}
	in.readFiles(&wrong)
	in.readSecrets(&wrong)
	in.name = buildName(in.context, in.dockerfile, s.Target)
	return in, wrong.err("building an image")
}

func (in *buildInput) readFiles(wrong *problems) {
	from := map[string]string{}
	for _, name := range in.spec.Files {
		file := name
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(in.dockerfile), file)
		}
		base := filepath.Base(file)
		if other, twice := from[base]; twice {
			wrong.add("Files: %q and %q are both called %s", other, name, base)
			continue
		}
		from[base] = name
		if _, err := os.Stat(file); err != nil {
			wrong.add("Files: %w", err)
		}
		in.extras = append(in.extras, buildcontext.Extra{Name: base, From: file})
	}
}

func (in *buildInput) readSecrets(wrong *problems) {
	for _, id := range slices.Sorted(maps.Keys(in.spec.Secrets)) {
		s := in.spec.Secrets[id]
		secret := engine.BuildSecret{ID: id, Value: s.Value}
		switch {
		case id == "":
			wrong.add("Secrets: one has no id")
		case s.File != "" && s.Value != "":
			wrong.add("Secrets: %q has both File and Value", id)
		case s.File != "":
			secret.File = absolute(s.File, wrong)
			if info, err := os.Stat(secret.File); err != nil {
				wrong.add("Secrets: %q: %w", id, err)
			} else if info.IsDir() {
				wrong.add("Secrets: %q: %s is a directory", id, secret.File)
			}
		}
		in.secrets = append(in.secrets, secret)
	}
}

func absolute(path string, wrong *problems) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		wrong.add("%q: %w", path, err)
	}
	return abs
}

// resolved follows links, as far as there is anything.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// buildName is the readable part of an image's name.
func buildName(context, file, target string) string {
	dir := context
	if dir == "" {
		dir = filepath.Dir(file)
	}
	name := filepath.Base(dir) + "-" + strings.ReplaceAll(filepath.Base(file), "Dockerfile", "") + "-" + target
	if name = owner.Slug(name); name != "" {
		return name
	}
	return "image"
}

// given returns the references that the test gives the Dockerfile.
func (in *buildInput) given() []string {
	return append(slices.Sorted(maps.Values(in.spec.Args)), slices.Sorted(maps.Values(in.spec.Images))...)
}

// settings are what the Dockerfile gets to know.
func (sc *scope) settings(ctx context.Context, s spec.Image) (dockerfile.Settings, error) {
	platform, err := sc.on.platform(ctx)
	settings := dockerfile.Settings{Args: s.Args, Target: s.Target, Platform: s.Platform, Builder: platform}
	if settings.Platform == "" {
		settings.Platform = platform
	}
	return settings, err
}

// read reads the Dockerfile, and what is in the context.
func (in *buildInput) read() error {
	original, err := os.ReadFile(in.dockerfile)
	if err != nil {
		return err
	}
	if err := in.substitute(original); err != nil {
		return err
	}
	if in.ignoreName, in.ignore, err = buildcontext.IgnoreFile(in.context, in.dockerfile); err != nil {
		return err
	}
	if in.patterns, err = buildcontext.Patterns(in.ignore); err != nil {
		return fmt.Errorf("reading %s: %w", in.ignoreName, err)
	}
	in.entries, err = in.walk()
	return err
}

// substitute reads the Dockerfile, and puts other images into it. One that asks
// for a frontend of its own may be beyond us, and is then left to that.
func (in *buildInput) substitute(original []byte) error {
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
			return wrongField("Args", "it has no ARG %s; it has: %s", key, list(file.ArgNames()))
		}
	}
	if target := in.spec.Target; target != "" && !file.HasStage(target) {
		return wrongField("Target", "it has no stage %q; it has: %s", target, list(file.Stages()))
	}
	if in.content, err = file.Substitute(in.spec.Images, in.settings); err != nil {
		return wrongField("Images", "%w", err)
	}
	if in.file, _, err = dockerfile.Parse(in.content); err != nil {
		return fmt.Errorf("reading it with the images in place, which is our bug: %w", err)
	}
	return nil
}

// wrongField says what is wrong with a field of the spec.
func wrongField(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...))
}

// list lists names for people.
func list(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// walk lists what is in the context now.
func (in *buildInput) walk() ([]buildcontext.Entry, error) {
	if in.context == "" {
		return nil, nil
	}
	var memo *buildcontext.Memo
	if dir := cacheDir("contexts"); dir != "" {
		memo = buildcontext.OpenMemo(dir, in.context)
	}
	entries, err := buildcontext.Read(in.context, in.patterns, memo)
	if err != nil {
		return nil, fmt.Errorf("reading the context: %w", err)
	}
	_ = memo.Save() // the next time it is read again
	return entries, nil
}

// changed returns the name of a file that is not as it was when it was read; or
// nothing.
func (in *buildInput) changed() (string, error) {
	entries, err := in.walk()
	if err != nil {
		return "", err
	}
	for i := range max(len(entries), len(in.entries)) {
		switch {
		case i >= len(entries):
			return in.entries[i].Path, nil
		case i >= len(in.entries) || entries[i] != in.entries[i]:
			return entries[i].Path, nil
		}
	}
	return "", nil
}

// prepare makes what is built from ready in a directory: the Dockerfile as it is
// built, and, if files are added, a context of links.
func (in *buildInput) prepare(scratch string, note func(string, ...any)) (b engine.Build, done func(), err error) {
	b = engine.Build{Context: in.context, Args: in.spec.Args, Target: in.spec.Target, Platform: in.spec.Platform, NoCache: in.spec.NoCache,
		Secrets: in.secrets, SSH: in.spec.SSH, Labels: owner.ImageLabels(), Scratch: scratch}
	dir, err := os.MkdirTemp(scratch, in.name+"-") // what people see in the list of builds
	if err != nil {
		return b, nil, err
	}
	done = func() {
		if err := buildcontext.Unstage(dir); err != nil {
			note("removing %s: %v", dir, err)
		}
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	b.Dockerfile = filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(b.Dockerfile, in.content, 0o600); err != nil {
		return b, nil, err
	}
	ignore := in.ignore
	if len(in.extras) > 0 {
		b.Context = filepath.Join(dir, "files")
		if err := os.Mkdir(b.Context, 0o700); err != nil {
			return b, nil, err
		}
		copied, err := buildcontext.Stage(b.Context, in.context, in.entries, in.extras)
		if err != nil {
			return b, nil, fmt.Errorf("adding Files to the context: %w", err)
		}
		if copied > 0 {
			note("%d bytes copied to add Files to the context of %s", copied, in.dockerfile)
		}
		ignore = []byte("# nothing: it was applied before\n")
	}
	if ignore != nil {
		err = os.WriteFile(b.Dockerfile+".dockerignore", append(bytes.Clone(ignore), '\n'), 0o600)
	}
	return b, done, err
}

// leadsOut names a link that the Dockerfile copies and that leads out of the
// context, where BuildKit does not follow it.
func (in *buildInput) leadsOut() string {
	if in.file == nil {
		return ""
	}
	links := map[string]string{}
	for _, e := range in.entries {
		if e.Link != "" {
			links[e.Path] = e.Link
		}
	}
	for _, s := range in.file.Sources() {
		for at := strings.TrimPrefix(path.Clean("/"+s.Path), "/"); at != "."; at = path.Dir(at) {
			to := links[at]
			inside := path.Join(path.Dir(at), filepath.ToSlash(to))
			if to != "" && (filepath.IsAbs(to) || inside == ".." || strings.HasPrefix(inside, "../")) {
				return fmt.Sprintf("line %d copies %s, which leads out of the context, to %s", s.Line, at, to)
			}
		}
	}
	return ""
}

// cacheDir returns a directory of this user's for what makes seatrial faster; or
// nothing if there is none.
func cacheDir(name string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "seatrial", name)
}
