// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
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
	refused := map[string]string{"mine": "", "users": "belongs to another user", "machines": "another machine", "newer": "a newer seatrial", "tests": "tests is shared by tests, which still may use it: seatrial does not change it\n    hint: nothing"}
	for _, n := range all {
		want, known := refused[n.Name]
		delete(refused, n.Name)
		switch err := n.MayChange("nothing"); {
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

// A service that ended in an error fails its environment, but for those who share it; one that has
// done its work, or was stopped, does not.
func TestStateOfWhatEnded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status string
		oneOff string
		want   string
	}{
		{"Exited (1) 3 seconds ago", "", "failing"}, {"Exited (0) 3 seconds ago", "", "up"},
		{"Exited (143) 3 seconds ago", "", "up"}, {"Exited (137) 3 seconds ago", "", "up"}, {"Exited (130) 3 seconds ago", "", "up"},
		{"Exited (1) 3 seconds ago", "True", "up"},
	} {
		n := &Named{Containers: []engine.Object{
			{State: "running", Status: "Up 3 seconds", Labels: map[string]string{engine.ComposeService: "db"}},
			{State: "exited", Status: test.status, Labels: map[string]string{engine.ComposeService: "web", engine.ComposeOneoff: test.oneOff}},
		}}
		if got := n.State(); got != test.want || !n.serves() {
			t.Errorf("%s (one-off %q): it is %s, want %s; it serves those who share it: %t", test.status, test.oneOff, got, test.want, n.serves())
		}
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

// What tests share has the name of its project on the engine, and what is no service of it is
// refused with those that it has.
func TestProjectOfWhatTestsShare(t *testing.T) {
	t.Parallel()
	shared := &Named{Record: Record{Name: "shop"}, Library: true, Working: "process 7", Containers: []engine.Object{
		{State: "running", Labels: map[string]string{engine.ComposeProject: "shop-ptgqke5j", engine.ComposeService: "web"}},
		{State: "running", Labels: map[string]string{engine.ComposeProject: "shop-ptgqke5j", engine.ComposeService: "cache"}},
	}}
	if got := shared.Project(); got != "shop-ptgqke5j" {
		t.Errorf("the project of what tests share is %q", got)
	}
	if got := (&Named{Record: Record{Name: "shop"}}).Project(); got != "shop" {
		t.Errorf("that of an environment without containers is %q", got)
	}
	if got := shared.State(); got != "up" {
		t.Errorf("while a test uses it, it is %q", got)
	}
	if err := shared.Knows("web", "cache"); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(shared.Knows("web", "wbe")), `no service "wbe"; there are cache, web: did you mean web?`; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// While it is started, there is no record; the note of who starts it says what is known.
func TestStartingIsListed(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("starting", "1.47")
	var volumes []map[string]any
	begin := func(name string, record *Record, p owner.Process) {
		tuple := owner.Tuple{Run: runOf(name), Test: name, Scope: "shared-env1-aaaaaaaa", Process: p, Until: time.Now().Add(time.Hour)}
		use := tuple.On(owner.Use, "use-"+name)
		labels := use.Labels()
		if record != nil {
			content, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			labels[owner.LabelEnvironment] = string(content)
		}
		volumes = append(volumes, map[string]any{"Name": use.Name, "Labels": labels})
	}
	if process.Self().Boot == "" {
		t.Skip("this system does not tell which processes live")
	}
	other := process.Of(os.Getppid()) // another than this one, which lives
	other.User = process.Self().User
	s := &starter{o: Options{Name: "new", Passing: true}, place: checkout.Place{Checkout: "/src/shop", Dir: "/src/shop/deploy", Files: []string{"/src/shop/deploy"}}}
	record := &Record{Created: time.Now().UTC().Truncate(time.Second)}
	s.identify(record)
	(&starter{o: Options{Name: "new", Other: true}, place: s.place}).identify(record) // an update within its command does not take it from that
	begin("new", record, other)
	begin("older-version", nil, other)
	fake.Answer("/volumes", map[string]any{"Volumes": volumes})
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	fake.ServeAt(t, filepath.Join(dir, "s"))
	e, err := engine.At(t.Context(), engine.Named{Host: "unix://" + filepath.Join(dir, "s"), Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	all, err := List(t.Context(), e)
	if err != nil || len(all) != 2 || all[0].Name != "new" || all[1].Name != "older-version" {
		t.Fatalf("%+v, %v are listed, want new and older-version", all, err)
	}
	n := all[0]
	if n.State() != "changing" || n.Checkout != "/src/shop" || n.Dir != "/src/shop/deploy" || !n.Created.Equal(record.Created) || !n.IsMine() || !n.HasCommand() {
		t.Errorf("it is listed as %s: %+v", n.State(), n.Record)
	}
	if n.Tuple.Process = process.Self(); !n.HasCommand() {
		t.Error("its command lives")
	}
	n.Tuple.Process.PID = 1 << 30
	if n.HasCommand() {
		t.Error("its command is dead")
	}
}

// Other files than those of which an environment is made are refused, with the way to them.
func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"compose.yaml", "c2.yaml"} {
		enginetest.WriteFile(t, filepath.Join(dir, name), "services: {}\n")
	}
	base, other := filepath.Join(dir, "compose.yaml"), filepath.Join(dir, "c2.yaml")
	for _, test := range []struct {
		name         string
		made, wanted []string
		same         bool
	}{
		{"a directory and what is in it", []string{base}, []string{dir}, true},
		{"an update, and up without -f", []string{other}, []string{dir}, false},
	} {
		if got := checkout.SameFiles(test.made, test.wanted); got != test.same {
			t.Errorf("%s: the same is %t", test.name, got)
		}
		err := (&Named{Record: Record{Name: "shop-1", Files: test.made}}).madeOf(test.wanted)
		if test.same != (err == nil) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "hint: seatrial update -n shop-1 -f "+dir+" makes it what these files say") {
			t.Errorf("%s: no way back in %v", test.name, err)
		}
	}
	enginetest.WriteFile(t, filepath.Join(dir, ".env"), "COMPOSE_FILE=c2.yaml\n")
	if checkout.SameFiles([]string{base}, []string{dir}) {
		t.Error("the .env names another file, and compose.yaml counts as that of the directory")
	}
}

func TestNotedLately(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stay, ago time.Duration
		want      bool
	}{{8 * time.Hour, 9 * time.Minute, true}, {8 * time.Hour, 10 * time.Minute, false}, {5 * time.Minute, 29 * time.Second, true}, {5 * time.Minute, 30 * time.Second, false}} {
		now := time.Now()
		if got := notedLately(Record{Stay: tt.stay, Used: now.Add(-tt.ago)}, now); got != tt.want {
			t.Errorf("of one that stays for %s and was used %s ago: %v, want %v", tt.stay, tt.ago, got, tt.want)
		}
	}
}
