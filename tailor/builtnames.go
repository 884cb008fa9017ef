// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
)

// shippedName is the name that the project has where the files are used as they
// are: that of .env, of the files, or of the directory.
func (m *model) shippedName() string {
	name := cmp.Or(m.in.envName, str(m.orig, "name"))
	if name == "" || strings.Contains(name, projectName) {
		name = filepath.Base(m.in.dir)
	}
	return loader.NormalizeProjectName(name)
}

// builtNames are the names that docker compose gives to what a service builds: its
// image, or one that is made of the names of project and service, and its tags.
func (m *model) builtNames(c container) []string {
	names := m.defaultNames(c)
	if image := str(c.body, "image"); image != "" {
		names = []string{image}
	}
	for _, tag := range list(mapping(c.body, "build"), "tags") {
		names = append(names, fmt.Sprint(tag))
	}
	return names
}

// defaultNames are the names of what a service builds that has no image: with the
// name of the copy, and as the files have it who refer to it.
func (m *model) defaultNames(c container) []string {
	return []string{projectName + "-" + c.name, m.shippedName() + "-" + c.name}
}

// composeBuilds are the services that docker compose builds when it starts the
// files: those that are on, and whom their builds name as contexts.
func (m *model) composeBuilds() []container {
	var names []string
	var add func(name string)
	add = func(name string) {
		build := mapping(mapping(mapping(m.tree, "services"), name), "build")
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
