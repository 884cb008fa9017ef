// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// docs/tailoring.md has every rule, every option and every name of the JSON.
func TestDocs(t *testing.T) {
	content, err := os.ReadFile("../docs/tailoring.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	var names []string
	for _, r := range append(rules(), requiredVariable, vitalVariable, passedVariable, oldFormat) {
		names = append(names, r.name)
	}
	for _, fields := range []map[string]string{mapFields, listFields, flagFields} {
		for field, option := range fields {
			names = append(names, field)
			if !strings.Contains(text, "`--"+option) {
				t.Errorf("option --%s is not in the docs", option)
			}
			if _, ok := reflect.TypeFor[spec.Project]().FieldByName(field); !ok {
				t.Errorf("spec.Project has no field %s", field)
			}
		}
	}
	for _, plan := range []any{Plan{}, Edit{}, Finding{}, Way{}, Service{}, Port{}, HostPath{}, Copy{}, ContextCopy{}, Dockerfile{}, Text{}, PortLease{}, SubnetLease{}, Lock{}} {
		for field := range reflect.TypeOf(plan).Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%q is not in the docs", name)
		}
	}
}
