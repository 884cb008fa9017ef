// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// sharedForm changes when the same files make another environment.
const sharedForm = "seatrial shared 1"

// sharedKey returns the key of all that a shared project is made of, and its plan.
// Those who have the same share it: processes of one user on one machine, who see
// each other and the same locks.
func (sc *scope) sharedKey(ctx context.Context, name string, s spec.Project) ([]byte, *tailor.Plan, error) {
	read := reader{sums: map[string]string{}}
	plan, err := sc.plan(ctx, s, read.read)
	if err != nil {
		return nil, nil, err
	}
	id, err := sc.on.identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	self := process.Self()
	k := buildcontext.NewKey()
	k.Add(sharedForm, id, self.User, self.Boot, self.Space, name, fmt.Sprint(s.CopyMounts))
	k.Add("project", append([]string{plan.Dir}, plan.Files...)...)
	k.Add("profiles", plan.Profiles...)
	k.Add("override", string(plan.Override()))
	for _, text := range plan.Texts {
		k.Add("text", text.File, text.Content)
	}
	for _, file := range slices.Sorted(maps.Keys(read.sums)) {
		k.Add("file", file, read.sums[file])
	}
	for _, variable := range slices.Sorted(maps.Keys(plan.Env)) {
		if _, given := s.Env[variable]; given || read.mention(variable) {
			k.Add("variable", variable, plan.Env[variable])
		}
	}
	for _, service := range plan.Services {
		made, err := sc.made(ctx, service.Image)
		if service.Image != "" && err != nil {
			return nil, nil, err
		}
		k.Add("service", service.Name, service.Image, made)
		for _, path := range []string{service.Context, filepath.Join(service.Context, service.Dockerfile), service.Dockerfile} {
			if service.Build && filepath.IsAbs(path) {
				addFiles(k, path, true)
			}
		}
	}
	for _, b := range plan.Builds {
		for _, file := range b.Files {
			addFiles(k, file, true)
		}
	}
	for _, m := range plan.HostPaths {
		addFiles(k, m.Source, beside(m.Source, plan))
	}
	for _, c := range plan.Copies {
		addFiles(k, c.Source, beside(c.Source, plan))
	}
	return k.Sum(), plan, nil
}

// beside reports whether a path lies beside the project's files.
func beside(path string, plan *tailor.Plan) bool {
	dirs := []string{plan.Dir}
	for _, file := range plan.Files {
		dirs = append(dirs, filepath.Dir(file))
	}
	return slices.ContainsFunc(dirs, func(dir string) bool { return liesIn(dir, path) })
}

// addFiles adds a file or, if its content is wanted, what is in a directory. What
// cannot be read counts by its name: it is for the start to complain.
func addFiles(k *buildcontext.Key, path string, content bool) {
	k.Add("path", path)
	info, err := os.Stat(path)
	if err == nil && (info.Mode().IsRegular() || info.IsDir() && content) {
		entries, _ := buildcontext.Extra{From: path}.Read()
		k.AddEntries("content", entries)
	}
}

// A reader remembers the files that it reads.
type reader struct {
	mu   sync.Mutex
	sums map[string]string
	all  strings.Builder
}

func (r *reader) read(name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	sum := "none"
	if err == nil {
		sum = fmt.Sprintf("%x", sha256.Sum256(content))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sums[name] != sum {
		r.sums[name] = sum
		r.all.Write(content)
	}
	return content, err
}

// mention reports whether one of the files may mean a variable.
func (r *reader) mention(variable string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Contains(r.all.String(), variable)
}
