// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
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

// What uses others goes before them, and a database that writes to what stays is stopped before it
// goes. There are more objects of a kind than are removed at once.
func TestClearInOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	note := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, of, _ := strings.Cut(r.URL.Path[1:], "/") // without the API's version
		if r.Method != http.MethodGet {
			asked = append(asked, r.Method+" "+of)
		}
		w.Header().Set("Content-Type", "application/json")
		answer := "{}"
		if r.Method == http.MethodDelete && strings.HasPrefix(of, "images/") {
			answer = "[]"
		}
		_, _ = w.Write([]byte(answer))
	}
	fake := enginetest.NewFake("order", "1.47")
	for _, path := range []string{"/services/", "/secrets/", "/configs/", "/containers/", "/containers/db/", "/containers/web/", "/networks/", "/volumes/", "/images/"} {
		fake.Handle(path, note)
	}
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	objects := []Found{{Kind: owner.Record, Object: engine.Object{Name: "record"}}, {Kind: owner.Use, Object: engine.Object{Name: "use"}}}
	last := []string{"DELETE volumes/record", "DELETE volumes/use"}
	middle := []string{"DELETE configs/motd", "DELETE images/shop:1", "DELETE networks/front", "DELETE secrets/key"}
	for kind, name := range map[string]string{owner.Config: "motd", owner.Image: "shop:1", owner.Network: "front", owner.Secret: "key"} {
		objects = append(objects, Found{Kind: kind, Object: engine.Object{ID: name, Name: name}})
	}
	for i := range 2 * atOnce {
		name := fmt.Sprintf("data%02d", i)
		objects, middle = append(objects, Found{Kind: owner.Volume, Object: engine.Object{Name: name}}), append(middle, "DELETE volumes/"+name)
	}
	environment := owner.Tuple{Scope: owner.NewEnvironmentScope()}
	objects = append(objects,
		Found{Kind: owner.Container, Object: engine.Object{ID: "web", State: "running"}, Tuple: environment},
		Found{Kind: owner.Container, Object: engine.Object{ID: "db", State: "running", Writes: []string{"stays"}}, Tuple: environment},
		Found{Kind: owner.Service, Object: engine.Object{ID: "api"}})
	if err := Clear(t.Context(), e, objects, nil); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, kinds := range [][]string{{"POST containers/db/stop"}, {"DELETE services/api"}, {"DELETE containers/db", "DELETE containers/web"}, middle, last} {
		n := min(len(kinds), len(asked)-len(got))
		got = append(got, slices.Sorted(slices.Values(asked[len(got):][:n]))...) // those of a kind go at the same time
	}
	slices.Sort(middle)
	want := slices.Concat([]string{"POST containers/db/stop", "DELETE services/api", "DELETE containers/db", "DELETE containers/web"}, middle, last)
	if diff := cmp.Diff(want, got); diff != "" || len(asked) != len(want) {
		t.Errorf("of %d requests (-want +got):\n%s", len(asked), diff)
	}
}

// What the tasks of a removed service still use is asked for again, and so is a network that the
// managers have removed and the node not yet. Nothing else is.
func TestClearAsksAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		about  string
		kind   string
		served bool // a service is removed, too
		status int  // of the first answer
		asked  int
	}{
		{"a network that tasks use", owner.Network, true, http.StatusConflict, 2},
		{"a volume that tasks use", owner.Volume, true, http.StatusConflict, 2},
		{"a secret", owner.Secret, true, http.StatusConflict, 1},
		{"a network that somebody uses", owner.Network, false, http.StatusConflict, 1},
		{"a network that the managers have removed", owner.Network, false, http.StatusInternalServerError, 2},
		{"a volume of an engine in trouble", owner.Volume, false, http.StatusInternalServerError, 1},
	} {
		fake := enginetest.NewFake("again", "1.47")
		fake.Handle("/services/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
		asked := 0
		for _, path := range []string{"/networks/", "/volumes/", "/secrets/"} {
			fake.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
				if asked++; asked == 1 {
					http.Error(w, `{"message":"not now"}`, c.status)
				}
			})
		}
		e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.CloseIdle)
		objects := []Found{{Kind: c.kind, Object: engine.Object{ID: "it", Name: "it"}}}
		if c.served {
			objects = append(objects, Found{Kind: owner.Service, Object: engine.Object{ID: "api"}})
		}
		if err := Clear(t.Context(), e, objects, nil); asked != c.asked || (err == nil) != (c.asked > 1) {
			t.Errorf("%s: asked %d times, want %d; %v", c.about, asked, c.asked, err)
		}
	}
}
