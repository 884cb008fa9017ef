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

// dockerfileRule has Dockerfiles build on the images of this copy.
type dockerfileRule struct {
	*document
	*decisions
	brought  *broughtImages
	built    *builtImages
	contexts *contexts
	reader   *dockerfileReader
}

var imageOrBuild = rule{
	name:     "image-or-build",
	severity: Note,
	reason:   "as its pull policy has it",
	doc: row{
		files: "the same, with a pull policy other than `build`",
		becomes: "a note: as the policy says, the named image is run if it is there, or else pulled; only if that fails is it built. If the test " +
			"says something about the build, by `Builds` or `Images`, it is built",
	},
}

// reportEither says of a service with a pull policy of its own that it runs a named image,
// or what is built: always that where the test says what it builds on.
func (m *dockerfileRule) reportEither(c container, f *builtFrom) {
	image, policy := modeltree.Str(c.body, "image"), ownPolicy(c)
	if policy == "" || m.contexts.builtOtherwise[c.name] || m.isStack() || strings.Contains(image, placeholder.Project) {
		return
	}
	r := imageOrBuild
	if m.in.overrideOnly {
		r.severity, r.reason = Warning, "two copies that build it would race for the tag"
	}
	has := "the engine or a registry has it"
	if policy == "never" {
		has = "the engine has it"
	}
	what := fmt.Sprintf("image %s is run if %s (pull_policy: %s), and only otherwise it is built", image, has, policy)
	if len(f.Images) > 0 && !m.in.overrideOnly {
		r.reason = "it is said what it builds on"
		what = fmt.Sprintf("it is built, though image %s would be run if %s (pull_policy: %s)", image, has, policy)
	}
	m.report(&r, c.at.Join("image"), spot{}, what)
}

// unusedArgs refuses the arguments of the spec for which no Dockerfile has an ARG.
func (m *dockerfileRule) unusedArgs() {
	takes, names := map[givenArg]bool{}, map[givenArg][]string{}
	for _, g := range m.contexts.argsGiven {
		f, common := m.reader.dockerfiles[g.service], givenArg{build: g.build, name: g.name}
		switch {
		case f == nil || f.file == nil || f.file.Takes(g.name):
			takes[common] = true
		default:
			takes[common] = takes[common] || false
			names[common] = append(names[common], f.file.ArgNames()...)
		}
	}
	for _, g := range slices.SortedFunc(maps.Keys(takes), func(a, b givenArg) int { return strings.Compare(a.build+"\x00"+a.name, b.build+"\x00"+b.name) }) {
		if takes[g] {
			continue
		}
		hint := "its Dockerfile has none"
		if has := names[g]; len(has) > 0 {
			slices.Sort(has)
			hint = "its Dockerfile has " + strings.Join(slices.Compact(has), ", ")
		}
		m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Args has %s, for which the Dockerfile has no ARG", g.build, g.name), hint)
	}
}

func (m *dockerfileRule) dockerfileRules() []rule {
	return []rule{{
		name:     "dockerfile",
		severity: Refuse,
		reason:   "what it builds on cannot be seen, and may be an image that is to be replaced",
		hint:     "a checkout of it can be built, as Builds says, {CONTEXT: {Context: DIRECTORY}}, or --build-context CONTEXT=DIRECTORY",
		doc: row{
			files: "a Dockerfile that builds on an image of `Images`, or on what the project builds, with the arguments that it is given",
			becomes: "listed for the builder. An image that only a stage names which the target does not need is not built on, and no key of `Images` " +
				"means it; the same goes for an additional context that nothing takes. A key of `Images` may also name the frontend (`# " +
				"syntax=docker/dockerfile:1`). With `Images`, a Dockerfile is refused if it cannot be known whether it names one of them: in a " +
				"context elsewhere, or for a frontend that is not Docker's (`# syntax=`, `BUILDKIT_SYNTAX`), which may include other files. " +
				"Without `Images` that is a note. To build what is in a context elsewhere, name a checkout of it in `Builds`",
		},
		apply: m.readDockerfiles,
	}}
}

