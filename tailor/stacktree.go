// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	composetypes "github.com/docker/cli/cli/compose/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackTree returns a loaded stack as a tree that loads as itself again. The
// JSON form of docker's own types comes near to that. It writes empty sections
// for absent ones, leaves numbers out that are zero and must be there, and keeps
// what stands twice in lists where the schema wants everything once.
func stackTree(config *composetypes.Config) (map[string]any, error) {
	config.Extras = nil // x-…, for which docker has no use
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	tree = integers(tree).(map[string]any)
	delete(tree, "version")
	return tidyStack(tree), nil
}

// tidyStack brings a model to the form in which it comes back from docker's
// loader, also after something was taken out of it.
func tidyStack(tree map[string]any) map[string]any {
	for _, s := range modeltree.Mapping(tree, "services") {
		if body, ok := s.(map[string]any); ok {
			tidyService(body)
		}
	}
	for _, kind := range []string{"networks", "volumes", "secrets", "configs"} {
		for _, r := range modeltree.Mapping(tree, kind) {
			if body, ok := r.(map[string]any); ok {
				dropEmpty(modeltree.Mapping(body, "ipam"), "config")
				dropEmpty(body, "ipam", "labels", "driver_opts")
				if body["external"] == false {
					delete(body, "external")
				}
			}
		}
		dropEmpty(tree, kind)
	}
	return tree
}

func tidyService(body map[string]any) {
	for _, key := range modeltree.Keys(body) {
		switch key {
		case "healthcheck", "logging": // an empty one is not none
		case "deploy":
			deploy := modeltree.Mapping(body, key)
			dropEmpty(modeltree.Mapping(deploy, "placement"), "constraints", "preferences")
			dropEmpty(deploy, "labels", "resources", "placement")
			dropEmpty(body, key)
		default:
			dropEmpty(body, key)
		}
	}
	dropEmpty(modeltree.Mapping(body, "logging"), "options")
	tidyUlimits(modeltree.Mapping(body, "ulimits"))
	for _, key := range []string{
		"cap_add", "cap_drop", "depends_on", "devices", "dns", "dns_search", "expose", "external_links", "extra_hosts",
		"links", "security_opt", "tmpfs", "ports",
	} {
		once(body, key)
	}
	for _, n := range modeltree.Mapping(body, "networks") {
		once(n, "aliases")
	}
	once(modeltree.Mapping(body, "build"), "cache_from")
	once(modeltree.Mapping(body, "build"), "extra_hosts")
}

// tidyUlimits writes zeros out, which the schema wants to see.
func tidyUlimits(ulimits map[string]any) {
	for _, name := range modeltree.Keys(ulimits) {
		limit, ok := ulimits[name].(map[string]any)
		switch {
		case !ok:
		case len(limit) == 0:
			ulimits[name] = 0
		default:
			for _, key := range []string{"soft", "hard"} {
				if limit[key] == nil {
					limit[key] = 0
				}
			}
		}
	}
}

// dropEmpty takes keys away that have an empty list or mapping.
func dropEmpty(m map[string]any, keys ...string) {
	for _, key := range keys {
		switch v := m[key].(type) {
		case map[string]any:
			if len(v) == 0 {
				delete(m, key)
			}
		case []any:
			if len(v) == 0 {
				delete(m, key)
			}
		}
	}
}

// once takes out of a list what is in it already.
func once(m any, key string) {
	body, _ := m.(map[string]any)
	all := modeltree.List(body, key)
	if all == nil {
		return
	}
	var kept []any
	for _, e := range all {
		if !slices.ContainsFunc(kept, func(k any) bool { return reflect.DeepEqual(k, e) }) {
			kept = append(kept, e)
		}
	}
	body[key] = kept
}

// integers turns JSON's numbers into integers where they are.
func integers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for k, e := range v {
			v[k] = integers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = integers(e)
		}
	}
	return v
}
