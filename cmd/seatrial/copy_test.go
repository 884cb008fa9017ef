// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestInService(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string][2]string{
		"web:/a/b": {"web", "/a/b"}, "web:/a:b": {"web", "/a:b"}, "w:/a": {"w", "/a"},
		"a": {"", "a"}, "./a:b": {"", "./a:b"}, "/a:b": {"", "/a:b"}, ":/a": {"", ":/a"}, `c:\a`: {"", `c:\a`},
	} {
		service, path, ok := inService(arg)
		if service != want[0] || path != want[1] || ok != (want[0] != "") {
			t.Errorf("%s: %q, %q, %v, want %q", arg, service, path, ok, want)
		}
	}
}
