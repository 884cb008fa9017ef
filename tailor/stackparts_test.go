// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"reflect"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// What a spec says of a stack reaches the rules that projects have, too, each field of it.
func TestStackPartsHaveTheSpec(t *testing.T) {
	t.Parallel()
	some := map[string]string{"a": "b"}
	s := spec.Stack{
		Env: some, Images: some, StandIns: some, Ports: []int{80}, KeepPorts: []int{81}, StablePorts: true, PortReferences: "off",
		Publish: map[string][]int{"db": {5432}}, PublishOther: map[string][]string{"dns": {"53/udp"}}, Networks: some, Volumes: some, Secrets: some, Configs: some,
		Paths: some, Constraints: some, Builds: map[string]spec.Build{".": {}}, Replace: some, Allow: []string{"a"}, Lock: []string{"b"}, Isolate: true, CopyLimit: 1,
	}
	elsewhere := map[string]bool{"Files": true, "Dir": true, "Ready": true, "TimeLimit": true} // for whoever loads and starts it
	m := newStackParts(&input{leased: map[string]string{}}, nil, s, StackOptions{})
	known := reflect.ValueOf(m.document.plan.Spec)
	for f, value := range reflect.ValueOf(s).Fields() {
		got := known.FieldByName(f.Name)
		if f.Name == "Constraints" { // of stacks alone
			got = reflect.ValueOf(m.services.wanted)
		}
		if !elsewhere[f.Name] && (value.IsZero() || !reflect.DeepEqual(got.Interface(), value.Interface())) {
			t.Errorf("%s: rules have %v, want %v", f.Name, got, value)
		}
	}
	if got := m.document.plan.CopyLimit; got != s.CopyLimit {
		t.Errorf("the limit of a copy is %d, want %d", got, s.CopyLimit)
	}
	if got := newStackParts(&input{leased: map[string]string{}}, nil, spec.Stack{}, StackOptions{}).document.plan.CopyLimit; got != 256<<20 {
		t.Errorf("the limit of a copy is %d bytes by default, want 256 MiB", got)
	}
}
