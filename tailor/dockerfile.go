// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/containerd/platforms"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

var dockerfileRules = []rule{{
	name:     "dockerfile",
	severity: Refuse,
	reason:   "what it builds on cannot be seen, and may be an image that the test replaces",
	hint:     "a checkout of it can be built, as Builds says, {CONTEXT: {Context: DIRECTORY}}, or --build-context CONTEXT=DIRECTORY",
	apply:    readDockerfiles,
}}

// builtFrom is the Dockerfile that a service or job is built from.
type builtFrom struct {
	Dockerfile
	file   *dockerfile.File  // nil if it cannot be read
	args   map[string]string // that the build gives it
	bases  []dockerfile.Base // what it builds on with these
	idle   []dockerfile.Base // what it names in stages that are not built
	makers map[string]string // of those that services build, by reference: the service
	shown  string            // where it is, for people
	// unseen is why it is not known what it builds on, if it can be built all the same:
	// it is elsewhere, or only a frontend of others knows.
	unseen   string
	content  []byte
	frontend dockerfile.Frontend // that it asks for, if it does
}

// readDockerfiles finds out what the Dockerfiles of the project build on, as Build
// does, and notes which of it is another image now: one of the spec, or one that
// the project itself builds. It comes after all that says how services are built.
func readDockerfiles(m *model, r *rule) {
	var named []namedImage
	var unread []string
	var unseen []container
	for _, c := range m.containers() {
		build := modeltree.Mapping(c.body, "build")
		if build == nil {
			continue
		}
		f, err := m.readDockerfile(c, build)
		m.dockerfiles[c.at.String()] = f
		if err != nil {
			unread = append(unread, err.Error())
		}
		if f.unseen != "" && m.active(c.name) {
			unseen = append(unseen, c)
		}
		m.nameBuildImages(c, build, f)
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
					delete(m.unmatched, full)
				}
			}
			if ref := m.brought[full]; ref != "" && !replaced {
				f.Images[base.Ref], replaced = ref, true
			}
			// One that builds on its own tag means what a registry has under that name.
			if maker := m.makers[full]; maker != "" && !m.makes(c, full) && !replaced {
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
	m.unmatchedImages(slices.Concat(m.namedImages, named), unread)
}

