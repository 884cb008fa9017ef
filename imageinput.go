// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

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
	added      [][]buildcontext.Entry // what each of them is
	platform   string                 // as it is asked for
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
	in.dockerfile = absolute(in.findDockerfile(), &wrong)
	checkRegular(&wrong, "Dockerfile", in.dockerfile)
	if s.Platform != "" {
		var err error
		if in.platform, err = engine.Platform(s.Platform); err != nil {
			wrong.add("Platform: %w", err)
		}
	}
	in.readFiles(&wrong)
	in.readSecrets(&wrong)
	in.name = buildName(in.context, in.dockerfile, s.Target)
	return in, wrong.err("building an image")
}

// findDockerfile returns where the Dockerfile is. As docker build does, it takes
// one in lower case if none is asked for by name and there is no other.
func (in *buildInput) findDockerfile() string {
	name := in.spec.Dockerfile
	if filepath.IsAbs(name) {
		return name
	}
	file := filepath.Join(in.context, cmp.Or(name, "Dockerfile"))
	if name == "" {
		lower := filepath.Join(in.context, "dockerfile")
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Lstat(lower); err == nil {
				return lower
			}
		}
	}
	return file
}

// checkRegular requires a file: a pipe, say, would be waited for.
func checkRegular(wrong *problems, field, path string) {
	if info, err := os.Stat(path); err != nil {
		wrong.add("%s: %w", field, err)
	} else if !info.Mode().IsRegular() {
		wrong.add("%s: %s is %s", field, path, buildcontext.Kind(info))
	}
}

func (in *buildInput) readFiles(wrong *problems) {
	from := map[string]string{}
	for _, name := range in.spec.Files {
		if name == "" {
			wrong.add("Files: one has no name")
			continue
		}
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
		if info, err := os.Stat(file); err != nil {
			wrong.add("Files: %w", err)
		} else if !info.IsDir() && !info.Mode().IsRegular() {
			wrong.add("Files: %s is %s", file, buildcontext.Kind(info))
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
			checkRegular(wrong, fmt.Sprintf("Secrets: %q", id), secret.File)
		case s.Value == "":
			wrong.add("Secrets: %q has neither File nor Value", id)
		}
		in.secrets = append(in.secrets, secret)
	}
}

// hideSecrets has the secrets hidden in what the build prints.
func (in *buildInput) hideSecrets(hide func(...string)) error {
	for _, s := range in.secrets {
		if s.File != "" {
			content, err := os.ReadFile(s.File)
			if err != nil {
				return wrongField("Secrets", "%q: %w", s.ID, err)
			}
			s.Value = string(content)
		}
		hide(s.Value)
	}
	return nil
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
	name = owner.Slug(name)
	name = strings.Trim(name[:min(len(name), longestBuildName)], "-")
	return cmp.Or(name, "image")
}

// longestBuildName leaves room for what else a tag holds, which is at most 128
// characters long.
const longestBuildName = 40

// given returns the references that the test gives the Dockerfile.
func (in *buildInput) given() []string {
	return append(slices.Sorted(maps.Values(in.spec.Args)), slices.Sorted(maps.Values(in.spec.Images))...)
}

// settings are what the Dockerfile gets to know.
func (sc *scope) settings(ctx context.Context, s spec.Image) (dockerfile.Settings, error) {
	builder, err := sc.on.platform(ctx)
	if err == nil {
		builder, err = engine.Platform(builder)
	}
	platform := builder
	if err == nil && s.Platform != "" {
		platform, err = engine.Platform(s.Platform)
	}
	return dockerfile.Settings{Args: s.Args, Target: s.Target, Platform: platform, Builder: builder}, err
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
	if in.entries, err = in.walk(time.Time{}); err != nil {
		return err
	}
	in.added, err = in.readAdded()
	return err
}

