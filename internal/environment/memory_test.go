// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
)

// What is remembered of environments goes when the engine has them no more; what another engine
// has is its own business.
func TestTidy(t *testing.T) {
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_STATE_HOME", dir)
	t.Setenv("XDG_CACHE_HOME", dir) // of locks
	fake := enginetest.NewFake("tidied", "1.47")
	there := owner.Tuple{Run: runOf("there"), Test: "there", Scope: "shared-env1-aaaaaaaa", Process: process.Self(), Until: time.Now().Add(time.Hour)}
	data := there.Data().On(owner.Volume, "there_data")
	fake.Answer("/volumes", map[string]any{"Volumes": []map[string]any{{"Name": data.Name, "Labels": data.Labels()}}})
	fake.Answer("/containers/json", []map[string]any{})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	on := session.HandleAt(engine.Named{Host: "unix://" + filepath.Join(dir, "s"), Address: "127.0.0.1"})
	id, err := on.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	remember := func(engineID, name string) string {
		at, err := place(engineID, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := (&Memory{}).remember(at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	started := func(name, left string, age time.Duration) string { // and never ready
		at, err := place(id, name)
		if err == nil {
			err = os.MkdirAll(filepath.Join(at, left), 0o700)
		}
		if err == nil {
			err = os.Chtimes(filepath.Join(at, left), time.Time{}, time.Now().Add(-age))
		}
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	want := map[string]string{
		remember(id, "there"): "", remember(id, "gone"): "the engine has its environment no more", remember("another-engine", "gone"): "",
		started("killed", "", 0): "the start of its environment was cut off", started("starting", "", 0): "",
		started("failed", "up", sweep.Unused-time.Hour): "", started("failed-long-ago", "up", sweep.Unused+time.Hour): "a start that failed left it, five days ago or more",
	}
	release, err := (&Named{Record: Record{Name: "starting"}}).lock(t.Context(), "starting it", t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, dry := range []bool{true, false} {
		all, err := Tidy(t.Context(), on, dry)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, f := range all {
			if said[f.Dir] = f.Why; f.Removed == dry {
				t.Errorf("%s is removed: %t", f.Dir, f.Removed)
			}
		}
		for at, why := range want {
			if _, err := os.Stat(at); (err == nil) != (dry || why == "") || said[at] != why {
				t.Errorf("dry %t: %s: %v, and it is said that %q, want %q", dry, filepath.Base(at), err, said[at], why)
			}
		}
	}

	at := started("failed", "up", 0)
	for _, want := range []string{at, ""} {
		if got, err := Forget(t.Context(), on, "failed", t.Logf); got != want || err != nil {
			t.Errorf("Forget = %q, %v, want %q", got, err, want)
		}
	}
	if _, err := os.Stat(at); err == nil {
		t.Error("what a failed start left stays")
	}
	if got, err := Forget(t.Context(), on, "there", t.Logf); got != "" || err != nil {
		t.Errorf("of one that is there: Forget = %q, %v", got, err)
	}
}

// A start that fails before anything is made leaves no directory behind, and says first on the
// engine what is known of it.
func TestFailedStartLeavesNoDirectory(t *testing.T) {
	// A watchdog would look for the fake, which is gone by then, and have patience with it. One
	// that another test has started also does: its locks must not lie in what this one removes.
	t.Setenv("SEATRIAL_NO_WATCHDOG", "1")
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_STATE_HOME", dir)
	fake := enginetest.NewFake("full", "1.47")
	fake.Answer("/volumes", map[string]any{})
	var asked struct{ Labels map[string]string }
	fake.Handle("/volumes/create", func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		http.Error(w, `{"message":"no space left on device"}`, http.StatusInternalServerError)
	})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	on := session.HandleAt(engine.Named{Host: "unix://" + filepath.Join(dir, "s"), Address: "127.0.0.1"})
	at := checkout.Place{Checkout: "/src/shop", Dir: "/src/shop", Files: []string{"/src/shop/stack.yaml"}}
	_, err = Up(t.Context(), on, at, Options{Name: "shop-aaaaaaaa", Stack: true, Passing: true, Artifacts: artifact.Use(t.TempDir())}, t.Logf)
	if err == nil || !strings.Contains(err.Error(), "noting that it is started") {
		t.Fatalf("it fails with %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "seatrial", "environments")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	var r Record
	if err := json.Unmarshal([]byte(asked.Labels[owner.LabelEnvironment]), &r); err != nil || r.Checkout != "/src/shop" || r.Created.IsZero() || !r.Command || !r.Stack {
		t.Errorf("the note of it says %+v, %v", r, err)
	}
}

// What was said before holds, unless it is said anew or forgotten; and the ports of an environment
// that stays do not move.
func TestGiven(t *testing.T) {
	t.Parallel()
	was := &Memory{Project: spec.Project{Env: map[string]string{"A": "old", "B": "old"}}, EnvFiles: []string{"old.env"}, Constraints: map[string]string{"web": "old"}}
	place := checkout.Place{Files: []string{"/shop/compose.yaml"}, Dir: "/shop"}
	for _, test := range []struct {
		forget bool
		env    map[string]string
		files  []string
		places map[string]string
	}{
		{false, map[string]string{"A": "new", "B": "old"}, []string{"old.env"}, map[string]string{"web": "old", "db": "new"}},
		{true, map[string]string{"A": "new"}, nil, map[string]string{"db": "new"}},
	} {
		s := &starter{place: place, was: was, o: Options{Forget: test.forget, Project: spec.Project{Env: map[string]string{"A": "new"}}, Constraints: map[string]string{"db": "new"}}}
		p := s.given()
		if !maps.Equal(p.Env, test.env) || !slices.Equal(s.o.EnvFiles, test.files) || !maps.Equal(s.o.Constraints, test.places) {
			t.Errorf("forget %v: %v, %q, %v", test.forget, p.Env, s.o.EnvFiles, s.o.Constraints)
		}
		if !p.StablePorts || !slices.Equal(p.Files, place.Files) || p.Dir != place.Dir {
			t.Errorf("forget %v: %+v", test.forget, p)
		}
	}
}
