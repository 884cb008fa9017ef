// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// ServiceBuild says how the image of a service is built, after the edits, for a
// caller that builds images itself. Values that contain the name of the project have
// a placeholder for it, until [ServiceBuild.In] replaces that.
type ServiceBuild struct {
	Place
	// Variable is the variable of the override, or of the stack's document, that
	// takes the image. It is empty if nothing refers to the image by a variable.
	Variable string
	// Named is an image that may be used instead of a build, pulled as Policy says:
	// missing, always or never. If Named is empty, the image must be built.
	Named, Policy string
	// Context is the absolute name of the build context, or an address that Compose
	// accepts instead. Files are the absolute names of files to add to its root.
	Context string
	Files   []string
	// Dockerfile is the absolute name of the Dockerfile, or, if Context is an
	// address, a name inside of it. Inline is the text of a Dockerfile that is in
	// the Compose file.
	Dockerfile, Inline string
	// Args are the build arguments for which the Dockerfile has an ARG.
	Args             map[string]string
	Target, Platform string
	// Images maps references that the Dockerfile names to images to build on
	// instead. From maps references to the services that build these images.
	Images, From map[string]string
	// Contexts are the additional contexts, by name: the absolute name of a
	// directory, service:NAME for the image of another service, or anything else
	// that BuildKit accepts.
	Contexts map[string]string
	Secrets  []BuildSecret
	SSH      []string
	// Flags are more flags for docker buildx build.
	Flags []string
	// NoCache says that every step must be run again, Pull that the registries must
	// be asked for newer base images.
	NoCache, Pull bool
}

// BuildSecret is a secret of a build, from a file or a value.
type BuildSecret struct{ ID, File, Value string }

// In returns the build for a project of this name.
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

// Needs returns the services whose images must be built before, sorted.
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
