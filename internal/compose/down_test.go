// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// onFake returns a session on an engine that keeps volumes and nothing else.
func onFake(t *testing.T) (*session.Session, *enginetest.Volumes) {
	t.Helper()
	fake := enginetest.NewFake("down", "1.47")
	volumes := fake.KeepVolumes()
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	tuple := owner.Tuple{Run: owner.NewID(), Test: t.Name(), Scope: owner.NewID(), Process: process.Self(), Until: time.Now().Add(time.Hour)}
	return &session.Session{Test: t.Name(), Engine: e, Owner: tuple, Artifacts: &session.Artifacts{Dir: artifact.Use(t.TempDir())}}, volumes
}

// What a project has locked is free for others once it is down, and need not wait for the end
// of the test. Copies of what it mounts are made anew if their volumes have gone.
func TestDownFreesLocks(t *testing.T) {
	t.Parallel()
	sess, volumes := onFake(t)
	for _, keepVolumes := range []bool{true, false} {
		p := New(sess, "shop", spec.Project{Files: []string{"shop.yaml"}}, &tailor.Plan{})
		if err := p.leases.Lock(t.Context(), []tailor.Lock{{Name: "host-network"}}, t.Logf); err != nil {
			t.Fatal(err)
		}
		if held := volumes.Names(); len(held) != 1 {
			t.Fatalf("the lock is %q, want one volume", held)
		}
		p.copies.of["conf"] = &copyVolume{name: "shop_conf"}
		if err := p.Down(t.Context(), keepVolumes); err != nil {
			t.Error(err)
		}
		if held := volumes.Names(); len(held) > 0 {
			t.Errorf("volumes kept %v: after Down there is %q, want no lock", keepVolumes, held)
		}
		if _, known := p.copies.of["conf"]; known != keepVolumes {
			t.Errorf("volumes kept %v: the project has its copy: %v", keepVolumes, known)
		}
	}
}

// A process that takes up with a project that an earlier one left running has its locks, and
// does not wait for itself; what it needs besides it takes.
func TestResumedLocks(t *testing.T) {
	t.Parallel()
	sess, volumes := onFake(t)
	locks := []tailor.Lock{{Name: "host-network"}, {Name: "device:/dev/ttyS0"}}
	earlier := New(sess, "shop", spec.Project{Files: []string{"shop.yaml"}}, &tailor.Plan{Leases: tailor.Leases{Locks: locks[:1]}})
	if err := earlier.leases.Lock(t.Context(), locks[:1], t.Logf); err != nil {
		t.Fatal(err)
	}
	later := New(sess, "shop", spec.Project{Files: []string{"shop.yaml"}}, &tailor.Plan{})
	later.Handover().Resume(earlier.Handover().State())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := later.leases.Lock(ctx, locks, func(format string, args ...any) {
		t.Errorf("it waits: "+format, args...)
		cancel()
	})
	if held := volumes.Names(); err != nil || len(held) != 2 {
		t.Errorf("%v, and the locks are %q, want the earlier one and one more", err, held)
	}
}
