// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/compose/template"
	"github.com/docker/cli/pkg/kvfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

var stackEnvFile = rule{
	name: "env-file", severity: Refuse,
	reason: "docker stack deploy reads it",
}

// putEnvFiles puts the variables of env files into the environment of their
// services, below what these say themselves, and takes the env files away. The
// loader would read them from the file system only, look up names without a
// value in the variables of this very process, and name them in the document
// once more.
func (m *stackFiles) putEnvFiles(dict map[string]any, file int) error {
	services := modeltree.Mapping(dict, "services")
	for _, name := range slices.Sorted(maps.Keys(services)) {
		body, ok := services[name].(map[string]any)
		if !ok || body["env_file"] == nil {
			continue
		}
		names, ok := texts(body["env_file"])
		if !ok {
			continue // the schema says so better
		}
		var all []string
		for i, f := range names {
			path, err := template.Substitute(f, m.lookup)
			if err != nil {
				return nil // and so does the interpolation
			}
			lines, err := m.readEnvFile(path)
			if err != nil {
				m.reportEnvFile(name, i, path, file, err)
				continue
			}
			all = append(all, lines...)
		}
		delete(body, "env_file")
		if err := m.putEnvironment(body, all); err != nil {
			return m.stackReadError(file, fmt.Errorf("services.%s.environment: %w", name, err))
		}
	}
	return nil
}

func (m *stackFiles) readEnvFile(name string) ([]string, error) {
	content, err := m.in.read(absolute(m.in.dir, name))
	if err != nil {
		return nil, plain(err)
	}
	return kvfile.ParseFromReader(bytes.NewReader(content), m.lookup)
}

func (m *stackFiles) reportEnvFile(service string, i int, name string, file int, err error) {
	r := stackEnvFile
	name = absolute(m.in.dir, name)
	if example := m.exampleOf(name); example != "" {
		r.hint = fmt.Sprintf("%s is shipped: copy it to %s", example, m.pathShown(name))
	}
	at := modeltree.Path{"services", service, "env_file"}
	if from := m.src.find(at.Join(i)); from.l != nil {
		m.report(&r, at.Join(i), from, fmt.Sprintf("env file %s: %v", m.pathShown(name), err))
		return
	}
	m.report(&r, at, spot{}, fmt.Sprintf("env file %s: %v", m.pathShown(name), err))
}

// putEnvironment adds lines below what the service itself says. What they say is
// no text with variables.
func (m *stackFiles) putEnvironment(body map[string]any, lines []string) error {
	values := map[string]string{}
	var order []string
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		if _, ok := values[key]; !ok {
			order = append(order, key)
		}
		values[key] = strings.ReplaceAll(value, "$", "$$")
	}
	switch own := body["environment"].(type) {
	case nil:
		fresh := map[string]any{}
		for key, value := range values {
			fresh[key] = value
		}
		body["environment"] = fresh
	case map[string]any:
		for key, value := range values {
			if _, ok := own[key]; !ok {
				own[key] = value
			}
		}
	case []any:
		said := map[string]bool{}
		for _, e := range own {
			text, err := template.Substitute(fmt.Sprint(e), m.lookup)
			if err != nil {
				return nil // the loader says so better
			}
			key, _, _ := strings.Cut(text, "=")
			said[key] = true
		}
		var fresh []any
		for _, key := range order {
			if !said[key] {
				fresh = append(fresh, strings.ReplaceAll(key, "$", "$$")+"="+values[key])
			}
		}
		body["environment"] = append(fresh, own...)
	default:
		return errors.New("must be a mapping or a list")
	}
	return nil
}

// texts returns a string, or a list of strings, as a list.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		all := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			all[i] = s
		}
		return all, true
	}
	return nil, false
}
