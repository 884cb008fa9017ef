// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// recipes says how each service is built after all edits, and in which order.
type recipes struct {
	*document
	*decisions
	built    *builtImages
	contexts *contexts
	leasing  *leasing
	reader   *dockerfileReader
}

func (m *recipes) serviceBuild(service string) ServiceBuild {
	c := container{at: modeltree.Path{"services", service}, name: service, body: modeltree.Mapping(modeltree.Mapping(m.tree, "services"), service)}
	build := modeltree.Mapping(c.body, "build")
	f := m.reader.dockerfiles[c.at.String()]
	b := m.inputs(c, build, f)
	b.Place = m.src.find(c.at.Join("build")).place(c.at.Join("build"))
	if _, ok := m.leasing.variables["image "+service]; ok {
		b.Variable = m.built.imageVariable(service)
	}
	// What the test says about a build it says about what is to run.
	told := m.contexts.builtOtherwise[service] || f != nil && len(f.Images) > 0
	if policy := ownPolicy(c); policy != "" && !m.isStack() && !told {
		b.Named, b.Policy = modeltree.Str(c.body, "image"), policy
	}
	b.Flags = buildFlags(build)
	b.NoCache, b.Pull = modeltree.Truth(build, "no_cache") || len(modeltree.List(build, "no_cache_filter")) > 0, modeltree.Truth(build, "pull")
	return b
}

// inputs are what goes into the build of a service, flags apart.
func (m *recipes) inputs(c container, build map[string]any, f *builtFrom) ServiceBuild {
	b := ServiceBuild{Platform: m.reader.buildPlatform(c, build), Target: modeltree.Str(build, "target"), Args: map[string]string{}, Images: map[string]string{}, From: map[string]string{}}
	b.Context, b.Files = m.contexts.contextOf(build)
	if f != nil {
		b.Dockerfile, b.Inline, b.Args, b.Images, b.From = f.Name, f.Inline, maps.Clone(f.args), maps.Clone(f.Images), maps.Clone(f.makers)
	}
	b.Contexts = m.buildContexts(c, build)
	b.Secrets = m.buildSecrets(build)
	for id, file := range settings(build["ssh"]) {
		if file != nil {
			id += "=" + absolute(m.in.dir, *file)
		}
		b.SSH = append(b.SSH, id)
	}
	slices.Sort(b.SSH)
	return b
}

// buildContexts returns the additional contexts of a build.
func (m *recipes) buildContexts(c container, build map[string]any) map[string]string {
	all := map[string]string{}
	for name, value := range settings(build["additional_contexts"]) {
		if value == nil {
			continue
		}
		ref, isImage := strings.CutPrefix(*value, imagePrefix)
		maker := m.built.makers[dockerfile.FullForm(ref)]
		named, isService := strings.CutPrefix(*value, servicePrefix)
		body := modeltree.Mapping(modeltree.Mapping(m.tree, "services"), named)
		switch {
		case isService && body["build"] == nil && modeltree.Str(body, "image") != "": // the test brings it
			all[name] = imagePrefix + modeltree.Str(body, "image")
		case isImage && maker != "" && maker != c.name:
			all[name] = servicePrefix + maker
		case isImage || strings.HasPrefix(*value, servicePrefix) || strings.Contains(*value, "://") || remote(*value):
			all[name] = *value
		default:
			all[name] = absolute(m.in.dir, *value)
		}
	}
	return all
}

// buildSecrets returns the secrets of a build.
func (m *recipes) buildSecrets(build map[string]any) []BuildSecret {
	var all []BuildSecret
	for _, use := range modeltree.List(build, "secrets") {
		source, isName := use.(string)
		if !isName {
			source = modeltree.Str(use, "source")
		}
		s := BuildSecret{ID: source}
		if target := modeltree.Str(use, "target"); target != "" {
			s.ID = target
		}
		body := modeltree.Mapping(modeltree.Mapping(m.tree, "secrets"), source)
		switch {
		case modeltree.Str(body, "file") != "":
			s.File = modeltree.Str(body, "file")
		case modeltree.Str(body, "environment") != "":
			s.Value = m.in.env[modeltree.Str(body, "environment")]
		default:
			s.Value = modeltree.Str(body, "content")
		}
		all = append(all, s)
	}
	return all
}
