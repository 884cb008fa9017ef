// SPDX-License-Identifier: Apache-2.0

package tailor

import (
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

// dockerfileReader reads what services and jobs are built from, as their builds will.
type dockerfileReader struct {
	*document
	contexts *contexts

	dockerfiles map[string]*builtFrom // by path of the service
}

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

// readDockerfile returns the one that a service is built from. The error says why
// it is not known what it builds on. That it is not there is for the build to say.
func (m *dockerfileReader) readDockerfile(c container, build map[string]any) (*builtFrom, error) {
	at := c.at.Join("build")
	context, added := m.contexts.contextOf(build)
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
func (m *dockerfileReader) buildSettings(c container, build map[string]any, args map[string]string) dockerfile.Settings {
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
func (m *dockerfileReader) platform() string {
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
func (m *dockerfileReader) buildPlatform(c container, build map[string]any) string {
	own, all := modeltree.Str(c.body, "platform"), modeltree.List(build, "platforms")
	if own != "" || len(all) == 0 {
		return own
	}
	i := slices.IndexFunc(all, func(p any) bool { return normalPlatform(fmt.Sprint(p)) == m.platform() })
	return fmt.Sprint(all[max(i, 0)])
}

// buildArgs returns the arguments that a build is given. One without a value has
// that of the variable of its name.
func (m *dockerfileReader) buildArgs(build map[string]any) map[string]string {
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
