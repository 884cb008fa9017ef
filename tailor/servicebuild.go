// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
)

// ServiceBuild is how a service that is on is built, after the edits, for a runner
// that builds images by itself.
type ServiceBuild struct {
	Service string
	// Tag is the image that the override gives it; empty if Compose chooses one.
	Tag string
	// Context is the absolute name of the directory, or what else Compose takes, and
	// Files are those that go into its root.
	Context string
	Files   []string
	// Dockerfile is the absolute name, Inline the text if it stands in the files.
	Dockerfile, Inline string
	Args               map[string]string
	Target, Platform   string
	// Images are those to build on instead of what the Dockerfile may name. One that
	// the project builds is the Tag of another service.
	Images map[string]string
	// Contexts are additional contexts: the absolute names of directories, or what
	// else Compose takes.
	Contexts []string
	// Other are the keys that say more about the build than the fields above.
	Other []string
}

// describeBuilds fills in how services are built.
func (m *model) describeBuilds() {
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		if build == nil || c.at[0] != "services" || !m.active(c.name) {
			continue
		}
		b := ServiceBuild{Service: c.name, Tag: shownText(str(c.body, "image")), Context: str(build, "context"),
			Inline: str(build, "dockerfile_inline"), Target: str(build, "target"), Platform: str(c.body, "platform"), Args: map[string]string{}}
		for _, copied := range m.plan.Contexts {
			if b.Context == m.mark(copied.Variable) {
				b.Context, b.Files = copied.Context, copied.Files
			}
		}
		if b.Inline == "" {
			name := str(build, "dockerfile")
			if name == "" {
				name = "Dockerfile"
			}
			b.Dockerfile = absolute(b.Context, name)
		}
		additional := mapping(build, "additional_contexts")
		for _, name := range slices.Sorted(maps.Keys(additional)) {
			b.Contexts = append(b.Contexts, shownText(fmt.Sprint(additional[name])))
		}
		for key, value := range mapping(build, "args") {
			if value != nil { // a name that nobody gave a value
				b.Args[key] = fmt.Sprint(value)
			}
		}
		for _, d := range m.plan.Dockerfiles {
			if d.Service == c.name {
				b.Images = d.Images
			}
		}
		for _, key := range slices.Sorted(maps.Keys(build)) {
			switch key {
			case "context", "dockerfile", "dockerfile_inline", "args", "target":
			case "cache_from", "cache_to": // how, and not what
			case "platforms":
				if all := list(build, key); len(all) == 1 {
					b.Platform = fmt.Sprint(all[0])
					continue
				}
				b.Other = append(b.Other, key)
			default:
				if !empty(build[key]) {
					b.Other = append(b.Other, key)
				}
			}
		}
		m.plan.Builds = append(m.plan.Builds, b)
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil, removed:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case bool:
		return !v
	}
	return v == ""
}
