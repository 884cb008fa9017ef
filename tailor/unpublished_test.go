// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"testing"
)

func TestUnpublishedPorts(t *testing.T) {
	t.Parallel()
	dir := tree(t, `
-- compose.yaml --
services:
  none: {image: x, network_mode: none, ports: ["80:80"]}
  inner: {image: x, networks: [inner], ports: ["81:81"]}
  both: {image: x, networks: [inner, six], ports: ["82:82"]}
  four: {image: x, networks: [six], ports: ["127.0.0.1:83:83", "84:84"]}
  off: {image: x, network_mode: none, ports: ["85:85"], profiles: [never]}
  usual: {image: x, ports: ["86:86"]}
networks:
  inner: {internal: true}
  six: {enable_ipv4: false, enable_ipv6: true}
`)
	plan, err := planned(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range plan.Findings {
		if f.Rule == "unpublished-port" {
			got = append(got, fmt.Sprintf("%s %d %s", f.Severity, f.Line, f.What))
		}
	}
	want := []string{
		"warning 2 port 80 is not published: it has no network",
		"warning 3 port 81 is not published: nothing leads out of its networks, which are internal",
		"warning 5 port 83 is not published: its networks have no IPv4",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found are %q, want %q", got, want)
	}
}
