// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/filekind"
	"github.com/seatrial/seatrial/tailor/internal/machinepath"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// The names that docker compose looks for in a directory, in its order.
var (
	defaultNames  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// input is what the spec names, read.
type input struct {
	dir      string // absolute project directory
	home     string // the directory that was named, if an env file there says what to read
	files    []sourceFile
	envFiles []string
	process  map[string]string // what docker compose is started with
	env      map[string]string // process and .env together
	ownName  string            // that .env, or a stack's file, gives the project
	profiles []string
	hostIP   string   // where ports are published; empty is loopback
	noIPv4   []string // networks of the engine
	// leased are values for the variables in the override: their marks.
	leased       map[string]string
	overrideOnly bool
	platform     string // of the engine
	// texts are the files in which text was replaced, wrong and idle what can be
	// said about the spec's Replace.
	texts       []Text
	wrong, idle []string
	said        *answers.File // what the spec's Answers name; nil if nothing
	read        func(string) ([]byte, error)
	shown       func(string) string // absolute name → as the user would write it
}

type sourceFile struct {
	name    string // absolute
	shown   string
	content []byte
}

func readInput(ctx context.Context, p spec.Project, o Options) (*input, error) {
	in := &input{read: o.Read, hostIP: o.HostIP, noIPv4: o.IPv6Networks, leased: map[string]string{}, overrideOnly: o.OverrideOnly, platform: o.Platform}
	if in.read == nil {
		in.read = os.ReadFile
	}
	if len(p.Files) == 0 {
		return nil, errors.New("reading project: Files is empty\nhint: name a Compose file, or a directory that has one")
	}
	for _, name := range p.Files {
		files, err := in.open(name, p, o)
		if err != nil {
			return nil, err
		}
		in.files = append(in.files, files...)
	}
	dir := p.Dir
	if dir == "" {
		dir = filepath.Dir(in.files[0].name)
	}
	var err error
	if in.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("reading project directory %q: %w", dir, err)
	}
	if _, err := os.Stat(in.dir); o.Read == nil && err != nil {
		return nil, fmt.Errorf("reading project directory %q: %w", dir, plain(err))
	}
	in.shown = shownLike(in.files)
	in.replaceTexts(p.Replace)
	if err := in.readEnv(p, o); err != nil {
		return nil, err
	}
	return in, ctx.Err()
}

// exists tells whether there is a file or directory: what cannot be read is there.
func (in *input) exists(name string) bool {
	if machinepath.IsWindows(name) && !filepath.IsAbs(name) {
		return true
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	_, err := in.read(name) // whoever reads for us may have it, and learns of it
	return !errors.Is(err, fs.ErrNotExist)
}

// real is a path without the links that lead to it, as far as there is something.
func (in *input) real(name string) string {
	for rest, at := "", filepath.Clean(name); ; rest, at = filepath.Join(filepath.Base(at), rest), filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		if filepath.Dir(at) == at {
			return filepath.Clean(name)
		}
	}
}

// sixOnly tells whether a network of the engine has no IPv4.
func (in *input) sixOnly(name string) bool { return slices.Contains(in.noIPv4, name) }

// open reads one entry of the spec's Files, which may be a directory.
func (in *input) open(name string, p spec.Project, o Options) ([]sourceFile, error) {
	f, err := in.openFile(name)
	if err == nil {
		return []sourceFile{f}, nil
	}
	if files, err := in.namedInside(name, p, o); len(files) > 0 || err != nil {
		return files, err
	}
	first, ok, derr := in.firstOf(name, defaultNames)
	switch {
	case derr != nil:
		return nil, derr
	case !ok && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading %s: %w%s", name, fs.ErrNotExist, beside(name))
	case !ok && errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("reading %s: %w", name, plain(err))
	case !ok:
		return nil, &absentError{fmt.Errorf("reading %s: %w, and none of %s is in it%s", name, plain(err), strings.Join(defaultNames, ", "), in.kindInside(name))}
	}
	files := []sourceFile{first}
	if over, ok, err := in.firstOf(name, overrideNames); err != nil {
		return nil, err
	} else if ok {
		files = append(files, over)
	}
	return files, nil
}

// beside is a hint for a file that is not there: which Compose files its directory has.
func beside(name string) string {
	dir := filepath.Dir(name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("\nhint: there is no directory %s", dir)
	}
	within := "this directory"
	if dir != "." {
		within = dir
	}
	var there []string
	entries, _ := os.ReadDir(dir) // without, the name is all that there is to say
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); ext != ".yaml" && ext != ".yml" || !entry.Type().IsRegular() {
			continue
		}
		if content, err := os.ReadFile(filepath.Join(dir, entry.Name())); err == nil && hasServices(content) {
			there = append(there, entry.Name())
		}
	}
	switch near := meant.Nearest(filepath.Base(name), there); {
	case len(there) == 0:
		return fmt.Sprintf("\nhint: there is no Compose file in %s", within)
	case near != "":
		return fmt.Sprintf("\nhint: did you mean %s?", filepath.Join(dir, near))
	}
	return fmt.Sprintf("\nhint: %s has %s", within, strings.Join(there, ", "))
}

// hasServices tells whether a file looks like one of Compose.
func hasServices(content []byte) bool {
	var top struct{ Services, Include any }
	return yaml.Unmarshal(content, &top) == nil && (top.Services != nil || top.Include != nil)
}