// readAdded lists what is added to the context.
func (in *buildInput) readAdded() (all [][]buildcontext.Entry, err error) {
	for _, x := range in.extras {
		entries, err := x.Read()
		if err != nil {
			return nil, wrongField("Files", "%w", err)
		}
		all = append(all, entries)
	}
	return all, nil
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

// walk lists what is in the context now. Its files may have been linked, since
// when.
func (in *buildInput) walk(linked time.Time) ([]buildcontext.Entry, error) {
	if in.context == "" {
		return nil, nil
	}
	var memo *buildcontext.Memo
	if dir := cacheDir("contexts"); dir != "" {
		memo = buildcontext.OpenMemo(dir, in.context)
		if !linked.IsZero() {
			memo.Linked(linked)
		}
	}
	entries, err := buildcontext.Read(in.context, in.patterns, memo)
	if err != nil {
		return nil, fmt.Errorf("reading the context: %w", err)
	}
	_ = memo.Save() // the next time it is read again
	return entries, nil
}

// changed returns the name of a file that is not as it was when it was read; or
// nothing. Building began at some time.
func (in *buildInput) changed(began time.Time) (string, error) {
	if len(in.extras) == 0 {
		began = time.Time{} // nothing was linked
	}
	entries, err := in.walk(began)
	if err != nil {
		return "", err
	}
	if e, differs := difference(entries, in.entries); differs {
		return e.Path, nil
	}
	added, err := in.readAdded()
	if err != nil {
		return "", err
	}
	for i, x := range in.extras {
		if e, differs := difference(added[i], in.added[i]); differs {
			return path.Join(x.Name, e.Path), nil
		}
	}
	return "", nil
}

// difference returns the first entry that two lists do not share.
func difference(a, b []buildcontext.Entry) (e buildcontext.Entry, differs bool) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return b[i], true
		case i >= len(b) || a[i] != b[i]:
			return a[i], true
		}
	}
	return e, false
}

// prepare makes what is built from ready in a directory: the Dockerfile as it is
// built, and, if files are added, a context of links.
func (in *buildInput) prepare(scratch string, note func(string, ...any)) (_ engine.Build, done func(), err error) {
	b := engine.Build{Context: in.context, Args: in.spec.Args, Target: in.spec.Target, Platform: in.platform, NoCache: in.spec.NoCache,
		Secrets: in.secrets, SSH: in.spec.SSH, Labels: owner.ImageLabels(), Scratch: scratch}
	dir, err := os.MkdirTemp(scratch, in.name+"-") // what people see in the list of builds
	if err != nil {
		return engine.Build{}, nil, err
	}
	unstage := sync.OnceFunc(func() {
		if err := buildcontext.Unstage(dir); err != nil {
			note("removing %s: %v", dir, err)
		}
	})
	defer func() {
		if err != nil {
			unstage()
		}
	}()
	b.Dockerfile = filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(b.Dockerfile, in.content, 0o600); err != nil {
		return engine.Build{}, nil, err
	}
	ignore := in.ignore
	if len(in.extras) > 0 {
		b.Context = filepath.Join(dir, "files")
		if err := os.Mkdir(b.Context, 0o700); err != nil {
			return engine.Build{}, nil, err
		}
		copied, err := buildcontext.Stage(b.Context, in.context, in.entries, in.extras)
		if err != nil {
			return engine.Build{}, nil, fmt.Errorf("adding Files to the context: %w", err)
		}
		if copied > 0 {
			note("%d bytes copied to add Files to the context of %s", copied, in.dockerfile)
		}
		ignore = []byte("# nothing: it was applied before\n")
	}
	if ignore != nil {
		err = os.WriteFile(b.Dockerfile+".dockerignore", append(bytes.Clone(ignore), '\n'), 0o600)
	}
	return b, unstage, err
}

// leadsOut names a link that a line of the Dockerfile copies and that leads to
// what is not in the context. BuildKit takes the context for the whole file
// system: of a link to /etc it looks for etc in there.
func (in *buildInput) leadsOut(line int) string {
	if in.file == nil {
		return ""
	}
	links, there := map[string]string{}, map[string]bool{".": true}
	for _, e := range in.entries {
		there[e.Path] = true
		if e.Link != "" {
			links[e.Path] = filepath.ToSlash(e.Link)
		}
	}
	for _, s := range in.file.Sources() {
		if s.Line != line {
			continue
		}
		for at := strings.TrimPrefix(path.Clean("/"+s.Path), "/"); at != "." && at != ""; at = path.Dir(at) {
			to := links[at]
			inside := path.Join(path.Dir(at), to)
			out := path.IsAbs(to) || inside == ".." || strings.HasPrefix(inside, "../")
			if path.IsAbs(to) {
				inside = to
			}
			switch inside = strings.TrimPrefix(path.Clean("/"+inside), "/"); {
			case to == "" || there[cmp.Or(inside, ".")]:
			case out:
				return fmt.Sprintf("it copies %s, which leads out of the context, to %s", at, to)
			default:
				return fmt.Sprintf("it copies %s, a link to %s, which is not in the context", at, to)
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
