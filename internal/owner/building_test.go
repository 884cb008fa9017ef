// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestBuilding(t *testing.T) {
	reference := regexp.MustCompile(`^localhost/seatrial/[a-z0-9-]+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	long := Process{User: strings.Repeat("S-1-5-21-", 9), Boot: "a host's name that is long, and odd", Space: "4026531836", PID: 4194304, Start: "18446744073709551615"}
	for _, maker := range []Process{maker, long} {
		made := Tuple{Run: NewID(), Process: maker, Until: noon.Add(time.Hour)}
		ref := Building("orders", made)
		if !reference.MatchString(ref) {
			t.Errorf("Building = %q, %d characters of tag: no reference", ref, len(ref)-strings.Index(ref, ":")-1)
		}
		if ok, err := path.Match(BuildingPattern, ref); !ok || err != nil {
			t.Errorf("%q does not match %q", ref, BuildingPattern)
		}
		colleague := maker // another process of the same user and machine
		colleague.PID, colleague.Start = 7, "7"
		for _, test := range []struct {
			about string
			self  Process
			alive bool
			now   time.Time
			want  Verdict
		}{
			{"the maker lives", colleague, true, noon, Living},
			{"the maker is dead", colleague, false, noon, Dead},
			{"seen from another machine", Process{User: maker.User, Boot: "other", Space: maker.Space}, false, noon, Living},
			{"seen from another machine, its time over", Process{User: maker.User, Boot: "other", Space: maker.Space}, false, noon.Add(2 * time.Hour), Dead},
			{"another user's", Process{User: "7", Boot: maker.Boot, Space: maker.Space}, false, noon.Add(2 * time.Hour), NotOurs},
		} {
			labels, ok := ReadBuilding(ref, test.self)
			if !ok || labels[LabelRun] != made.Run {
				t.Fatalf("%s: ReadBuilding = %v, %v, want run %s", test.about, labels, ok, made.Run)
			}
			j := Judge{Self: test.self, Now: test.now, Alive: func(p Process) bool { return test.alive && p == maker }}
			if got, why := j.Judge(Image, ref, labels); got != test.want {
				t.Errorf("%s: Judge = %v because %q, want %v", test.about, got, why, test.want)
			}
		}
	}
	for _, ref := range []string{"localhost/seatrial/orders:building-run", "localhost/seatrial/orders:0123", "example/orders:building-a_b_1_c_d_e_1_1",
		"localhost/seatrial/orders:building-a_b_x_c_d_e_1_1", "localhost/seatrial/orders:building-a_b_1_c_d_e_0_1"} {
		if labels, ok := ReadBuilding(ref, maker); ok {
			t.Errorf("ReadBuilding(%q) = %v", ref, labels)
		}
	}
}
