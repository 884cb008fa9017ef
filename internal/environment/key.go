// SPDX-License-Identifier: Apache-2.0

package environment

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
	"time"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// form changes when the same files make another environment.
const form = "seatrial shared 2"

// keyOf returns the key of all that a shared project is made of, and its plan.
// Those who have the same share it: processes of one user on one machine, who see
// each other and the same locks.
func keyOf(ctx context.Context, sess *session.Session, name string, s spec.Project, say session.Progress) ([]byte, *tailor.Plan, error) {
	read := reader{sums: map[string]string{}}
	plan, err := compose.Plan(ctx, sess, s, read.read)
	if err != nil {
		return nil, nil, err
	}
	key, err := read.key(ctx, sess, name, plan, plan.Override(), say)
	return key, plan, err
}

// keyOfStack is keyOf for a stack.
func keyOfStack(ctx context.Context, sess *session.Session, name string, s spec.Stack, say session.Progress) ([]byte, *tailor.Plan, error) {
	read := reader{sums: map[string]string{}}
	plan, err := swarm.Plan(ctx, sess, name, s, read.read)
	if err != nil {
		return nil, nil, err
	}
	key, err := read.key(ctx, sess, name, &plan.Plan, plan.Document(), say)
	return key, &plan.Plan, err
}

// key returns the key of a plan, whose files it has read, and of what docker is to read.
func (r *reader) key(ctx context.Context, sess *session.Session, name string, plan *tailor.Plan, document []byte, say session.Progress) ([]byte, error) {
	if err := compose.PullServices(ctx, sess, plan, say); err != nil { // what an image is made of is known when it is there
		return nil, err
	}
	id, err := sess.On.Identity(ctx)
	if err != nil {
		return nil, err
	}
	self := process.Self()
	k := buildcontext.NewKey()
	k.Add(form, id, sweep.SharedDir(), self.User, self.Boot, self.Space, name, fmt.Sprint(plan.Spec.CopyMounts))
	k.Add("project", append([]string{plan.Dir}, plan.Files...)...)
	k.Add("profiles", plan.Profiles...)
	k.Add("override", string(document))
	for _, text := range plan.Texts {
		k.Add("text", text.File, text.Content)
	}
	for _, file := range slices.Sorted(maps.Keys(r.sums)) {
		k.Add("file", file, r.sums[file])
	}
	for _, variable := range slices.Sorted(maps.Keys(plan.Env)) {
		if _, given := plan.Spec.Env[variable]; given || r.mention(variable) {
			k.Add("variable", variable, plan.Env[variable])
		}
	}
	for _, service := range plan.Services {
		made := ""
		if compose.IsPulled(service) {
			if made, err = image.Fingerprint(ctx, sess, service.Image); err != nil {
				return nil, err
			}
		}
		k.Add("service", service.Name, service.Image, made)
	}
	for _, b := range plan.Builds {
		if err := addBuild(ctx, sess, k, b); err != nil {
			return nil, err
		}
	}
	for _, m := range plan.HostPaths {
		addFiles(k, m.Source, beside(m.Source, plan))
	}
	for _, c := range plan.Copies {
		addFiles(k, c.Source, beside(c.Source, plan))
	}
	return k.Sum(), nil
}

// addBuild adds what an image is built from: what of the context the ignore file
// leaves, and the images that it builds on. What cannot be read is for the start to
// complain.
func addBuild(ctx context.Context, sess *session.Session, k *buildcontext.Key, b tailor.ServiceBuild) error {
	k.Add("build", append([]string{b.Service, b.Named, b.Policy}, b.Flags...)...)
	files := slices.Clone(b.Files)
	for _, name := range slices.Sorted(maps.Keys(b.Contexts)) {
		files = append(files, b.Contexts[name])
	}
	for _, file := range files {
		if filepath.IsAbs(file) {
			addFiles(k, file, true)
		}
	}
	content := []byte(b.Inline)
	if b.Inline == "" {
		addFiles(k, b.Dockerfile, true)
		content, _ = buildcontext.ReadRegular(b.Dockerfile)
	}
	if filepath.IsAbs(b.Context) {
		_, ignore, _ := buildcontext.IgnoreFile(b.Context, b.Dockerfile)
		patterns, _ := buildcontext.Patterns(ignore)
		entries, _ := image.ReadContext(hostpath.Resolved(b.Context), patterns, time.Time{})
		k.AddEntries("context", entries)
	}
	file, _, err := dockerfile.Parse(content)
	if err != nil {
		return nil
	}
	settings, err := image.Settings(ctx, sess, spec.Image{Args: b.Args, Target: b.Target, Platform: b.Platform})
	if err != nil {
		return err
	}
	settings.Contexts = slices.Collect(maps.Keys(b.Contexts))
	var refs []string
	if b.Named != "" {
		refs = append(refs, b.Named)
	}
	for _, context := range files[len(b.Files):] {
		if ref, ok := strings.CutPrefix(context, image.ContextImage); ok {
			refs = append(refs, ref)
		}
	}
	bases, _ := file.Bases(settings)
	for _, base := range bases {
		if b.From[base.Ref] == "" { // it is built from what is in the key, too
			refs = append(refs, base.Ref)
		}
	}
	for _, old := range slices.Sorted(maps.Keys(b.Images)) {
		k.Add("instead", old)
		refs = append(refs, b.Images[old])
	}
	for _, ref := range refs {
		made, err := image.Fingerprint(ctx, sess, ref)
		if err != nil {
			return err
		}
		k.Add("base", ref, made)
	}
	return nil
}

// beside reports whether a path lies beside the project's files: in the directory
// of one, or anywhere in the module or checkout that it is part of.
func beside(path string, plan *tailor.Plan) bool {
	dirs := []string{plan.Dir}
	for _, file := range plan.Files {
		dirs = append(dirs, filepath.Dir(file))
	}
	return slices.ContainsFunc(dirs, func(dir string) bool { return hostpath.LiesIn(dir, path) || hostpath.LiesIn(top(dir), path) })
}

// top returns the directory of the module or checkout that a directory is in; or
// that directory itself.
func top(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		for _, mark := range []string{".git", "go.mod", "go.work"} {
			if _, err := os.Lstat(filepath.Join(at, mark)); err == nil {
				return at
			}
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
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
