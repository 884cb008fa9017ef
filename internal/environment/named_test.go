// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
)

// All that an engine has is listed, and what is another user's, another machine's, of a
// newer seatrial or of tests is left alone.
func TestWhoseEnvironmentsAre(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("environments", "1.47")
	now := time.Now().UTC().Truncate(time.Second)
	var volumes, containers []map[string]any
	add := func(name, scope string, record *Record, change func(*owner.Tuple)) {
		tuple := owner.Tuple{Run: runOf(name), Test: name, Scope: scope, Process: process.Self(), Until: now.Add(time.Hour)}
		change(&tuple)
		volume := func(of owner.Tuple, more map[string]string) {
			labels := of.Labels()
			for key, value := range more {
				labels[key] = value
			}
			volumes = append(volumes, map[string]any{"Name": of.Name, "Labels": labels})
		}
		if record != nil {
			content, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			volume(tuple.Data().On(owner.Record, "data-"+name), map[string]string{owner.LabelEnvironment: string(content)})
		}
		volume(tuple.On(owner.Record, "record-"+name), nil)
		labels := tuple.On(owner.Container, name+"-web-1").Labels()
		labels[engine.ComposeProject], labels[engine.ComposeService], labels[engine.ComposeNumber] = name, "web", "1"
		containers = append(containers, map[string]any{"Id": name, "Names": []string{"/" + name + "-web-1"}, "Labels": labels, "State": "running", "Status": "Up 3 seconds (healthy)",
			"Ports": []map[string]any{{"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 20001, "Type": "tcp"}}})
	}
	same := func(*owner.Tuple) {}
	here := process.Machine()
	add("mine", "shared-env1-aaaaaaaa", &Record{Name: "mine", Machine: here, Dir: "/src/mine", Ports: []FilePort{{"web", 8080, 80, "tcp", 20001}}}, same)
	add("users", "shared-env1-bbbbbbbb", &Record{Name: "users", Machine: here}, func(o *owner.Tuple) { o.Process.User = "other" })
	add("machines", "shared-env1-cccccccc", &Record{Name: "machines", Machine: "other"}, same)
	add("newer", "shared-env2-dddddddd", &Record{Name: "newer", Machine: here}, same)
	add("tests", "shared-eeeeeeee", nil, same)
	fake.Answer("/volumes", map[string]any{"Volumes": volumes})
	fake.Answer("/containers/json", containers)
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t), Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)

	all, err := List(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{"mine": "", "users": "belongs to another user", "machines": "another machine", "newer": "a newer seatrial", "tests": "what tests share"}
	for _, n := range all {
		want, known := refused[n.Name]
		delete(refused, n.Name)
		switch err := n.mayChange(); {
		case !known:
			t.Errorf("%s is listed", n.Name)
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: may be changed: %v, want %q", n.Name, err, want)
		}
		if n.State() != "up" {
			t.Errorf("%s is %s, want up", n.Name, n.State())
		}
		if n.Name != "mine" {
			continue
		}
		n.Containers = append(n.Containers, engine.Object{Name: "mine-db-1", State: "created", Status: "Created"})
		if n.State() != "failing" {
			t.Errorf("with a container that was never started it is %s, want failing", n.State())
		}
		n.Containers = n.Containers[:1]
		rows, err := n.Rows(t.Context(), e)
		if err != nil || len(rows) != 1 || rows[0].State != "healthy" {
			t.Fatalf("rows %+v, %v", rows, err)
		}
		for _, number := range []int{8080, 80, 0} {
			if p, err := Find(rows, "web", portnumber.TCP(number), 1); err != nil || p.Address != "127.0.0.1:20001" {
				t.Errorf("port %d: %+v, %v", number, p, err)
			}
		}
	}
	for name := range refused {
		t.Errorf("%s is not listed", name)
	}
}

// What was given once is remembered, and what is given now wins.
func TestOptionsAreRemembered(t *testing.T) {
	t.Parallel()
	was := spec.Project{Env: map[string]string{"A": "1", "B": "1"}, Profiles: []string{"p"}, KeepPorts: []int{80}, Isolate: true}
	got := answers.Over(spec.Project{Env: map[string]string{"B": "2"}, Profiles: []string{"q"}}, was)
	if got.Env["A"] != "1" || got.Env["B"] != "2" || len(got.Profiles) != 1 || got.Profiles[0] != "q" || len(got.KeepPorts) != 1 || !got.Isolate {
		t.Errorf("options %+v", got)
	}
	if was.Env["B"] != "1" {
		t.Error("what was remembered has changed")
	}
	shown := strings.Join((&Memory{Project: got}).Options(), " ")
	if want := "--env A --env B --profile q --keep-port 80 --isolate"; shown != want {
		t.Errorf("options are shown as %q, want %q", shown, want)
	}
}

// Only what this user can see to be gone is abandoned, and not at once.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	now := time.Now()
	dir := t.TempDir()
	for _, test := range []struct {
		name   string
		want   bool
		change func(*Named)
	}{
		{"gone for two days", true, func(*Named) {}},
		{"there", false, func(n *Named) { n.Checkout = dir }},
		{"used an hour ago", false, func(n *Named) { n.Used = now.Add(-time.Hour) }},
		{"its disk is away", false, func(n *Named) { n.Checkout = filepath.Join(dir, "disk", "checkout") }},
		{"made in a container", false, func(n *Named) { n.View = "mnt:[1]" }},
		{"another user's", false, func(n *Named) { n.Tuple.Process.User = "other" }},
		{"on another machine", false, func(n *Named) { n.Machine = "other" }},
		{"a newer seatrial's", false, func(n *Named) { n.Tuple.Scope = "shared-env2-aaaaaaaa" }},
		{"that of tests", false, func(n *Named) { n.Library = true }},
	} {
		n := &Named{
			Record: Record{Name: "x", Machine: process.Machine(), View: checkout.View(), Checkout: filepath.Join(dir, "gone"), Used: now.Add(-48 * time.Hour)},
			Tuple:  owner.Tuple{Scope: "shared-env1-aaaaaaaa", Process: process.Self()},
		}
		test.change(n)
		if got := n.isAbandoned(now); got != test.want {
			t.Errorf("%s: abandoned is %t", test.name, got)
		}
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"feat-a-525d": true, "a_b": true, "A": false, "": false, "-a": false, "a b": false, strings.Repeat("a", 41): false} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// An engine is asked for its lists at once, and meanwhile where its ports are reached.
func TestListAsksTogether(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("together", "1.47")
	var asked sync.WaitGroup // each is answered when all have been asked
	paths := map[string]any{"/volumes": map[string]any{}, "/containers/json": []any{}, "/info": map[string]any{"Name": "together"}}
	asked.Add(len(paths))
	for path, answer := range paths {
		fake.Handle(path, func(w http.ResponseWriter, r *http.Request) {
			asked.Done()
			all := make(chan struct{})
			go func() { asked.Wait(); close(all) }()
			select {
			case <-all:
			case <-time.After(10 * time.Second):
				t.Errorf("%s alone is asked for", r.URL.Path)
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	if all, err := List(t.Context(), e); len(all) > 0 || err != nil {
		t.Errorf("List = %v, %v", all, err)
	}
}

// Fifty environments are listed with as many questions to the engine as one.
func TestListAsksOnce(t *testing.T) {
	t.Parallel()
	asked := func(environments int) int32 {
		fake := enginetest.NewFake("listed", "1.47")
		var volumes, containers []map[string]any
		for i := range environments {
			name := fmt.Sprintf("shop-%d", i)
			tuple := owner.Tuple{Run: runOf(name), Test: name, Scope: fmt.Sprintf("shared-env1-%08d", i), Process: process.Self(), Until: time.Now().Add(time.Hour)}
			record := tuple.On(owner.Record, "record-"+name)
			volumes = append(volumes, map[string]any{"Name": record.Name, "Labels": record.Labels()})
			for _, service := range []string{"db", "web"} {
				labels := tuple.On(owner.Container, name+"-"+service+"-1").Labels()
				labels[engine.ComposeProject], labels[engine.ComposeService], labels[engine.ComposeNumber] = name, service, "1"
				containers = append(containers, map[string]any{"Id": name + service, "Names": []string{"/" + name + "-" + service + "-1"}, "Labels": labels, "State": "running", "Status": "Up 3 seconds",
					"Ports": []map[string]any{{"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 20001 + i, "Type": "tcp"}}})
			}
		}
		var n atomic.Int32
		answer := func(path string, value any) {
			fake.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
				n.Add(1)
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(value)
			})
		}
		answer("/volumes", map[string]any{"Volumes": volumes})
		answer("/containers/json", containers)
		e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t), Address: "127.0.0.1"}, engine.Caller{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.CloseIdle)
		began := time.Now()
		all, err := List(t.Context(), e)
		if err != nil || len(all) != environments {
			t.Fatalf("%d are listed, %v, want %d", len(all), err, environments)
		}
		for _, one := range all {
			if rows, err := one.Rows(t.Context(), e); err != nil || len(rows) != 2 || len(rows[0].Ports) != 1 {
				t.Fatalf("%s: %+v, %v", one.Name, rows, err)
			}
		}
		t.Logf("%d environments in %v", environments, time.Since(began))
		return n.Load()
	}
	if one, fifty := asked(1), asked(50); fifty != one {
		t.Errorf("for 50 environments the engine is asked %d times, for one %d", fifty, one)
	}
}
