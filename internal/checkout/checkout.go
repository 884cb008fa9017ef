// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"

	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// A Place is the location of a project.
type Place struct {
	Checkout string   // the real path of the worktree that the project is in, or else Dir
	Dir      string   // the real path of the project directory
	Files    []string // absolute names of the Compose files, or of a directory
}

// A NotFoundError says that there is no project.
type NotFoundError struct{ text string }

func (e *NotFoundError) Error() string { return e.text }

// Find finds the project of a working directory as docker compose does: by the given
// files, by COMPOSE_FILE, or in the directory and those above it.
func Find(working string, files []string, projectDir string, environ map[string]string) (Place, error) {
	at := working
	if len(files) == 0 && environ["COMPOSE_FILE"] != "" {
		files = strings.Split(environ["COMPOSE_FILE"], cmp.Or(environ["COMPOSE_PATH_SEPARATOR"], string(os.PathListSeparator)))
	}
	if len(files) == 0 {
		var found bool
		if at, found = above(working); !found {
			return Place{}, &NotFoundError{fmt.Sprintf("no %s in %s or above it\nhint: -f names a file", strings.Join(cli.DefaultFileNames, ", "), working)}
		}
		files = []string{at}
	}
	var p Place
	for _, file := range files {
		if file == "-" {
			return Place{}, errors.New("-f -: a file that is read from standard input cannot be found again\nhint: write it into a file")
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(working, file)
		}
		if _, err := os.Stat(file); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return Place{}, &NotFoundError{fmt.Sprintf("reading %s: file does not exist", file)}
			}
			return Place{}, err
		}
		p.Files = append(p.Files, filepath.Clean(file))
	}
	dir := projectDir
	switch {
	case dir != "" && !filepath.IsAbs(dir):
		dir = filepath.Join(working, dir)
	case dir != "":
	case hostpath.IsDir(p.Files[0]):
		dir = p.Files[0]
	default:
		dir = filepath.Dir(p.Files[0])
	}
	if !hostpath.IsDir(dir) {
		return Place{}, &NotFoundError{fmt.Sprintf("project directory %q: no such directory", projectDir)}
	}
	p.Dir = hostpath.Resolved(dir)
	p.Checkout = top(p.Dir)
	return p, nil
}

// above returns the nearest directory, from dir upwards, that has a project.
func above(dir string) (string, bool) {
	for at := dir; ; at = filepath.Dir(at) {
		for _, name := range cli.DefaultFileNames {
			if info, err := os.Stat(filepath.Join(at, name)); err == nil && !info.IsDir() {
				return at, true
			}
		}
		if at == dir && choosesFiles(at) {
			return at, true
		}
		if at == filepath.Dir(at) {
			return "", false
		}
	}
}

// choosesFiles reports whether the .env of a directory says which Compose files there are.
func choosesFiles(dir string) bool {
	content, err := os.ReadFile(filepath.Join(dir, ".env"))
	return err == nil && strings.Contains("\n"+string(envblock.Without(content)), "\nCOMPOSE_FILE=")
}

// SameFiles reports whether the Files of two places are the same: a directory stands for the
// files that docker compose finds in it.
func SameFiles(a, b []string) bool { return slices.Equal(spelledOut(a), spelledOut(b)) }

func spelledOut(files []string) []string {
	if len(files) == 1 && hostpath.IsDir(files[0]) && !choosesFiles(files[0]) {
		if found := FilesIn(files[0]); len(found) > 0 {
			return found
		}
	}
	return files
}

// FilesIn returns the Compose files in a directory under the names that docker compose looks
// for.
func FilesIn(dir string) []string {
	var all []string
	for _, names := range [][]string{cli.DefaultFileNames, cli.DefaultOverrideFileNames} {
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				all = append(all, filepath.Join(dir, name))
				break
			}
		}
	}
	return all
}

// top returns the worktree that a directory is in, or the directory itself.
func top(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

// IsInWorktree reports whether a file is in a worktree of git.
func IsInWorktree(file string) bool {
	_, err := os.Lstat(filepath.Join(top(filepath.Dir(file)), ".git"))
	return err == nil
}

// most is the length of the readable part of a name.
const most = 30

// Name returns the name of the place's environment: the name of the checkout's
// directory, and digits that tell it from other directories of that name.
func (p Place) Name() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{process.Machine(), process.Self().User, p.Dir}, "\x00")))
	slug := owner.Slug(filepath.Base(p.Checkout))
	slug = strings.Trim(slug[:min(len(slug), most)], "-")
	return cmp.Or(slug, "env") + "-" + hex.EncodeToString(sum[:2])
}

// Branch returns the branch that is checked out, or the commit, shortened; or nothing.
func Branch(checkout string) string {
	if checkout == "" { // a checkout that does not exist yet; git would take the working directory
		return ""
	}
	dir := filepath.Join(checkout, ".git")
	if content, err := os.ReadFile(dir); err == nil { // in a worktree .git is a file
		to, ok := strings.CutPrefix(strings.TrimSpace(string(content)), "gitdir: ")
		if !ok {
			return ""
		}
		if dir = to; !filepath.IsAbs(dir) {
			dir = filepath.Join(checkout, dir)
		}
	}
	head, err := os.ReadFile(filepath.Join(dir, "HEAD"))
	if err != nil {
		return ""
	}
	text := strings.TrimSpace(string(head))
	if branch, ok := strings.CutPrefix(text, "ref: refs/heads/"); ok {
		return branch
	}
	return text[:min(len(text), 9)]
}

// View identifies the file system that this process sees: on Linux its mount namespace. In
// another one, in a container say, the same names may be other files. The machine's own
// keeps its name across reboots.
func View() string {
	view, _ := os.Readlink("/proc/self/ns/mnt")
	return view
}

// IsGone reports whether a directory does not exist any more, although its parent does.
// If the parent cannot be seen, the directory does not count as gone.
func IsGone(dir string) bool {
	_, err := os.Stat(dir)
	return errors.Is(err, fs.ErrNotExist) && hostpath.IsDir(filepath.Dir(dir))
}
