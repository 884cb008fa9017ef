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
	for _, r := range append(newParts(&input{}, nil, spec.Project{}).rules(), requiredVariable, vitalVariable, passedVariable, oldFormat, allOff) {
		names = append(names, r.name)
	}
	for _, fields := range []map[string]string{mapFields, listFields, flagFields} {
		for field, option := range fields {
			names = append(names, field)
			if !strings.Contains(text, "`--"+option) {
				t.Errorf("option --%s is not in the docs", option)
			}
			_, ofProject := reflect.TypeFor[spec.Project]().FieldByName(field)
			_, ofStack := reflect.TypeFor[spec.Stack]().FieldByName(field)
			if !ofProject && !ofStack {
				t.Errorf("neither spec.Project nor spec.Stack has a field %s", field)
			}
		}
	}
	for _, plan := range []any{Plan{}, Edit{}, Finding{}, Fix{}, Service{}, Port{}, HostPath{}, Copy{}, ContextCopy{}, Dockerfile{}, Text{}, PortLease{}, SubnetLease{}, Lock{}} {
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

// docs/stacks.md has every rule that only stacks have, and what their plan has.
func TestStackDocs(t *testing.T) {
	content, err := os.ReadFile("../docs/stacks.md")
	if err != nil {
		t.Fatal(err)
	}
	common, err := os.ReadFile("../docs/tailoring.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{stackTopName.name, forbiddenKey.name, ignoredKey.name, longKey.name}
	for _, r := range newStackParts(&input{leased: map[string]string{}}, nil, spec.Stack{}, StackOptions{}).rules() {
		names = append(names, r.name)
	}
	for _, plan := range []any{StackPlan{}, StackBuild{}} {
		for field := range reflect.TypeOf(plan).Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if text := string(content) + string(common); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%q is not in the docs", name)
		}
	}
}
