// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"reflect"
	"testing"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/spec"
)

// given sets a field to something that is not its zero value.
func given(field reflect.Value) {
	switch field.Kind() {
	case reflect.String:
		field.SetString("given")
	case reflect.Bool:
		field.SetBool(true)
	case reflect.Int64:
		field.SetInt(1)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
	case reflect.Map:
		field.Set(reflect.MakeMap(field.Type()))
		field.SetMapIndex(reflect.Zero(field.Type().Key()), reflect.Zero(field.Type().Elem()))
	}
}

// Each option of a project is one of its stack, too, if stacks have it; and what the answers of a
// directory say of one is what counts where nothing else is said.
func TestEveryOptionIsHandedOn(t *testing.T) {
	t.Parallel()
	ofProjects := map[string]bool{"Answers": true, "Profiles": true, "CopyMounts": true, "Reach": true, "TimeLimit": true}
	notInAnswers := map[string]bool{"Files": true, "Dir": true, "Answers": true, "Reach": true, "Ready": true, "TimeLimit": true}
	constraints := map[string]string{"node.role == worker": ""}
	for f := range reflect.TypeFor[spec.Project]().Fields() {
		var p spec.Project
		field := reflect.ValueOf(&p).Elem().FieldByName(f.Name)
		if given(field); field.IsZero() {
			t.Errorf("%s is of a kind that this test does not know", f.Name)
		}
		stack := StackOf(p, constraints)
		is := reflect.ValueOf(stack).FieldByName(f.Name)
		if !ofProjects[f.Name] && (!is.IsValid() || !reflect.DeepEqual(is.Interface(), field.Interface())) {
			t.Errorf("%s is lost on the way to a stack", f.Name)
		}
		if !reflect.DeepEqual(stack.Constraints, constraints) {
			t.Errorf("with %s the constraints become %v", f.Name, stack.Constraints)
		}
		if notInAnswers[f.Name] {
			continue
		}
		for about, got := range map[string]spec.Project{"below": answers.Over(spec.Project{}, p), "above": answers.Over(p, spec.Project{})} {
			if !reflect.DeepEqual(got, p) {
				t.Errorf("%s is lost when it is %s a spec that has nothing", f.Name, about)
			}
		}
	}
}
