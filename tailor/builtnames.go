// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// shippedName is the name that the project has where the files are used as they
// are: that of .env, of the files, or of the directory.
func (m *model) shippedName() string {
	return loader.NormalizeProjectName(cmp.Or(m.givenName(), filepath.Base(m.in.dir)))
}

// givenName is that of .env or of the files, if they have one.
func (m *model) givenName() string {
	name := cmp.Or(m.in.ownName, modeltree.Str(m.orig, "name"))
	if strings.Contains(name, placeholder.Project) {
		return ""
	}
	return name
}

// asShipped is a text with the name that the project has where the files are used as
// they are.
func (m *model) asShipped(text string) string {
	return strings.ReplaceAll(text, placeholder.Project, m.shippedName())
}

// builtNames are the names that docker compose gives to what a service builds: its
// image, or one that is made of the names of project and service, and its tags.
func (m *model) builtNames(c container) []string {
	names := m.ownNames(c)
	for _, tag := range modeltree.List(modeltree.Mapping(c.body, "build"), "tags") {
		names = append(names, fmt.Sprint(tag))
	}
	return names
}

// ownNames are the names of what a service runs. One that is built and has no image
// has one of Compose's: with the name of the copy, and as files have it that refer to
// it.
func (m *model) ownNames(c container) []string {
	if image := modeltree.Str(c.body, "image"); image != "" {
		return []string{image}
	}
	return []string{placeholder.Project + "-" + c.name, m.shippedName() + "-" + c.name}
}

// makes tells whether a service builds what has a name, in full form, in the files.
func (m *model) makes(c container, full string) bool {
	c.body, _ = m.shippedBody(c)
	return slices.ContainsFunc(m.builtNames(c), func(name string) bool { return dockerfile.FullForm(name) == full })
}

// isBrought tells whether the test brings the image of a service, so that it is
// not built.
func (m *model) isBrought(c container) bool {
	c.body, _ = m.shippedBody(c)
	return slices.ContainsFunc(m.ownNames(c), func(name string) bool {
		return slices.ContainsFunc(modeltree.Keys(m.spec.Images), func(old string) bool { return dockerfile.FullForm(old) == dockerfile.FullForm(name) })
	})
}

// shippedBody is a service as the files have it.
func (m *model) shippedBody(c container) (body map[string]any, ok bool) {
	v, _ := modeltree.Lookup(m.orig, c.at)
	body, ok = v.(map[string]any)
	return body, ok
}

// composeBuilds are the services that docker compose builds when it starts the
// files: those that are on, and whom their builds name as contexts.
func (m *model) composeBuilds() []container {
	var names []string
	var add func(name string)
	add = func(name string) {
		build := modeltree.Mapping(modeltree.Mapping(modeltree.Mapping(m.tree, "services"), name), "build")
		if build == nil || slices.Contains(names, name) {
			return
		}
		names = append(names, name)
		for _, from := range settings(build["additional_contexts"]) {
			if service, ok := strings.CutPrefix(*cmp.Or(from, new(string)), servicePrefix); ok {
				add(service)
			}
		}
	}
	for _, c := range m.containers() {
		if c.at[0] == "services" && m.active(c.name) {
			add(c.name)
		}
	}
	return slices.DeleteFunc(m.containers(), func(c container) bool { return c.at[0] != "services" || !slices.Contains(names, c.name) })
}
