// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// Who says something of a network or volume for which it has no effect hears why.
func TestUnmatchedThatIsThere(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  a: {image: x, networks: [own, other], volumes: ["bound:/bound", "there:/there", "own:/own", "other:/other", "memory:/memory"]}
networks:
  own: {name: the-own}
  idle: {external: true}
  other: {external: true}
volumes:
  bound: {driver_opts: {type: none, o: bind, device: /srv/data}}
  there: {driver_opts: {type: none, o: "rw,bind", device: ./data}}
  own:
  memory: {driver_opts: {type: tmpfs, device: tmpfs}}
  idle: {external: true, name: the-idle}
  other: {external: true}
-- data/file --
`)
	settled := map[string]string{"other": ""}
	for key, want := range map[string]map[string]string{
		"own":      {"Networks": "network own is the project's own, another one in each copy", "Volumes": "volume own is the project's own, another one in each copy"},
		"the-own":  {"Networks": "network own is the project's own, another one in each copy", "Volumes": "the files have other"},
		"idle":     {"Networks": "no service joins network idle", "Volumes": "no service mounts volume idle"},
		"the-idle": {"Networks": "the files have other", "Volumes": "no service mounts volume idle"},
		"memory":   {"Networks": "the files have other", "Volumes": "volume memory is the project's own, another one in each copy"},
		"bound":    {"Networks": "the files have other", "Volumes": "volume bound is the path /srv/data, of which Paths or --path says what becomes"},
		"there":    {"Networks": "the files have other", "Volumes": "volume there is the path ./data, of which Paths or --path says what becomes"},
		"lost":     {"Networks": "the files have other", "Volumes": "the files have other"},
	} {
		plan, err := planned(dir, func(p *spec.Project) {
			p.Networks, p.Volumes = map[string]string{"other": "", key: "x"}, map[string]string{"other": "", key: "x"}
			p.Paths = map[string]string{"/srv/data": ""}
		})
		if err == nil {
			t.Fatalf("%s: no error", key)
		}
		got := map[string]string{}
		for _, f := range plan.Findings {
			if f.OfSpec() && strings.HasSuffix(f.What, "which matches nothing") {
				got[f.Path] = f.Hint
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: hints (-want +got):\n%s", key, diff)
		}
	}
	if _, err := planned(dir, func(p *spec.Project) {
		p.Networks, p.Volumes, p.Paths = settled, settled, map[string]string{"/srv/data": ""}
	}); err != nil {
		t.Errorf("what is there: %v", err)
	}
}
