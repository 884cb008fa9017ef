// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// contexts does what the spec says about build contexts.
type contexts struct {
	*document
	*decisions
	built   *builtImages
	leasing *leasing

	argsGiven []givenArg // by the spec
	// builtOtherwise are the services of whose build the spec says something.
	builtOtherwise map[string]bool
}

func (m *contexts) buildRules() []rule {
	return []rule{{
		name:      "build",
		treatment: Substitute,
		severity:  Note,
		reason:    "as asked",
		doc: row{
			becomes: "with `Builds`: another context, another Dockerfile, further files, build arguments. If a Dockerfile is among the files, that " +
				"one is built",
		},
		apply: m.substituteBuilds,
	}}
}

// substituteBuilds builds from the contexts of the spec, and plans copies of
// those that are given further files.
func (m *contexts) substituteBuilds(r *rule) {
	for _, c := range m.containers() {
		context, before := modeltree.Str(modeltree.Mapping(c.body, "build"), "context"), ""
		for _, key := range modeltree.Keys(m.spec.Builds) {
			if context == "" || key != context && absolute(m.in.dir, key) != filepath.Clean(context) {
				continue
			}
			m.used["Builds "+key] = true
			if before != "" {
				m.reportSpec("Builds", fmt.Sprintf("Builds[%q] and Builds[%q] are one context in two spellings", before, key), "")
				break
			}
			before = key
			if !m.built.isBrought(c) {
				m.builtOtherwise[c.name] = true
				m.substituteBuild(r, c, key, m.spec.Builds[key])
			}
		}
	}
}

func (m *contexts) substituteBuild(r *rule, c container, key string, b spec.Build) {
	context := modeltree.Str(modeltree.Mapping(c.body, "build"), "context")
	at := c.at.Join("build", "context")
	from := m.src.find(at)
	if b.Context != "" {
		abs, err := filepath.Abs(b.Context)
		if err != nil {
			m.reportSpec("Builds", fmt.Sprintf("Builds[%q]: %v", key, err), "")
			return
		}
		if _, err := m.in.read(abs); errors.Is(err, fs.ErrNotExist) {
			m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Context: %s is missing", key, b.Context), "")
			return
		}
		m.edit(r, change{at: at, value: abs, what: fmt.Sprintf("build context %s → %s", m.pathShown(context), b.Context)})
		context = abs
	}
	if !filepath.IsAbs(context) && (len(b.Files) > 0 || b.Dockerfile != "") {
		m.reportSpec("Builds", fmt.Sprintf("Builds[%q] has no Context, and only a directory of this machine can be given a Dockerfile or files", key), "")
		return
	}
	files := m.addedFiles(key, b.Files)
	if b.Dockerfile != "" && m.given(fmt.Sprintf("Builds[%q].Dockerfile", key), b.Dockerfile, dockerfile.Locate(context, b.Dockerfile, files)) {
		m.edit(r, change{at: c.at.Join("build", "dockerfile"), value: b.Dockerfile, from: from, what: "Dockerfile → " + b.Dockerfile})
		if modeltree.Mapping(c.body, "build")["dockerfile_inline"] != nil {
			m.edit(r, change{at: c.at.Join("build", "dockerfile_inline"), drop: true, what: "the Dockerfile in the file → none"})
		}
	}
	m.giveArgs(r, c, key, b.Args)
	if len(files) > 0 {
		m.copyContext(r, c, key, context, files)
	}
}

// addedFiles returns the absolute names of the files that a context is given, as
// far as they can be.
func (m *contexts) addedFiles(key string, files []string) []string {
	var all []string
	names := map[string]string{}
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if other := names[filepath.Base(f)]; other != "" || err != nil {
			m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Files has %s and %s, which would be one file", key, other, f), "")
			continue
		}
		if !m.given(fmt.Sprintf("Builds[%q].Files", key), f, abs) {
			continue
		}
		names[filepath.Base(f)] = f
		all = append(all, abs)
	}
	return all
}

// giveArgs gives a build the arguments of the spec. Whether its Dockerfile has an
// ARG for them is seen when that is read.
func (m *contexts) giveArgs(r *rule, c container, key string, args map[string]string) {
	at := c.at.Join("build", "args")
	for _, name := range modeltree.Keys(args) {
		m.argsGiven = append(m.argsGiven, givenArg{build: key, name: name, service: c.at.String()})
		ch := change{at: at.Join(name), value: args[name], from: m.src.find(c.at.Join("build")), what: fmt.Sprintf("build argument %s → %q", name, args[name])}
		if now, ok := m.get(at).([]any); ok {
			all := map[string]any{}
			for name, value := range settings(now) {
				if all[name] = nil; value != nil {
					all[name] = *value
				}
			}
			all[name] = args[name]
			ch.at, ch.value = at, all
		}
		m.edit(r, ch)
	}
}

// givenArg is a build argument that the spec gives a service.
type givenArg struct{ build, name, service string }

// copyContext plans a copy of a context with more files in it. A Dockerfile
// beside the context stays where it is.
func (m *contexts) copyContext(r *rule, c container, key, context string, files []string) {
	if m.in.overrideOnly {
		m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Files: contexts are not copied here", key), "")
		return
	}
	wanted := ContextCopy{Context: context, Files: files}
	at := c.at.Join("build", "context")
	from := m.src.find(at)
	wanted.Place, wanted.Variable = from.place(at), m.leasing.pathVariable("context "+context, "CONTEXT", c.name)
	if !slices.ContainsFunc(m.plan.Contexts, func(o ContextCopy) bool { return o.Variable == wanted.Variable }) {
		m.plan.Contexts = append(m.plan.Contexts, wanted)
	}
	name := modeltree.Str(modeltree.Mapping(m.get(c.at), "build"), "dockerfile")
	m.edit(r, change{at: at, value: m.leasing.mark(wanted.Variable), from: from, what: fmt.Sprintf("build context %s → a copy with %s", m.pathShown(context), strings.Join(m.spec.Builds[key].Files, ", "))})
	if rel := filepath.ToSlash(filepath.Clean(name)); strings.HasPrefix(rel, "../") {
		abs := absolute(context, name)
		m.edit(r, change{at: c.at.Join("build", "dockerfile"), value: abs, from: from, what: fmt.Sprintf("Dockerfile %s → where it is", name), reason: "it is not in the copy"})
	}
}

// contextOf returns what a service is built from: the absolute name of a directory,
// or what else Compose takes, and the files that are added to it.
func (m *contexts) contextOf(build map[string]any) (context string, files []string) {
	context = modeltree.Str(build, "context")
	for _, copied := range m.plan.Contexts {
		if context == m.leasing.mark(copied.Variable) {
			return copied.Context, copied.Files
		}
	}
	return context, nil
}

// contexts are the build contexts for which the spec may have something.
func (m *contexts) contexts() []string {
	var all []string
	for _, c := range m.containers() {
		build, _ := modeltree.Lookup(m.orig, c.at.Join("build"))
		if context := modeltree.Str(build, "context"); context != "" {
			all = append(all, m.pathShown(context))
		}
	}
	return all
}
