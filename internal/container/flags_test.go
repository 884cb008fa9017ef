// SPDX-License-Identifier: Apache-2.0

package container

import (
	"slices"
	"testing"
)

// What raw flags mount decides who runs inside: only what can be written to.
func TestWritable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-v", "/dir:/in"}, "/dir"},
		{[]string{"-v/dir:/in:z,rw"}, "/dir"},
		{[]string{"--volume=/dir:/in:ro"}, ""},
		{[]string{"-v", "/dir:/in:z,ro"}, ""},
		{[]string{"-v", "data:/in"}, ""},
		{[]string{"-v", "/in"}, ""}, // an anonymous volume
		{[]string{"--mount", "type=bind,source=/dir,target=/in"}, "/dir"},
		{[]string{"--mount", "type=bind,src=/dir,dst=/in,readonly=false"}, "/dir"},
		{[]string{"--mount", "type=bind,src=/dir,dst=/in,readonly"}, ""},
		{[]string{"--mount", "type=bind,src=/dir,dst=/in,ro=true"}, ""},
		{[]string{"--mount", "src=/dir,dst=/in"}, ""}, // a volume, of a bad name
		{[]string{"--env", "A=/dir:/in"}, ""},
	} {
		flags, _ := readFlags(tt.flags)
		var got []string
		for _, f := range flags {
			if f.writable() != "" {
				got = append(got, f.writable())
			}
		}
		if tt.want == "" && got != nil || tt.want != "" && !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%q mounts %q to be written to, want %q", tt.flags, got, tt.want)
		}
	}
}
