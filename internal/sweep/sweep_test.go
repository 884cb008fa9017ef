// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
)

// Objects of a stack are left alone by a process that uses another engine of the swarm than
// the one with the records.
func TestHeldElsewhere(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	stack := owner.Tuple{Run: "abcdefgh", Scope: owner.NewEnvironmentScope(), Until: now.Add(time.Hour)}
	of := func(t owner.Tuple, labels map[string]string) Found {
		return Found{Kind: owner.Service, Object: engine.Object{Labels: labels}, Tuple: t, Verdict: owner.Dead}
	}
	test, other, old := stack, stack, stack
	test.Scope, other.Run, old.Until = owner.NewID(), "bcdefghi", now
	named := map[string]string{engine.StackNamespace: "shop"}
	for _, c := range []struct {
		about   string
		found   Found
		records []Found
		want    owner.Verdict
	}{
		{"no record", of(stack, named), nil, owner.Living},
		{"a record of another one", of(stack, named), []Found{{Tuple: other}}, owner.Living},
		{"its record is here", of(stack, named), []Found{{Tuple: stack}}, owner.Dead},
		{"its time is over", of(old, named), nil, owner.Dead},
		{"of a project", of(stack, nil), nil, owner.Dead},
		{"of a test", of(test, named), nil, owner.Dead},
	} {
		c.found.heldElsewhere(c.records, now)
		if c.found.Verdict != c.want {
			t.Errorf("%s: %v, want %v", c.about, c.found.Verdict, c.want)
		}
	}
}

// Containers of an environment are stopped before their removal if they write to
// something that stays.
func TestIsOutlived(t *testing.T) {
	t.Parallel()
	environment, test := owner.Tuple{Scope: owner.NewEnvironmentScope()}, owner.Tuple{Scope: owner.NewID()}
	of := func(t owner.Tuple, state string, writes ...string) Found {
		return Found{Kind: owner.Container, Object: engine.Object{State: state, Writes: writes}, Tuple: t}
	}
	volume := Found{Kind: owner.Volume, Object: engine.Object{Name: "data"}}
	for _, c := range []struct {
		about string
		found Found
		with  []Found
		want  bool
	}{
		{"a volume that stays", of(environment, "running", "data"), nil, true},
		{"a volume that goes", of(environment, "running", "data"), []Found{volume}, false},
		{"a directory, too", of(environment, "running", "data", "/src/data"), []Found{volume}, true},
		{"nothing", of(environment, "running"), nil, false},
		{"it has ended", of(environment, "exited", "data"), nil, false},
		{"of a test", of(test, "running", "data"), nil, false},
	} {
		if got := c.found.isOutlived(append(c.with, c.found)); got != c.want {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

// An image that a container uses stays, and is told. A network or a volume that somebody uses is
// an error: what a test or an environment made is not gone.
func TestClearWhatIsInUse(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("used", "1.47")
	for _, path := range []string{"/networks/", "/volumes/", "/images/"} {
		fake.Handle(path, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/used") {
				http.Error(w, `{"message":"it is in use"}`, http.StatusConflict)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("[]"))
		})
	}
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	var objects []Found
	for _, kind := range []string{owner.Network, owner.Volume, owner.Image} {
		for _, name := range []string{"used", "free"} {
			objects = append(objects, Found{Kind: kind, Object: engine.Object{ID: name, Name: name}})
		}
	}
	told := map[string]bool{}
	err = Clear(t.Context(), e, objects, func(f Found, gone bool) { told[f.Kind+" "+f.Name] = gone })
	want := map[string]bool{"network free": true, "volume free": true, "image free": true, "image used": false}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("what is told to be gone (-want +got):\n%s", diff)
	}
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "removing network used: ") || !strings.Contains(err.Error(), "removing volume used: ") || strings.Contains(err.Error(), "image") {
		t.Errorf("error = %v, want one that names the network and the volume", err)
	}
}
