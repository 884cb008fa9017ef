// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A project that processes share, or that is gone, is changed by nobody.
func TestVerbsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		p    *Project
		want error
	}{
		{&Project{common: true}, errCommon},
		{&Project{ended: true}, container.ErrRemoved},
	} {
		p := test.p
		p.revision = &revision{p: p, spec: spec.Project{Files: []string{"shop.yaml"}}, plan: &tailor.Plan{}}
		for name, verb := range map[string]func(T){
			"Stop":        func(t T) { p.Stop(t) },
			"Start":       func(t T) { p.Start(t) },
			"Restart":     func(t T) { p.Restart(t) },
			"Scale":       func(t T) { p.Scale(t, "web", 2) },
			"Update":      func(t T) { p.Update(t, spec.Project{}) },
			"AddProfiles": func(t T) { p.AddProfiles(t, "debug") },
			"Run":         func(t T) { p.Run(t, "web", spec.Exec{}) },
		} {
			if err := Try(t, verb); !errors.Is(err, test.want) || !strings.Contains(err.Error(), "shop.yaml") {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
	}
}

func TestCompared(t *testing.T) {
	one, two := place{"web", 1}, place{"web", 2}
	got := compared(map[place]string{one: "a", {"db", 1}: "b", {"old", 1}: "c"}, map[place]string{one: "d", two: "e", {"db", 1}: "b"})
	want := &Changes{Created: []string{"web-2"}, Recreated: []string{"web"}, Kept: []string{"db"}, Removed: []string{"old"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
