// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// WriteEnv writes a block into an env file that makes plain docker compose, called in the
// project directory, work on an environment that is up, and remembers that it did: up makes
// it anew, and Down removes it. A file that git tracks, or a link, is refused. With force it
// need not be known whether git tracks it.
func WriteEnv(ctx context.Context, on *session.Handle, n *Named, file string, force bool, say session.Progress) error {
	if err := n.MayChange(lookInstead); err != nil {
		return err
	}
	release, err := n.lock(ctx, command(), say)
	if err != nil {
		return err
	}
	defer release()
	id, err := on.Identity(ctx)
	if err != nil {
		return err
	}
	dir, err := place(id, n.Name)
	if err != nil {
		return err
	}
	m, err := recall(dir)
	if err != nil {
		return err
	}
	if m == nil {
		return unknownFiles(n)
	}
	variables, err := m.plain(n.Name)
	if err != nil {
		return err
	}
	if err := mayWrite(ctx, file, force, say); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Written, func(w Written) bool { return w.File == file }) {
		_, err := os.Lstat(file)
		m.Written = append(m.Written, Written{file, errors.Is(err, fs.ErrNotExist)})
		if err := m.remember(dir); err != nil { // before it is there: whoever is killed leaves nothing that is not known
			return err
		}
	}
	if err := put(file, envblock.Block{Name: n.Name, Dir: n.Dir}, variables, say); err != nil {
		return err
	}
	n.tellTaken(ctx, m, file, say)
	return nil
}

// PlainVariables returns the variables with which plain docker compose, called in the project
// directory, works on an environment that is up.
func PlainVariables(ctx context.Context, on *session.Handle, n *Named) (map[string]string, error) {
	m, err := Recall(ctx, on, n)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, unknownFiles(n)
	}
	return m.plain(n.Name)
}

func unknownFiles(n *Named) error {
	return fmt.Errorf("this machine does not know which files environment %s was started with\n    hint: seatrial up, with these files, records them", n.Name)
}

// plain are the variables with which plain docker compose finds the project as it runs.
func (m *Memory) plain(name string) (map[string]string, error) {
	if len(m.EnvFiles) > 0 {
		return nil, errors.New("it runs with --env-file, and docker compose cannot be told that in an env file\n    hint: seatrial compose -- does what docker compose does")
	}
	all := map[string]string{}
	base := tailor.BaseEnv(m.Environ)
	for _, entry := range m.Environ {
		variable, value, _ := strings.Cut(entry, "=")
		switch _, harmless := base[variable]; {
		case variable == "COMPOSE_DISABLE_ENV_FILE":
			return nil, errors.New("its .env says that it is not to be read\n    hint: seatrial compose -- does what docker compose does")
		case !harmless && variable != "PWD":
			all[variable] = value
		}
	}
	var files, profiles []string
	for i := 0; i+1 < len(m.Args); i++ {
		switch m.Args[i] {
		case "--file":
			files = append(files, m.Args[i+1])
		case "--profile":
			profiles = append(profiles, m.Args[i+1])
		default:
			continue
		}
		i++
	}
	if len(files) == 0 || hostpath.Resolved(filepath.Dir(files[0])) != hostpath.Resolved(m.Dir) {
		return nil, fmt.Errorf("docker compose would take the directory of %s for that of the project, which is %s\n    hint: seatrial compose -- does what docker compose does", strings.Join(files[:min(len(files), 1)], ""), m.Dir)
	}
	separator := ""
	for _, s := range []string{string(os.PathListSeparator), "|", ";", "\t"} {
		if !slices.ContainsFunc(files, func(name string) bool { return strings.Contains(name, s) }) {
			separator = s
			break
		}
	}
	if separator == "" {
		return nil, fmt.Errorf("no character is left to separate the files %s", strings.Join(files, ", "))
	}
	all["COMPOSE_PROJECT_NAME"], all["COMPOSE_FILE"], all["COMPOSE_PATH_SEPARATOR"] = name, strings.Join(files, separator), separator
	all["COMPOSE_PROFILES"] = strings.Join(profiles, ",")
	return all, nil
}

