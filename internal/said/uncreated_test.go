// SPDX-License-Identifier: Apache-2.0

package said

import (
	"strings"
	"testing"
)

func TestUncreated(t *testing.T) {
	t.Parallel()
	const refused = "\nError response from daemon: unknown or invalid runtime name: none"
	for about, tt := range map[string]struct{ output, want string }{
		"one of two":     {" Network p_default Creating \n Network p_default Created \n Container p-db-1 Creating \n Container p-web-1 Creating \n Container p-db-1 Created " + refused, "p-web-1"},
		"replicas":       {" Container p-web-2 Creating \n Container p-web-1 Creating " + refused, "p-web-2 p-web-1"},
		"all of them":    {" Container p-db-1 Creating \n Container p-db-1 Created \n Container p-db-1 Starting \n Container p-db-1 Started ", ""},
		"a network":      {" Network p_front Creating \n Container p-web-1 Creating \n Network p_front Error Error response from daemon: no subnet " + refused, ""},
		"an older one":   {" Container p-web-1  Creating" + refused, "p-web-1"},
		"other words":    {"Container p-web-1\nthe Container p-web-1 Creating" + refused, ""},
		"nothing at all": {"", ""},
	} {
		if got := strings.Join(Uncreated(strings.Split(tt.output, "\n")), " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", about, got, tt.want)
		}
	}
}

func TestServiceOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"p-1-web-1": "web", "p-1-web-front-12": "web-front", "p-1-web": "", "other-web-1": "", "p-1--1": ""} {
		if got := ServiceOf(name, "p-1"); got != want {
			t.Errorf("%s is of %q, want %q", name, got, want)
		}
	}
}
