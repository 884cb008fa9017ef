// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// buildKeyRule judges the keys of builds.
type buildKeyRule struct {
	*document
	*decisions
	reader *dockerfileReader
}

func (m *buildKeyRule) buildKeyRules() []rule {
	return []rule{{
		name:     "build-outside",
		severity: Note,
		reason:   "the build takes it from the machine, where it has to be",
		doc: row{
			files:   "a build with an ssh agent, or on the machine's network",
			becomes: "a note",
		},
		apply: m.buildsOutside,
	}, {
		name:     "build-key",
		severity: Refuse,
		reason:   "seatrial builds what a project runs, and would leave it out",
		hint:     "Images can bring an image that is built by other means",
		doc: row{
			files: "a key of a build that seatrial does not know (`isolation`); builds in a circle, each of them on the next, by Dockerfile or by " +
				"context",
			becomes: "refused; a warning if a context is what a service makes that is off, because docker compose before 5.6 does not read that. Keys " +
				"that change nothing in what runs are a note: `cache_from`, `cache_to`, `provenance`, `sbom`, and all but one of several " +
				"`platforms`",
		},
		apply: m.unknownBuildKeys,
	}, {
		name:     "build-key",
		severity: Warning,
		reason:   "docker compose before 5.6 does not read the files then: to it the service is unknown",
		hint:     "give both the same profiles",
		apply:    m.contextsOff,
	}}
}

// buildsOutside lists what a build gets from elsewhere.
func (m *buildKeyRule) buildsOutside(r *rule) {
	for _, c := range m.containers() {
		build := modeltree.Mapping(c.body, "build")
		if build["ssh"] != nil {
			m.report(r, c.at.Join("build", "ssh"), spot{}, "the build uses an ssh agent")
		}
		if build["network"] == "host" {
			m.report(r, c.at.Join("build", "network"), spot{}, "the build uses the network of the machine")
		}
	}
}

// buildKeys are those that a build here heeds: tags are names of what is built,
// which others follow.
var buildKeys = []string{"context", "dockerfile", "dockerfile_inline", "args", "target", "additional_contexts", "secrets", "ssh", "labels", "network",
	"extra_hosts", "shm_size", "ulimits", "entitlements", "privileged", "no_cache", "no_cache_filter", "pull", "tags", "platforms"}

// unusedBuildKeys are those that change nothing in what runs, and why they are left
// out.
var unusedBuildKeys = map[string]string{
	"cache_from": "the builder has a cache of its own",
	"cache_to":   "the builder has a cache of its own, and others read that one",
	"provenance": "what runs does not see it",
	"sbom":       "what runs does not see it",
}

// unknownBuildKeys refuses keys of builds that nothing here knows, and notes those
// that have no effect.
func (m *buildKeyRule) unknownBuildKeys(r *rule) {
	if m.in.overrideOnly {
		return
	}
	for _, c := range m.containers() {
		build := modeltree.Mapping(c.body, "build")
		for _, key := range slices.Sorted(maps.Keys(build)) {
			note, at := *r, c.at.Join("build", key)
			note.severity, note.reason, note.hint = Note, unusedBuildKeys[key], ""
			switch {
			case empty(build[key]) || strings.HasPrefix(key, "x-"):
			case note.reason != "":
				m.report(&note, at, spot{}, key+" is not used")
			case key == "platforms" && len(modeltree.List(build, key)) > 1:
				note.reason = "an engine runs no other"
				m.report(&note, at, spot{}, fmt.Sprintf("of its platforms, %s is built", m.reader.buildPlatform(c, build)))
			case !slices.Contains(buildKeys, key) && m.active(c.name):
				m.refuse(r, at, spot{}, key, fmt.Sprintf("the build has %s: %v", key, build[key]))
			}
		}
	}
}

// contextsOff reports contexts of builds that services make which are off.
func (m *buildKeyRule) contextsOff(r *rule) {
	for _, c := range m.containers() {
		if m.isStack() || c.at[0] != "services" || !m.active(c.name) {
			continue
		}
		contexts := settings(modeltree.Mapping(c.body, "build")["additional_contexts"])
		for _, name := range modeltree.Keys(contexts) {
			service, ok := strings.CutPrefix(*cmp.Or(contexts[name], new(string)), servicePrefix)
			if ok && !m.active(service) {
				m.report(r, c.at.Join("build", "additional_contexts", name), spot{}, fmt.Sprintf("context %s is service %s, which is off", name, service))
			}
		}
	}
}

// buildFlags returns the flags of docker buildx build for those keys that are
// nothing but that.
func buildFlags(build map[string]any) []string {
	var flags []string
	add := func(flag string, values ...string) {
		slices.Sort(values)
		for _, value := range values {
			flags = append(flags, flag+"="+value)
		}
	}
	for key, value := range settings(build["labels"]) {
		add("--label", key+"="+*cmp.Or(value, new(string)))
	}
	add("--add-host", hosts(build["extra_hosts"])...)
	if network := modeltree.Str(build, "network"); network != "" {
		add("--network", network)
	}
	if size := build["shm_size"]; !empty(size) {
		add("--shm-size", fmt.Sprint(size))
	}
	for name, limit := range modeltree.Mapping(build, "ulimits") {
		value := fmt.Sprint(limit)
		if both, ok := limit.(map[string]any); ok {
			value = fmt.Sprintf("%v:%v", both["soft"], both["hard"])
		}
		add("--ulimit", name+"="+value)
	}
	for _, right := range modeltree.List(build, "entitlements") {
		add("--allow", fmt.Sprint(right))
	}
	if modeltree.Truth(build, "privileged") {
		add("--allow", "security.insecure")
	}
	for _, stage := range modeltree.List(build, "no_cache_filter") {
		add("--no-cache-filter", fmt.Sprint(stage))
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

// hosts writes extra hosts, a mapping in which a value may be a list, or a list, as a
// list of HOST=ADDRESS or HOST:ADDRESS.
func hosts(v any) []string {
	var all []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			all = append(all, fmt.Sprint(e))
		}
	case map[string]any:
		for host, value := range v {
			addresses, isList := value.([]any)
			if !isList {
				addresses = []any{value}
			}
			for _, address := range addresses {
				all = append(all, fmt.Sprintf("%s=%v", host, address))
			}
		}
	}
	return all
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil, modeltree.Removed:
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