// mayWrite refuses files that are others' business.
func mayWrite(ctx context.Context, file string, force bool, say session.Progress) error {
	info, err := os.Lstat(file)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a link: other checkouts may read what it leads to", file)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", file)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	tracked, ignored, err := checkout.Tracked(ctx, file)
	var unknown *checkout.UnknownError
	switch {
	case errors.As(err, &unknown) && !force:
		return fmt.Errorf("%w\n    hint: --force writes it nevertheless", err)
	case err != nil && unknown == nil:
		return err
	case tracked:
		return fmt.Errorf("git tracks %s, and the block is for this checkout alone\n    hint: take it out of git, or name another file: docker compose --env-file reads it", file)
	case !ignored && unknown == nil && checkout.IsInWorktree(file):
		say("warning: git does not ignore %s: do not add it", file)
	}
	return nil
}

// put writes a block into a file, which need not be there.
func put(file string, b envblock.Block, variables map[string]string, say session.Progress) error {
	content, err := os.ReadFile(file)
	mode := fs.FileMode(0o600)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	if was, _ := envblock.Find(content); was != nil && (was.Dir != b.Dir || was.Name != b.Name) {
		say("the block of environment %s of %s is replaced", was.Name, was.Dir)
	}
	with, err := envblock.Put(content, b, variables)
	if err != nil {
		return fmt.Errorf("writing into %s: %w", file, err)
	}
	return hostpath.Replace(file, with, mode)
}

// ours are the env files that have the block of an environment still.
func (m *Memory) ours(n *Named) []Written {
	return slices.DeleteFunc(slices.Clone(m.Written), func(w Written) bool { return !isOurs(w.File, n) })
}

// remake makes the blocks anew that were written before, and are there still, or were just taken
// out. What has become another's meanwhile is left alone.
func (m *Memory) remake(n *Named, takenOut []Written, say session.Progress) {
	for _, w := range append(m.ours(n), takenOut...) {
		variables, err := m.plain(n.Name)
		if err == nil {
			err = put(w.File, envblock.Block{Name: n.Name, Dir: n.Dir}, variables, say)
		}
		if err != nil {
			say("warning: %s is as it was, and docker compose does not find this environment by it: %v", w.File, err)
		}
	}
}

// unmake takes the blocks out again, and removes a file that has nothing else and was not
// there before.
func (m *Memory) unmake(n *Named, say session.Progress) {
	for _, w := range m.ours(n) {
		content, err := os.ReadFile(w.File)
		var info fs.FileInfo
		if err == nil {
			info, err = os.Stat(w.File)
		}
		rest := envblock.Without(content)
		switch {
		case err != nil:
		case len(rest) == 0 && w.Fresh:
			err = os.Remove(w.File)
		default:
			err = hostpath.Replace(w.File, rest, info.Mode().Perm())
		}
		if err != nil {
			say("warning: the block in %s stays: %v", w.File, err)
		}
	}
	m.Written = nil
}

// isOurs reports whether a file, and no link to one, has the block of an environment.
func isOurs(file string, n *Named) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	b, err := envblock.Find(content)
	return err == nil && b != nil && b.Name == n.Name && b.Dir == n.Dir
}

// tellTaken warns of containers and images that get what is in the file.
func (n *Named) tellTaken(ctx context.Context, m *Memory, file string, say session.Progress) {
	p := m.Project
	p.Files, p.Dir, p.Answers = n.Files, n.Dir, besides(n.Files)
	plan, err := tailor.Compose(ctx, p, tailor.Options{Base: tailor.BaseEnv(m.Environ)})
	if err != nil {
		say("warning: whether something else reads %s is not known: %v", file, err)
		return
	}
	for _, line := range taken(plan, file) {
		say("warning: %s", line)
	}
}

func taken(plan *tailor.Plan, file string) []string {
	var all []string
	for _, s := range plan.Services {
		if slices.ContainsFunc(s.EnvFiles, func(name string) bool { return hostpath.Resolved(name) == hostpath.Resolved(file) }) {
			all = append(all, fmt.Sprintf("service %s has %s as an env file: its containers get the variables of the block, too, and are made anew by the next up", s.Name, file))
		}
		if s.Context == "" || !filepath.IsAbs(s.Context) {
			continue
		}
		if takes, err := buildcontext.Takes(s.Context, s.Dockerfile, file); err == nil && takes {
			all = append(all, fmt.Sprintf("the build of service %s takes %s in, if its Dockerfile copies it: name it in .dockerignore", s.Name, file))
		}
	}
	return all
}
