// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// builtImages knows the images that the project builds, by the names that the files have for them.
type builtImages struct {
	*document
	*decisions
	leasing *leasing
	objects *objects

	// scoped are their names in the copies, makers the services that build them, both by
	// full form.
	scoped, makers map[string]string
	// besides are the services whose images run beside a service or are mounted into it.
	besides map[string][]string
}

// builtNames are the names that docker compose gives to what a service builds: its
// image, or one that is made of the names of project and service, and its tags.
func (m *builtImages) builtNames(c container) []string {
	names := m.ownNames(c)
	for _, tag := range modeltree.List(modeltree.Mapping(c.body, "build"), "tags") {
		names = append(names, fmt.Sprint(tag))
	}
	return names
}

// ownNames are the names of what a service runs. One that is built and has no image
// has one of Compose's: with the name of the copy, and as files have it that refer to
// it.
func (m *builtImages) ownNames(c container) []string {
	if image := modeltree.Str(c.body, "image"); image != "" {
		return []string{image}
	}
	return []string{placeholder.Project + "-" + c.name, m.objects.shippedName() + "-" + c.name}
}

// makes tells whether a service builds what has a name, in full form, in the files.
func (m *builtImages) makes(c container, full string) bool {
	c.body, _ = m.shippedBody(c)
	return slices.ContainsFunc(m.builtNames(c), func(name string) bool { return dockerfile.FullForm(name) == full })
}

// isBrought tells whether the image is replaced of a service, so that it is
// not built.
func (m *builtImages) isBrought(c container) bool {
	c.body, _ = m.shippedBody(c)
	return slices.ContainsFunc(m.ownNames(c), func(name string) bool {
		return slices.ContainsFunc(modeltree.Keys(m.spec.Images), func(old string) bool { return dockerfile.FullForm(old) == dockerfile.FullForm(name) })
	})
}

// composeBuilds are the services that docker compose builds when it starts the
// files: those that are on, and whom their builds name as contexts.
func (m *builtImages) composeBuilds() []container {
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

// builtBy returns the service whose build makes the image of a service, if one does:
// often itself.
func (m *builtImages) builtBy(c container) string {
	if c.body["build"] != nil {
		return c.name
	}
	return m.makers[dockerfile.FullForm(modeltree.Str(c.body, "image"))]
}

// imageUse is a place where the files name an image.
type imageUse struct {
	c      container
	at     modeltree.Path
	ref    string
	prefix string // before the reference: docker-image://
	kind   useKind
}

// useKind says what an image is named for.
type useKind int

const (
	ownImage   useKind = iota // what the service itself runs
	sideImage                 // what runs beside it, or is mounted
	mounted                   // the same, but a name of a service will do
	buildImage                // what its build takes
)

// imageUses returns every place that names an image, the service's own first.
func (m *builtImages) imageUses() []imageUse {
	var all []imageUse
	add := func(c container, at modeltree.Path, prefix string, kind useKind) {
		s, ok := m.get(at).(string)
		if ref, found := strings.CutPrefix(s, prefix); ok && found && ref != "" {
			all = append(all, imageUse{c, at, ref, prefix, kind})
		}
	}
	volumes := func(c container, body any, at modeltree.Path) {
		for i, v := range modeltree.List(body, "volumes") {
			if modeltree.Str(v, "type") == "image" {
				add(c, at.Join("volumes", i, "source"), "", mounted)
			}
		}
	}
	for _, c := range m.containers() {
		add(c, c.at.Join("image"), "", ownImage)
		for i, from := range modeltree.List(modeltree.Mapping(c.body, "build"), "cache_from") {
			if prefix, ref, ok := strings.Cut(fmt.Sprint(from), ",ref="); ok && !strings.Contains(ref, ",") {
				add(c, c.at.Join("build", "cache_from", i), prefix+",ref=", buildImage)
			} else if !strings.Contains(prefix, "=") {
				add(c, c.at.Join("build", "cache_from", i), "", buildImage)
			}
		}
		for i, hook := range modeltree.List(c.body, "pre_start") {
			add(c, c.at.Join("pre_start", i, "image"), "", sideImage)
			volumes(c, hook, c.at.Join("pre_start", i))
		}
		volumes(c, c.body, c.at)
		contexts := modeltree.Mapping(modeltree.Mapping(c.body, "build"), "additional_contexts")
		for _, name := range slices.Sorted(maps.Keys(contexts)) {
			add(c, c.at.Join("build", "additional_contexts", name), "docker-image://", buildImage)
		}
	}
	return all
}

// scope notes the name that takes the place of others.
func (m *builtImages) scope(names []string, name string) {
	for _, old := range names {
		if full := dockerfile.FullForm(old); m.scoped[full] == "" {
			m.scoped[full] = name
		}
	}
}

// noteMaker notes that a service builds images of these names. The first who does
// is meant by others.
func (m *builtImages) noteMaker(c container, names []string) {
	for _, name := range names {
		if full := dockerfile.FullForm(name); c.at[0] == "services" && m.makers[full] == "" {
			m.makers[full] = c.name
		}
	}
}

// makerOf returns the service that builds what is named at a place, if one does.
func (m *builtImages) makerOf(u imageUse) string {
	if maker := m.makers[dockerfile.FullForm(u.ref)]; maker != "" || u.kind != mounted {
		return maker
	}
	body := modeltree.Mapping(modeltree.Mapping(m.tree, "services"), u.ref)
	if body["build"] == nil || modeltree.Str(body, "image") != "" {
		return ""
	}
	return u.ref
}

// ownPolicy returns the pull policy by which the files want the named image of a
// service rather than a built one.
func ownPolicy(c container) string {
	if policy := modeltree.Str(c.body, "pull_policy"); policy != "build" && modeltree.Str(c.body, "image") != "" {
		return policy
	}
	return ""
}

// madeBy is the image of a service that is built, for people: perhaps one that is there.
func (m *builtImages) madeBy(service string) string {
	c := container{body: modeltree.Mapping(modeltree.Mapping(m.tree, "services"), service)}
	if ownPolicy(c) != "" && !m.isStack() {
		return "what service " + service + " runs"
	}
	return "what service " + service + " builds"
}

// builtName is what stands for an image that a service builds.
func (m *builtImages) builtName(ref string) string {
	if name := m.scoped[dockerfile.FullForm(ref)]; name != "" {
		return placeholder.ShownText(name)
	}
	return placeholder.ShownText(ref)
}

// imageVariable is the variable for the image that a service builds.
func (m *builtImages) imageVariable(service string) string {
	return m.leasing.variable("image "+service, "IMAGE", service)
}

// keepFromPulling takes back a pull policy by which Compose would ask a registry for
// what only this engine has.
func (m *builtImages) keepFromPulling(r *rule, u imageUse, ref string) {
	at := u.c.at.Join("pull_policy")
	if policy := modeltree.Str(m.get(u.c.at), "pull_policy"); !slices.Contains([]string{"", "missing", "if_not_present", "never", "build"}, policy) && !m.isStack() {
		reason := "no registry has what this project builds"
		if u.kind == sideImage {
			reason = fmt.Sprintf("it holds for %s, too, which no registry has", ref)
		}
		m.edit(r, change{at: at, drop: true, from: m.src.find(u.at), treatment: Follow, what: fmt.Sprintf("pull policy %s → none", policy), reason: reason})
	}
}
