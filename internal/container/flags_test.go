// SPDX-License-Identifier: Apache-2.0

package container

import (
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Ports of a container without a network are refused before it is started, not when somebody
// asks for their addresses.
func TestPortsInNetworkNone(t *testing.T) {
	t.Parallel()
	none, host := []spec.Endpoint{{Network: "none"}}, []spec.Endpoint{{Network: "host"}}
	for _, tt := range []struct {
		spec spec.Container
		want bool // refused
	}{
		{spec.Container{Ports: []int{80}, Flags: []string{"--network", "none"}}, true},
		{spec.Container{OtherPorts: []string{"53/udp"}, Flags: []string{"--net=none"}}, true},
		{spec.Container{Ports: []int{80}, Networks: none}, true},
		{spec.Container{Flags: []string{"--network=none"}}, false},
		{spec.Container{Ports: []int{80}, Networks: host}, false},
		{spec.Container{Ports: []int{80}, Flags: []string{"--network=name=front,alias=none"}}, false},
	} {
		tt.spec.Image = "x"
		err := CheckSpec(tt.spec)
		if got := err != nil; got != tt.want || got && !strings.Contains(err.Error(), "network none") {
			t.Errorf("%+v: %v; refused = %v, want %v", tt.spec, err, got, tt.want)
		}
	}
}

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
