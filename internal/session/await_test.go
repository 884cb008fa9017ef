// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// The longest of the limits counts that conditions have of their own, with a moment for the
// condition to say so itself; one that reaches past the test's deadline is refused.
func TestOwnLimit(t *testing.T) {
	t.Parallel()
	within := func(d time.Duration) wait.Condition { return wait.Within(d, wait.Log("up")) }
	for _, tt := range []struct {
		about      string
		left       time.Duration // of the test; 0 is no end
		conditions []wait.Condition
		want       time.Duration
		err        string
	}{
		{"none", time.Second, []wait.Condition{wait.Log("up")}, 0, ""},
		{"the longest", 0, []wait.Condition{within(time.Minute), wait.Log("up"), within(time.Hour), within(time.Second)}, time.Hour + time.Second, ""},
		{"too long", time.Minute, []wait.Condition{within(time.Hour)}, 0, "the limit of wait.Within (1h) exceeds the "},
	} {
		on := due{T: t}
		if tt.left > 0 {
			on.end = time.Now().Add(tt.left)
		}
		got, err := OwnLimit(on, tt.conditions...)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: %v, %v, want %v, %q", tt.about, got, err, tt.want, tt.err)
		}
	}
}

// named is a target that cannot be asked for anything.
type named struct{ wait.Target }

func (named) Name() string { return "web" }

// What cannot hold is refused before anything is waited for, wherever it stands.
func TestAwaitRefuses(t *testing.T) {
	t.Parallel()
	asked := false
	first := wait.Func("first", func(context.Context) error { asked = true; return nil })
	err := Await(due{T: t}, named{}, time.Minute, []wait.Condition{first, wait.Func("second", nil)})
	if err == nil || err.Error() != "waiting for web: second: the function is nil" || asked {
		t.Errorf("%v; the first was asked: %v", err, asked)
	}
}