// readDockerfiles finds out what the Dockerfiles of the project build on, as Build
// does, and notes which of it is another image now: one of the spec, or one that
// the project itself builds. It comes after all that says how services are built.
func (m *dockerfileRule) readDockerfiles(r *rule) {
	var named []namedImage
	var unread []string
	var unseen []container
	for _, c := range m.containers() {
		build := modeltree.Mapping(c.body, "build")
		if build == nil {
			continue
		}
		f, err := m.reader.readDockerfile(c, build)
		m.reader.dockerfiles[c.at.String()] = f
		if err != nil {
			unread = append(unread, err.Error())
		}
		if f.unseen != "" && m.active(c.name) {
			unseen = append(unseen, c)
		}
		m.brought.nameBuildImages(c, build, f)
		for _, base := range f.idle {
			named = append(named, namedImage{base.Ref, f.placeOf(base) + ", in a stage that is not built"})
		}
		f.Images, f.makers = map[string]string{}, map[string]string{}
		for _, base := range f.bases {
			full := dockerfile.FullForm(base.Ref)
			named = append(named, namedImage{base.Ref, f.placeOf(base)})
			replaced := false
			for _, old := range modeltree.Keys(m.spec.Images) {
				if dockerfile.FullForm(old) == full {
					f.Images[old], replaced = m.spec.Images[old], true
					delete(m.brought.unmatched, full)
				}
			}
			if ref := m.brought.brought[full]; ref != "" && !replaced {
				f.Images[base.Ref], replaced = ref, true
			}
			// One that builds on its own tag means what a registry has under that name.
			if maker := m.built.makers[full]; maker != "" && !m.built.makes(c, full) && !replaced {
				f.makers[base.Ref] = maker
			}
		}
		m.reportEither(c, f)
		switch d := m.noted(c.at, f); {
		case len(d.Images) == 0:
		case m.in.overrideOnly && m.active(c.name):
			m.refuseBases(r, c, f)
		case !m.in.overrideOnly:
			m.plan.Dockerfiles = append(m.plan.Dockerfiles, d)
		}
	}
	m.unusedArgs()
	for _, c := range unseen {
		m.reportUnseen(r, c)
	}
	m.brought.unmatchedImages(slices.Concat(m.brought.namedImages, named), unread)
}

// refuseBases refuses what an override cannot say: that a Dockerfile is to build on
// something else than it names.
func (m *dockerfileRule) refuseBases(r *rule, c container, f *builtFrom) {
	images := ruleNamed(m.brought.broughtRules(), "image")
	for _, base := range f.bases {
		for _, old := range modeltree.Keys(f.Images) {
			if dockerfile.FullForm(old) == dockerfile.FullForm(base.Ref) {
				m.brought.reportImages(&images, fmt.Sprintf("Images[%q] cannot be built on in %s, as service %s does", old, f.placeOf(base), c.name), "an override has no word for it, and docker compose builds on what the Dockerfile names")
			}
		}
		if maker := f.makers[base.Ref]; maker != "" {
			found := *r
			found.reason = "that has another name in each copy, and docker compose builds on what has the name in the Dockerfile"
			found.hint = fmt.Sprintf("say additional_contexts: {%q: \"service:%s\"}, which an override follows", placeholder.ShownText(base.Ref), maker)
			m.refuse(&found, c.at.Join("build"), spot{}, c.name, fmt.Sprintf("%s builds on %s, which is what service %s builds", f.placeOf(base), placeholder.ShownText(base.Ref), maker))
		}
	}
}

// reportUnseen says that it is not known what a service builds on. It is refused where
// that may be an image that is to be replaced.
func (m *dockerfileRule) reportUnseen(r *rule, c container) {
	f, found := m.reader.dockerfiles[c.at.String()], *r
	from := m.src.find(c.at.Join("build", "context"))
	if isHere := f.frontend.Ref != "" || f.content != nil; isHere {
		found.hint = ""
	}
	switch {
	case f.mayName(m.spec.Images, m.brought.demanded()):
		found.hint = cmp.Or(found.hint, "Images can bring the image of the service itself, and Builds another Dockerfile for it")
		m.refuse(&found, c.at.Join("build"), from, c.name, f.unseen)
		return
	case f.frontend.Ref != "":
		found.reason = "only that knows what it builds on: what is found here is what a Dockerfile would build on"
	default:
		found.reason = "what it builds on is taken as it is, and may have the name of what this project builds"
	}
	found.severity = Note
	m.report(&found, c.at.Join("build"), from, f.unseen)
}

// noted is the Dockerfile with all images to build on, for a runner that builds by
// itself.
func (m *dockerfileRule) noted(at modeltree.Path, f *builtFrom) Dockerfile {
	d := f.Dockerfile
	d.Images, d.at = maps.Clone(f.Images), at.Join("build")
	for ref := range f.makers {
		d.Images[placeholder.ShownText(ref)] = m.built.builtName(ref)
	}
	for _, base := range f.bases {
		change := dockerfileChange{place: f.placeOf(base), old: placeholder.ShownText(base.Ref)}
		for old, ref := range f.Images {
			if dockerfile.FullForm(old) == dockerfile.FullForm(base.Ref) {
				change.new, change.reason = ref, "as asked"
				d.changes = append(d.changes, change)
			}
		}
		if maker := f.makers[base.Ref]; maker != "" {
			change.new, change.reason = m.built.madeBy(maker), "it is what this project builds"
			d.changes = append(d.changes, change)
		}
	}
	return d
}
