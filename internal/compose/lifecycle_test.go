// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A project that processes share, or that is gone, is changed by nobody.
func TestVerbsThatCannotBe(t *testing.T) {
	of := func() *Project {
		return New(&session.Session{}, "shop", spec.Project{Files: []string{"shop.yaml"}}, &tailor.Plan{})
	}
	common, gone := of(), of()
	common.Common = true
	gone.containers.End()
	for _, test := range []struct {
		p    *Project
		want error
	}{
		{common, errCommon},
		{gone, container.ErrRemoved},
	} {
		p := test.p
		ctx := t.Context()
		_, scale := Services{p}.Scale(ctx, "web", 2)
		_, update := p.Update(ctx, spec.Project{}, t.Logf)
		_, run := p.Run(ctx, "web", spec.Exec{}, t.Logf)
		for name, err := range map[string]error{
			"Stop": Services{p}.Stop(ctx, nil), "Start": Services{p}.Start(ctx, nil), "Restart": Services{p}.Restart(ctx, nil), "Scale": scale, "Update": update,
			"AddProfiles": p.AddProfiles(ctx, []string{"debug"}, t.Logf), "Run": run, "Down": p.Down(ctx, true), "Up": p.Up(ctx, t.Logf),
		} {
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), "shop.yaml") {
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
