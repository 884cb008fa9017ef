// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"strings"
	"testing"
)

func TestParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, before, text, want string }{
		{"NETWORK", "", "shop", "NETWORK=shop"},
		{"", "", "--network=shop", "--network=shop"},
		{"", "--network", "shop", "--network=shop"},
		{"", "--network=a", "shop", ""},
		{"", "run", "shop", ""},
		{"", "", "run --network shop -v 'data:/data' other", "--network=shop -v=data:/data"},
		{"", "", `--url="http://localhost:80" --x`, "--url=http://localhost:80"},
		{"", "-e", "NETWORK=shop", "NETWORK=shop"},
		{"", "--mount", "type=volume,src=a", "--mount=type=volume,src=a"},
		{"", "", "--mount type=volume,src=a -e A=b", "--mount=type=volume,src=a A=b"},
		{"ARGS", "", "--network shop", "ARGS=--network shop --network=shop"},
		{"OPTS", "", "-Dhost=localhost -Dport=80", "OPTS=-Dhost=localhost -Dport=80 -Dhost=localhost -Dport=80"},
		{"ATTRIBUTES", "", "namespace=shop", "ATTRIBUTES=namespace=shop"},
		{"", "", "- -1 shop", ""},
	} {
		var got []string
		for _, p := range Parts(test.key, test.before, test.text) {
			if test.text[p.Start:p.End] != p.Value {
				t.Errorf("%q: %q is not at its place", test.text, p.Value)
			}
			got = append(got, p.Name+"="+p.Value)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%q %q %q: got %s, want %s", test.key, test.before, test.text, s, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"DOCKER_NETWORK": "[docker network]", "--providers.docker.network": "[providers docker network]", "dockerNetworkName": "[docker network name]", "-p": "[p]", "": "[]",
	} {
		if got := fmt.Sprint(Words(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
