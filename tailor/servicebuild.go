// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// ServiceBuild is how a service is built, after the edits, for a runner that builds
// images by itself. In gives it the name of the project, where values have that.
type ServiceBuild struct {
	Place
	// Variable is the one in the override, or in the document of a stack, that takes
	// the image; a project may not have it.
	Variable string
	// Named is the image to run instead, if there is one, as Policy says: missing,
	// always, never. Empty means to build.
	Named, Policy string
	// Context is the absolute name of the directory, or what else Compose takes, and
	// Files are those that go into its root.
	Context string
	Files   []string
	// Dockerfile is where it is, Inline the text if it stands in the files. Of a
	// context that is no directory Dockerfile is a name in that.
	Dockerfile, Inline string
	// Args are those that the Dockerfile has an ARG for.
	Args             map[string]string
	Target, Platform string
	// Images are those to build on instead of what the Dockerfile names. From are
	// those that other services build, by reference: the service.
	Images, From map[string]string
	// Contexts are additional contexts by name: the absolute name of a directory,
	// service:NAME for what that builds, or what else BuildKit takes.
	Contexts map[string]string
	Secrets  []BuildSecret
	SSH      []string
	// Flags are further flags of docker buildx build.
	Flags []string
	// NoCache says that each build is to be a new one, Pull that the registries are
	// to be asked for newer bases.
	NoCache, Pull bool
}

// BuildSecret is a secret of a build: a file, or a value.
type BuildSecret struct{ ID, File, Value string }

// In returns how the service is built in the project of a name.
func (b ServiceBuild) In(project string) ServiceBuild {
	fill := func(s string) string { return strings.ReplaceAll(s, placeholder.Project, project) }
	each := func(m map[string]string) map[string]string {
		filled := map[string]string{}
		for key, value := range m {
			filled[fill(key)] = fill(value)
		}
		return filled
	}
	b.Named, b.Context, b.Dockerfile, b.Inline, b.Target = fill(b.Named), fill(b.Context), fill(b.Dockerfile), fill(b.Inline), fill(b.Target)
	b.Args, b.Images, b.From, b.Contexts = each(b.Args), each(b.Images), each(b.From), each(b.Contexts)
	b.Flags, b.Secrets = slices.Clone(b.Flags), slices.Clone(b.Secrets)
	for i, flag := range b.Flags {
		b.Flags[i] = fill(flag)
	}
	for i, s := range b.Secrets {
		b.Secrets[i].File, b.Secrets[i].Value = fill(s.File), fill(s.Value)
	}
	return b
}

// Needs returns the services whose images the build needs, sorted.
func (b *ServiceBuild) Needs() []string {
	var all []string
	for _, service := range b.From {
		all = append(all, service)
	}
	for _, context := range b.Contexts {
		if service, ok := strings.CutPrefix(context, servicePrefix); ok {
			all = append(all, service)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

const (
	servicePrefix = "service:"
	imagePrefix   = "docker-image://"
)
