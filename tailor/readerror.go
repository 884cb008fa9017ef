// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// readError says where loading stopped. The loader's errors have no position;
// they name a path in the model, a service or a file, and only in their text.
// So the text serves to point at a line, and nothing is decided by it.
func (m *document) readError(err error) error {
	e := &ReadError{File: m.in.files[0].shown, Err: err}
	text := err.Error()
	for _, f := range m.in.files {
		if strings.Contains(text, f.name) {
			e.File = f.shown
			text = strings.ReplaceAll(text, f.name, f.shown)
		}
	}
	text = strings.ReplaceAll(text, m.in.dir+string(filepath.Separator), "")
	text = validating.ReplaceAllString(text, "") // the file is named anyway
	text = strings.TrimSuffix(text, ": invalid compose project")
	if wrong, ok := strings.CutPrefix(text, "decoding failed due to the following error(s):"); ok {
		text = strings.Join(strings.Fields(wrong), " ")
	}
	var at spot
	p := pathIn(text)
	if key, what, ok := unknownKey(text); ok {
		p, text = key, what
	} else if from, why := m.src.undefinedAt(text); from.l != nil {
		at, text = from, text+why
	} else if wrong := badPort.FindStringSubmatch(text); wrong != nil {
		if port, service := m.src.portWith(wrong[1]); port.n != nil {
			at, text = port, fmt.Sprintf("service %s: port %q: %s", service, port.n.Value, text)
		}
	}
	if text != err.Error() {
		e.Err = &shortened{text, err}
	}
	if hint := m.src.serviceElsewhere(text); hint != "" {
		e.Err = fmt.Errorf("%w\nhint: %s", e.Err, hint)
	}
	for _, f := range m.plan.Findings {
		if f.Severity != Note {
			e.Findings = append(e.Findings, f)
		}
	}
	var pe *fs.PathError
	var remote *remoteError
	switch {
	case errors.As(err, &pe):
		at = m.src.reference(pe.Path)
	case errors.As(err, &remote):
		at = m.src.reference(remote.name)
	case p != nil && at.n == nil:
		at = m.src.find(p)
	}
	if pl := at.place(nil); pl.File != "" {
		e.File, e.Line, e.Column = pl.File, pl.Line, pl.Column
	}
	return e
}

// reportLoading adds what the loader stopped at to the refusals, unless one of
// them is about the same line.
func (m *document) reportLoading(err error) {
	var e *ReadError
	if !errors.As(err, &e) || e.Line == 0 {
		return
	}
	if service := pathIn(e.Err.Error()).Service(); service != "" && m.isImageBlank(service) { // which is why
		return
	}
	what, hint, _ := strings.Cut(e.Err.Error(), "\nhint: ")
	f := Finding{Rule: "format", Severity: Refuse, Place: Place{File: e.File, Line: e.Line, Column: e.Column}, What: what, Hint: hint}
	for _, other := range m.plan.Findings {
		if other.Severity == Refuse && other.File == f.File && other.Line == f.Line {
			return
		}
	}
	m.plan.Findings = append(m.plan.Findings, f)
}

var (
	validating    = regexp.MustCompile(`^validating [^\n]*?\.ya?ml: +`)
	quotedService = regexp.MustCompile(`^(?:cannot extend )?services? "([^"]+)"`)
	quotedPath    = regexp.MustCompile(`^'((?:services|networks|volumes|secrets|configs)[^']*)'`)
	badPort       = regexp.MustCompile(`^[Ii]nvalid (?:hostPort|containerPort|IP address|proto|range format): (\S+)`)
)

// pathIn returns the path of the model that a message speaks of: "services.web
// must be a mapping", `service "web" refers to undefined network front`.
func pathIn(text string) modeltree.Path {
	if m := quotedService.FindStringSubmatch(text); m != nil {
		if strings.HasPrefix(text, "cannot extend") {
			return modeltree.Path{"services", m[1], "extends"}
		}
		return modeltree.Path{"services", m[1]}
	}
	if m := quotedPath.FindStringSubmatch(text); m != nil { // services[api].healthcheck.interval
		text = strings.NewReplacer("[", ".", "]", "").Replace(m[1])
	}
	for word := range strings.FieldsSeq(text) {
		kind, rest, _ := strings.Cut(strings.TrimRight(word, ":"), ".")
		if rest == "" && strings.HasPrefix(text, kind+" must be ") {
			return modeltree.Path{kind}
		}
		if rest != "" && slices.Contains([]string{"services", "networks", "volumes", "secrets", "configs", "jobs"}, kind) {
			p := modeltree.Path{kind}
			for step := range strings.SplitSeq(rest, ".") {
				p = append(p, step)
			}
			return p
		}
	}
	return nil
}

// portWith returns where a port is written that has a text in it, and of which service.
func (s *sources) portWith(text string) (at spot, service string) {
	for _, l := range s.layers {
		services, _ := child(l.root, "services")
		if services = resolve(services); services == nil || services.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(services.Content); i += 2 {
			ports, _ := child(services.Content[i+1], "ports")
			if ports = resolve(ports); ports == nil {
				continue
			}
			for _, port := range ports.Content {
				if port.Kind == yaml.ScalarNode && strings.Contains(l.interpolate(port.Value), text) {
					return spot{l: l, n: port}, services.Content[i].Value
				}
			}
		}
	}
	return spot{}, ""
}

// isImageBlank tells whether a service is refused for a blank in its image.
func (m *document) isImageBlank(service string) bool {
	return m.isBlank(modeltree.Path{"services", service, "image"})
}

// isBlank tells whether a value is refused for a variable without a value.
func (m *document) isBlank(at modeltree.Path) bool {
	n := resolve(m.src.find(at).n)
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool {
		return f.Rule == vitalVariable.name && f.Severity == Refuse && slices.Contains(f.written, n)
	})
}

// load reads the files with Compose's loader.
func (m *document) load(ctx context.Context) error {
	var err error
	if m.orig, err = load(ctx, m.in, nil); err != nil {
		return m.readError(err)
	}
	if len(modeltree.Mapping(m.orig, "services")) == 0 && len(modeltree.Mapping(m.orig, "jobs")) == 0 {
		return &ReadError{File: m.in.files[0].shown, Err: errors.New("no service is in it")}
	}
	m.tree = modeltree.Clone(m.orig).(map[string]any)
	if m.project, err = loadProject(m.in, modeltree.Clone(m.orig).(map[string]any)); err != nil {
		return m.readError(err)
	}
	return nil
}
