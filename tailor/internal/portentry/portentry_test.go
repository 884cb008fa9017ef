// SPDX-License-Identifier: Apache-2.0

package portentry

import (
	"fmt"
	"testing"
)

func TestPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		published any
		want      string
	}{
		{nil, "[]"}, {"", "[]"}, {"0", "[]"}, {8080, "[8080]"}, {"8080", "[8080]"}, {"80-82", "[80 81 82]"},
		{"80-x", "[80]"}, {"1-99999999", "[1]"}, {"x", "[]"},
	} {
		if got := fmt.Sprint(Published(map[string]any{"published": c.published})); got != c.want {
			t.Errorf("%v: got %s, want %s", c.published, got, c.want)
		}
	}
}

// Both forms of a file have the keys that the entries of the model have.
func TestKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		item any
		want string
	}{
		{"8080:80", "[0.0.0.0:8080:80/tcp]"},
		{"127.0.0.1:53:53/udp", "[127.0.0.1:53:53/udp]"},
		{"80-81:80-81", "[0.0.0.0:80:80/tcp 0.0.0.0:81:81/tcp]"},
		{map[string]any{"target": 80, "published": "8080", "protocol": "TCP"}, "[0.0.0.0:8080:80/tcp]"},
		{"no port", "[]"},
	} {
		if got := fmt.Sprint(KeysOf(c.item)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.item, got, c.want)
		}
	}
}

// A number of the later file takes the place of the same one for the same protocol.
func TestMerge(t *testing.T) {
	t.Parallel()
	entries := func(items ...string) (all []any) {
		for _, item := range items {
			all = append(all, OfStack(item)...)
		}
		return all
	}
	got := ""
	for _, p := range Merge(entries("80:1", "81:2", "3"), entries("80:9", "81:9/udp", "3")) {
		got += StackKey(p) + "; "
	}
	if want := "81:2/tcp ingress; 80:9/tcp ingress; 81:9/udp ingress; :3/tcp ingress; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text         string
		long         bool
		host, target string
	}{
		{"${PORT:-8080}:80", false, "${PORT:-8080}", ":80"},
		{"127.0.0.1:8080:80", false, "127.0.0.1:8080", ":80"},
		{"80", false, "", "80"},
		{"${PORT:-8080}", true, "${PORT:-8080}", ""},
	} {
		if host, target := Split(c.text, c.long); host != c.host || target != c.target {
			t.Errorf("%s: got %q and %q, want %q and %q", c.text, host, target, c.host, c.target)
		}
	}
}
