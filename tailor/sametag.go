// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/docker/go-units"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// sameTagRules come when it is known what the test builds otherwise, and what it
// brings: the files may be right with that.
func (m *recipes) sameTagRules() []rule {
	return []rule{{
		name:     "self-collision",
		severity: Refuse,
		reason:   "docker compose builds both at once, and all services of the tag run the one that is ready last, which is chance; the copies would hide it",
		hint:     "the builds need tags of their own, or have to be the same",
		apply:    m.collidingTags,
	}}
}

// collidingTags reports builds that are given one name and differ.
func (m *recipes) collidingTags(r *rule) {
	type maker struct {
		c  container
		at modeltree.Path
	}
	first := map[string]maker{}
	told := map[string]bool{}
	found := *r
	if r = &found; m.isStack() { // which docker does not build
		r.reason = "who builds both before gets what is built last, and all services of the tag run that, which is chance; the copies would hide it"
	}
	for _, c := range m.built.composeBuilds() {
		if m.built.isBrought(c) {
			continue
		}
		for _, name := range m.built.builtNames(c) {
			full, at := dockerfile.FullForm(name), m.placeOfName(c, name)
			other, taken := first[full]
			if !taken {
				first[full] = maker{c, at}
				continue
			}
			differing := m.differingKeys(other.c, c)
			if pair := other.c.name + " " + c.name; len(differing) == 0 || told[pair] {
				continue
			} else {
				told[pair] = true
			}
			m.refuse(r, at, spot{}, "", fmt.Sprintf("tag %s is also that of what service %s builds%s, with other %s",
				placeholder.ShownText(name), other.c.name, m.src.find(other.at).place(other.at).within(), strings.Join(differing, ", ")))
		}
	}
}

// placeOfName is where a service says what it builds under a name.
func (m *recipes) placeOfName(c container, name string) modeltree.Path {
	if modeltree.Str(c.body, "image") == name {
		return c.at.Join("image")
	}
	if i := slices.IndexFunc(modeltree.List(modeltree.Mapping(c.body, "build"), "tags"), func(tag any) bool { return fmt.Sprint(tag) == name }); i >= 0 {
		return c.at.Join("build", "tags", i)
	}
	return c.at.Join("build")
}

// recipeKeys are the keys of a build that change what it makes.
var recipeKeys = []string{"context", "dockerfile", "dockerfile_inline", "args", "target", "additional_contexts", "secrets", "ssh",
	"labels", "network", "extra_hosts", "shm_size", "ulimits", "entitlements", "privileged", "platforms", "isolation"}

// differingKeys are the keys in which the builds of two services differ.
func (m *recipes) differingKeys(a, b container) []string {
	one, other := m.recipe(a), m.recipe(b)
	return slices.DeleteFunc(slices.Clone(recipeKeys), func(key string) bool { return reflect.DeepEqual(one[key], other[key]) })
}

// recipe is what a service is built from, by key, the same for the same in other
// words. What changes nothing in what is built does not count.
func (m *recipes) recipe(c container) map[string]any {
	build := modeltree.Mapping(c.body, "build")
	f, _ := m.reader.readDockerfile(c, build) // an error is reported with all that is not read
	b := m.inputs(c, build, f)
	recipe := map[string]any{
		"context": append([]string{real(b.Context)}, b.Files...), "dockerfile_inline": b.Inline, "args": b.Args,
		"target": b.Target, "platforms": normalPlatform(cmp.Or(b.Platform, m.reader.platform())), "secrets": b.Secrets, "ssh": b.SSH,
		"isolation": fmt.Sprint(build["isolation"]),
	}
	for name, from := range b.Contexts {
		b.Contexts[name] = real(from)
	}
	if f.file != nil && f.unseen == "" {
		s := m.reader.buildSettings(c, build, b.Args)
		recipe["args"], recipe["target"] = f.file.ArgsOfEffect(s), f.file.TargetOf(s)
		maps.DeleteFunc(b.Contexts, func(name, _ string) bool { return !f.file.TakesContext(name, s) })
	}
	recipe["additional_contexts"] = b.Contexts
	if b.Inline == "" {
		recipe["dockerfile"] = cmp.Or(b.Dockerfile, "Dockerfile")
		if rel, err := filepath.Rel(b.Context, b.Dockerfile); err == nil && filepath.IsLocal(rel) {
			recipe["dockerfile"] = rel
		}
	}
	for _, key := range []string{"labels", "network", "extra_hosts", "shm_size", "ulimits", "entitlements", "privileged"} {
		recipe[key] = strings.Join(buildFlags(map[string]any{key: inOneWord(key, build[key])}), " ")
	}
	return recipe
}

// real is a directory without links on the way, if it is one.
func real(dir string) string {
	if found, err := filepath.EvalSymlinks(dir); err == nil && filepath.IsAbs(dir) {
		return found
	}
	return dir
}

// inOneWord is the value of a key of a build in one of the ways in which it can be
// written.
func inOneWord(key string, v any) any {
	switch key {
	case "extra_hosts":
		var all []any
		for _, entry := range hosts(v) {
			i := strings.IndexAny(entry, "=:")
			if i < 0 {
				return v
			}
			all = append(all, entry[:i]+"="+strings.Trim(entry[i+1:], "[]"))
		}
		return all
	case "shm_size":
		if n, err := units.RAMInBytes(fmt.Sprint(v)); err == nil {
			return n
		}
	case "ulimits":
		all := map[string]any{}
		for name, limit := range modeltree.Mapping(map[string]any{key: v}, key) {
			if all[name] = limit; reflect.ValueOf(limit).CanInt() {
				all[name] = map[string]any{"soft": limit, "hard": limit}
			}
		}
		return all
	case "network":
		if v == "default" {
			return nil
		}
	}
	return v
}
