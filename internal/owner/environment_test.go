// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"testing"
	"time"
)

// Objects of an environment live as long as its record says, or as somebody uses them;
// its data has its own record. Objects of a newer seatrial are not ours.
func TestJudgeOfEnvironments(t *testing.T) {
	running := tuple
	running.Scope, running.Test = NewEnvironmentScope(), "shop-1234"
	data := running.Data()
	if data.Scope == running.Scope || data.Running().Scope != running.Scope || !data.IsData() || running.IsData() {
		t.Fatalf("scopes of what runs and of its data: %q, %q", running.Scope, data.Scope)
	}
	if v := running.Environment(); v != EnvironmentVersion || tuple.Environment() != 0 || (Tuple{Scope: NewSharedScope()}).Environment() != 0 {
		t.Errorf("version %d, want %d, and none of what is no environment", v, EnvironmentVersion)
	}
	if tuple.Data() != tuple {
		t.Errorf("of what is no environment, data is something else: %+v", tuple.Data())
	}
	elsewhere := running
	elsewhere.Process.Boot, elsewhere.Until = "another", noon.Add(2*time.Hour)
	newer := running
	newer.Scope = "shared-env2-abcdefgh"
	for _, test := range []struct {
		about string
		of    Tuple
		kept  map[string]time.Time
		used  map[string]string
		want  Verdict
	}{
		{"no record, nobody at work", running, nil, nil, Dead},
		{"data, no record", data, nil, nil, Dead},
		{"somebody is at work", running, nil, map[string]string{running.Scope: "x"}, Living},
		{"its time is not over", running, map[string]time.Time{running.Scope: noon.Add(time.Hour)}, nil, Living},
		{"its time is over", running, map[string]time.Time{running.Scope: noon.Add(-time.Hour)}, nil, Dead},
		{"data has time", data, map[string]time.Time{data.Scope: noon.Add(time.Hour)}, nil, Living},
		{"the data's time is not what runs'", running, map[string]time.Time{data.Scope: noon.Add(time.Hour)}, nil, Dead},
		{"from elsewhere, which may be about to start", elsewhere, nil, nil, Living},
		{"from elsewhere, its own time is longer", elsewhere, map[string]time.Time{running.Scope: noon.Add(-2 * time.Hour)}, nil, Living},
		{"of a newer seatrial", newer, nil, nil, NotOurs},
	} {
		j := Judge{Self: self, Now: noon, Alive: func(Process) bool { return false }, Kept: test.kept, Used: test.used}
		o := test.of.On(Volume, "v")
		if got, why := j.Judge(Volume, "v", o.Labels()); got != test.want {
			t.Errorf("%s: Judge = %v because %q, want %v", test.about, got, why, test.want)
		}
	}
}