// kindInside returns a hint at what a directory without a Compose file has instead, if it is of
// a kind that people give in its place.
func (in *input) kindInside(dir string) string {
	names := []string{filepath.Join(".devcontainer", "devcontainer.json"), ".devcontainer.json", "Chart.yaml"}
	entries, _ := os.ReadDir(dir) // without, there is nothing to hint at
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); (ext == ".yaml" || ext == ".yml") && entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	for _, name := range names {
		f, err := in.openFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if kind, ok := filekind.Of(f.name, f.content); ok {
			return fmt.Sprintf("\nhint: it has %s, which is %s: %s", name, kind.What, kind.Hint)
		}
	}
	return ""
}

// absentError says that a directory has no file that could be read.
type absentError struct{ error }

func (e *absentError) Is(target error) bool { return target == fs.ErrNotExist }

func (e *absentError) Unwrap() error { return e.error }

func (in *input) openFile(name string) (sourceFile, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return sourceFile{}, fmt.Errorf("reading %s: %w", name, err)
	}
	content, err := in.read(abs)
	return sourceFile{name: abs, shown: filepath.Clean(name), content: content}, err
}

func (in *input) firstOf(dir string, names []string) (sourceFile, bool, error) {
	for _, name := range names {
		f, err := in.openFile(filepath.Join(dir, name))
		if err == nil {
			return f, true, nil
		}
		// What is no directory has no files either, and every system says so
		// in its own way: only a file that is there and unreadable is worth a word, and a
		// directory of that name, which an engine makes for a mount that is missing.
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR) {
			return f, false, fmt.Errorf("reading %s: %w", f.shown, plain(err))
		}
	}
	return sourceFile{}, false, nil
}

// plain takes the operation and the absolute name out of an error of os, as
// the message has the name already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// shownLike returns how to write an absolute name so that it looks like the
// names that the user gave: relative to the directory of the first file in
// whose reach it lies.
func shownLike(files []sourceFile) func(string) string {
	return func(name string) string {
		for _, f := range files {
			if f.name == name {
				return f.shown
			}
		}
		dir := filepath.Dir(files[0].name)
		if rel, err := filepath.Rel(dir, name); err == nil {
			return filepath.Join(filepath.Dir(files[0].shown), rel)
		}
		return name
	}
}

// readEnv puts together the variables in the order in which Compose prefers
// them: those of the process, then the env files that were named, or else .env
// in the project directory.
func (in *input) readEnv(p spec.Project, o Options) error {
	in.process = processEnv(o.Base, p.Env, in.dir)
	in.env = maps.Clone(in.process)
	var files map[string]string
	var contents []byte
	names, tell := o.EnvFiles, len(o.EnvFiles) > 0
	if len(names) == 0 {
		names, tell = in.ownEnvFiles(p)
	}
	for _, name := range names {
		abs, err := filepath.Abs(name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		content, err := in.read(abs)
		switch {
		case err != nil && len(o.EnvFiles) > 0:
			return fmt.Errorf("reading %s: %w", name, plain(err))
		case err != nil: // Compose does without a .env that it can't read
			continue
		}
		contents = append(append(contents, envblock.Without(content)...), '\n')
		if files, err = parseEnvFiles(contents, in.env); err != nil {
			return fmt.Errorf("reading %s: %w", in.shown(abs), err)
		}
		if len(o.EnvFiles) == 0 {
			off, err := switchedOff(files)
			if err != nil {
				return fmt.Errorf("reading %s: %w", in.shown(abs), err)
			}
			if off {
				maps.DeleteFunc(files, func(name, _ string) bool { return !strings.HasPrefix(name, "COMPOSE_") })
				in.process[disableEnvFile] = "1" // older ones look for it there
				break
			}
		}
		if tell {
			in.envFiles = append(in.envFiles, abs)
		}
	}
	for name, value := range files {
		if _, ok := in.env[name]; !ok {
			in.env[name] = value
		}
	}
	in.profiles = p.Profiles
	if len(in.profiles) == 0 {
		in.profiles = profilesOf(in.env["COMPOSE_PROFILES"])
	}
	in.ownName = in.env["COMPOSE_PROJECT_NAME"]
	if in.ownName != "" && loader.NormalizeProjectName(in.ownName) != in.ownName {
		return fmt.Errorf("COMPOSE_PROJECT_NAME is %q, which docker compose refuses: a project's name has lower-case letters, digits, dashes and underscores, and begins with a letter or a digit", in.ownName)
	}
	in.env["COMPOSE_PROJECT_NAME"] = placeholder.Project
	return nil
}

// parseEnvFiles returns the variables of env files, whose contents stand one after the
// other: docker compose reads them as if they were one. Values may refer to those of
// the process, which win, and to earlier ones.
func parseEnvFiles(contents []byte, process map[string]string) (map[string]string, error) {
	return dotenv.ParseWithLookup(bytes.NewReader(contents), func(name string) (string, bool) {
		v, ok := process[name]
		return v, ok
	})
}

// parseEnv adds the variables of an env file to vars. Its values may refer to
// those of the process, which win, and to earlier ones.
func parseEnv(content []byte, process, vars map[string]string) error {
	parsed, err := dotenv.ParseWithLookup(bytes.NewReader(content), func(name string) (string, bool) {
		if v, ok := process[name]; ok {
			return v, true
		}
		v, ok := vars[name]
		return v, ok
	})
	if err != nil {
		return err
	}
	maps.Copy(vars, parsed)
	return nil
}

func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func remote(name string) bool {
	for _, prefix := range []string{"oci://", "https://", "http://", "git://", "ssh://", "git@", "github.com/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

type remoteError struct{ name string }

func (e *remoteError) Error() string {
	return "fetching " + e.name + ": tailoring reads local files only\nhint: fetch it beforehand and refer to the local file"
}