// refuseBases refuses what an override cannot say: that a Dockerfile is to build on
// something else than it names.
func (m *model) refuseBases(r *rule, c container, f *builtFrom) {
	images := ruleNamed(imageRules(), "image")
	for _, base := range f.bases {
		for _, old := range modeltree.Keys(f.Images) {
			if dockerfile.FullForm(old) == dockerfile.FullForm(base.Ref) {
				m.reportImages(&images, fmt.Sprintf("Images[%q] cannot be built on in %s, as service %s does", old, f.placeOf(base), c.name), "an override has no word for it, and docker compose builds on what the Dockerfile names")
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
// that may be an image that the test replaces.
func (m *model) reportUnseen(r *rule, c container) {
	f, found := m.dockerfiles[c.at.String()], *r
	from := m.src.find(c.at.Join("build", "context"))
	if isHere := f.frontend.Ref != "" || f.content != nil; isHere {
		found.hint = ""
	}
	switch {
	case f.mayName(m.spec.Images, m.demanded()):
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

// mayName tells whether a Dockerfile that is not understood may name one of some
// images. Only its own frontend can say: it may include other files, so that what stands
// in this one tells nothing. Of the frontend itself it is known where it is named.
func (f *builtFrom) mayName(images, unmatched map[string]string) bool {
	for key := range images {
		full := dockerfile.FullForm(key)
		if f.frontend.Ref != "" && full == dockerfile.FullForm(f.frontend.Ref) {
			continue
		}
		name := strings.FieldsFunc(key[strings.LastIndex(key, "/")+1:]+":", func(r rune) bool { return r == ':' || r == '@' })[0]
		if _, isNowhere := unmatched[full]; isNowhere || f.frontend.Ref != "" || f.content == nil || strings.Contains(string(f.content), name) {
			return true
		}
	}
	return false
}

// placeOf is where a Dockerfile names an image, for people.
func (f *builtFrom) placeOf(base dockerfile.Base) string {
	if base.Line == 0 {
		return f.shown + ", by build argument"
	}
	return fmt.Sprintf("%s:%d", f.shown, base.Line)
}

// noted is the Dockerfile with all images to build on, for a runner that builds by
// itself.
func (m *model) noted(at modeltree.Path, f *builtFrom) Dockerfile {
	d := f.Dockerfile
	d.Images, d.at = maps.Clone(f.Images), at.Join("build")
	for ref := range f.makers {
		d.Images[placeholder.ShownText(ref)] = m.builtName(ref)
	}
	for _, base := range f.bases {
		change := dockerfileChange{place: f.placeOf(base), old: placeholder.ShownText(base.Ref)}
		for old, ref := range f.Images {
			if dockerfile.FullForm(old) == dockerfile.FullForm(base.Ref) {
				change.new, change.reason = ref, "the test says so"
				d.changes = append(d.changes, change)
			}
		}
		if maker := f.makers[base.Ref]; maker != "" {
			change.new, change.reason = m.madeBy(maker), "it is what this project builds"
			d.changes = append(d.changes, change)
		}
	}
	return d
}

// readDockerfile returns the one that a service is built from. The error says why
// it is not known what it builds on. That it is not there is for the build to say.
func (m *model) readDockerfile(c container, build map[string]any) (*builtFrom, error) {
	at := c.at.Join("build")
	context, added := m.contextOf(build)
	f := &builtFrom{Dockerfile: Dockerfile{Context: context, Place: m.src.find(at).place(at)}, args: m.buildArgs(build)}
	content := []byte(modeltree.Str(build, "dockerfile_inline"))
	if f.Inline = string(content); f.Inline != "" {
		at := at.Join("dockerfile_inline")
		place := m.src.find(at).place(at)
		f.shown = fmt.Sprintf("%s:%d, dockerfile_inline", place.File, place.Line)
	} else {
		if !filepath.IsAbs(context) {
			f.Name = modeltree.Str(build, "dockerfile")
			err := fmt.Errorf("the build context %s is not on this machine", placeholder.ShownText(context))
			f.unseen = fmt.Sprintf("its Dockerfile is not read: %v", err)
			return f, err
		}
		f.Name = dockerfile.Locate(context, modeltree.Str(build, "dockerfile"), added)
		f.shown = m.in.shown(f.Name)
		var err error
		if content, err = m.in.read(f.Name); errors.Is(err, fs.ErrNotExist) {
			return f, nil
		} else if err != nil {
			return f, fmt.Errorf("%s: %w", f.shown, plain(err))
		}
	}
	f.content = content
	frontend, hasFrontend := dockerfile.FrontendOf(content, f.args)
	if hasFrontend && !frontend.IsDocker() {
		f.frontend = frontend
		f.unseen = fmt.Sprintf("its Dockerfile asks for the frontend %s (%s)", frontend.Ref, f.placeOf(dockerfile.Base{Line: frontend.Line}))
	}
	file, _, err := dockerfile.Parse(content)
	if err != nil {
		err = fmt.Errorf("%s: %w", f.shown, err)
		if hasFrontend {
			f.unseen = fmt.Sprintf("its Dockerfile is not read: %v; it asks for the frontend %s", err, frontend.Ref)
		}
		return f, err
	}
	f.file = file
	maps.DeleteFunc(f.args, func(key, _ string) bool { return !file.Takes(key) }) // as Compose does
	settings := m.buildSettings(c, build, f.args)
	if f.bases, err = file.Bases(settings); err != nil {
		return f, fmt.Errorf("%s: %w", f.shown, err)
	}
	if f.idle, err = file.Idle(settings); err != nil {
		return f, fmt.Errorf("%s: %w", f.shown, err)
	}
	return f, nil
}

// buildSettings are what the build of a service gives its Dockerfile.
func (m *model) buildSettings(c container, build map[string]any, args map[string]string) dockerfile.Settings {
	s := dockerfile.Settings{Args: args, Target: modeltree.Str(build, "target"), Builder: m.platform()}
	if s.Platform = m.buildPlatform(c, build); s.Platform == "" {
		s.Platform = s.Builder
	}
	s.Platform = normalPlatform(s.Platform)
	for name := range settings(build["additional_contexts"]) {
		s.Contexts = append(s.Contexts, name)
	}
	return s
}

// platform is that of the engine.
func (m *model) platform() string {
	if m.in.platform != "" {
		return normalPlatform(m.in.platform)
	}
	return normalPlatform("linux/" + runtime.GOARCH)
}

func normalPlatform(name string) string {
	p, err := platforms.Parse(name)
	if err != nil {
		return name
	}
	return platforms.Format(platforms.Normalize(p))
}

// buildPlatform is the platform that a service is built for: its own, or the only
// one of its build, or, of several, that of the engine. Empty means the engine's.
func (m *model) buildPlatform(c container, build map[string]any) string {
	own, all := modeltree.Str(c.body, "platform"), modeltree.List(build, "platforms")
	if own != "" || len(all) == 0 {
		return own
	}
	i := slices.IndexFunc(all, func(p any) bool { return normalPlatform(fmt.Sprint(p)) == m.platform() })
	return fmt.Sprint(all[max(i, 0)])
}

// buildArgs returns the arguments that a build is given. One without a value has
// that of the variable of its name.
func (m *model) buildArgs(build map[string]any) map[string]string {
	args := map[string]string{}
	for key, value := range settings(build["args"]) {
		if value != nil {
			args[key] = *value
		} else if text, ok := m.in.env[key]; ok {
			args[key] = text
		}
	}
	return args
}

// settings reads what Compose takes as a mapping and as a list of KEY=VALUE. A key
// without a value has nil.
func settings(v any) map[string]*string {
	all := map[string]*string{}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if all[key] = nil; value != nil {
				text := fmt.Sprint(value)
				all[key] = &text
			}
		}
	case []any:
		for _, e := range v {
			key, value, ok := strings.Cut(fmt.Sprint(e), "=")
			if all[key] = nil; ok {
				all[key] = &value
			}
		}
	}
	return all
}
