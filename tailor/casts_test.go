// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/interpolation"
	modelpath "github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
)

func TestCasts(t *testing.T) {
	all := map[modelpath.Path]interpolation.Cast{
		"services.*.scale": nil, "services.*.ports.[].target": nil, "services.*.deploy.replicas": nil, "volumes.*.external": nil,
	}
	const everything = "services.*.deploy.replicas services.*.ports.[].target services.*.scale volumes.*.external"
	for text, want := range map[string]string{
		"services: {a: {scale: '2'}}":                        "services.*.scale",
		"services: {a: {ports: [{target: '2'}]}}":            "services.*.ports.[].target",
		"services: {a: {ports: ['2']}}":                      "",
		"services: {a: {deploy: {replicas: '2'}, scale: 1}}": "services.*.deploy.replicas services.*.scale",
		"volumes: {a: {external: 'true'}}":                   "volumes.*.external",
		`services: {a: {"sc\x61le": '2'}}`:                   everything,
		"services: {a: {\"sca\\\nle\": '2'}}":                everything,
		"include: [other.yaml]":                              everything,
		"services: {a: {extends: {file: b, service: b}}}":    everything,
		"s\x00e\x00r\x00":                                    everything,
	} {
		got := slices.Sorted(maps.Keys(casts(all, []types.ConfigFile{{Content: []byte("name: x\n")}, {Content: []byte(text)}})))
		var words []string
		for _, path := range got {
			words = append(words, string(path))
		}
		if strings.Join(words, " ") != want {
			t.Errorf("%q: %q, want %q", text, words, want)
		}
	}
}
