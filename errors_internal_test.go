// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm"
)

// A typed error says all that its cause says, in each field.
func TestTyped(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{
		&swarm.TaskError{Service: "web", Task: "web.1", Node: "worker1", State: "rejected", Update: "its update is paused", Cause: errors.New("no such image"),
			Tail: []string{"looking for it"}, Lines: 7, Hint: "push it"},
		&report.BuildError{Dockerfile: "/shop/Dockerfile", Line: 2, Tail: []string{"no compiler"}, Log: "/tmp/build.log", Err: errors.New("exit code 7")},
		&report.CommandError{Command: "docker pull", ExitCode: 1, Stderr: []string{"denied"}, Err: errors.New("exited with code 1")},
	} {
		whole := fmt.Errorf("deploying shop: %w", cause)
		err := typed(whole)
		if err.Error() != whole.Error() || !errors.Is(err, cause) {
			t.Errorf("%T is %q, and wraps its cause: %v", err, err, errors.Is(err, cause))
		}
		got, want := reflect.ValueOf(err).Elem(), reflect.ValueOf(cause).Elem()
		for f := range got.Type().Fields() {
			if !f.IsExported() {
				continue
			}
			if given := want.FieldByName(f.Name); !given.IsValid() || given.IsZero() || !reflect.DeepEqual(got.FieldByName(f.Name).Interface(), given.Interface()) {
				t.Errorf("%T.%s is %#v, want what its cause has: %#v", err, f.Name, got.FieldByName(f.Name), given)
			}
		}
	}
}
