// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	composetypes "github.com/docker/cli/cli/compose/types"
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
	for _, s := range mapping(tree, "services") {
		if body, ok := s.(map[string]any); ok {
			tidyService(body)
		}
	}
	for _, kind := range []string{"networks", "volumes", "secrets", "configs"} {
		for _, r := range mapping(tree, kind) {
			if body, ok := r.(map[string]any); ok {
				dropEmpty(body, "ipam")
				if body["external"] == false {
					delete(body, "external")
				}
			}
		}
	}
	return tree, nil
}

func tidyService(body map[string]any) {
	deploy := mapping(body, "deploy")
	dropEmpty(deploy, "resources")
	dropEmpty(deploy, "placement")
	dropEmpty(body, "deploy")
	dropEmpty(body, "build")
	dropEmpty(body, "credential_spec")
	ulimits := mapping(body, "ulimits")
	for _, name := range slices.Collect(maps.Keys(ulimits)) {
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
	for _, key := range []string{
		"cap_add", "cap_drop", "depends_on", "devices", "dns", "dns_search", "expose", "external_links", "extra_hosts",
		"links", "security_opt", "tmpfs", "ports",
	} {
		once(body, key)
	}
	for _, n := range mapping(body, "networks") {
		once(n, "aliases")
	}
	once(mapping(body, "build"), "cache_from")
	once(mapping(body, "build"), "extra_hosts")
}

func dropEmpty(m map[string]any, key string) {
	if v, ok := m[key].(map[string]any); ok && len(v) == 0 {
		delete(m, key)
	}
}

// once takes out of a list what is in it already.
func once(m any, key string) {
	body, _ := m.(map[string]any)
	all := list(body, key)
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
