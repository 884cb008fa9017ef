// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
)

// collects is the reason for a test to run alone.
const collects = "it collects whatever is dead on the engine, also what other tests have killed"

// deadProcess returns a process of this machine that has ended.
func deadProcess(t *testing.T) owner.Process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	p := process.Self()
	p.PID, p.Start = cmd.Process.Pid, "1"
	return p
}

func findEngine(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Find(t.Context(), engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	return e
}

func labelFlags(labels map[string]string) []string {
	var args []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		args = append(args, "--label", key+"="+labels[key])
	}
	return args
}

// Objects with only some of our labels, or with names like ours, must not be
// removed, unlike those beside them.
func TestLookAlikesSurvive(t *testing.T) {
	enginetest.Alone(t, collects)
	img := probe(t)
	e := findEngine(t)
	before := enginetest.Objects(t)
	id := owner.NewID()
	self, dead := process.Self(), deadProcess(t)
	ours := func(kind, name string, p owner.Process) owner.Tuple {
		return owner.Tuple{Kind: kind, Name: name, Run: id, Test: "TestX", Scope: id, Process: p, Until: time.Now().Add(-time.Hour)}
	}
	without := func(labels map[string]string, key string) map[string]string {
		labels = maps.Clone(labels)
		delete(labels, key)
		return labels
	}
	foreign := func(change func(*owner.Process)) owner.Process {
		p := dead
		change(&p)
		return p
	}
	later := func(tuple owner.Tuple) map[string]string {
		tuple.Until = time.Now().Add(time.Hour)
		return tuple.Labels()
	}
	name := func(role string) string { return "lookalike-" + id + "-" + role }
	containers := []struct {
		role   string
		labels map[string]string
		stays  bool
	}{
		{"dead", ours(owner.Container, name("dead"), dead).Labels(), false},
		{"dead-elsewhere", ours(owner.Container, name("dead-elsewhere"), foreign(func(p *owner.Process) { p.Boot = "x" })).Labels(), false},
		{"living", ours(owner.Container, name("living"), self).Labels(), true},
		{"elsewhere", later(ours(owner.Container, name("elsewhere"), foreign(func(p *owner.Process) { p.Boot = "x" }))), true},
		{"same-pid", later(ours(owner.Container, name("same-pid"), foreign(func(p *owner.Process) { p.Space = "1" }))), true},
		{"other-user", ours(owner.Container, name("other-user"), foreign(func(p *owner.Process) { p.User += "1" })).Labels(), true},
		{"dead-2", ours(owner.Container, name("dead"), dead).Labels(), true}, // the labels of another object
		{"no-until", without(ours(owner.Container, name("no-until"), dead).Labels(), owner.LabelUntil), true},
		{"no-process", without(ours(owner.Container, name("no-process"), dead).Labels(), owner.LabelProcess), true},
		{"volume-labels", ours(owner.Volume, name("volume-labels"), dead).Labels(), true},
		{"only-run", map[string]string{owner.LabelRun: id}, true},
		{"no-labels", nil, true},
		{"web-1", ours(owner.Container, name("web")+owner.Replica, dead).Labels(), false},
		{"web-1-debug", ours(owner.Container, name("web")+owner.Replica, dead).Labels(), true}, // of a commit, named after it
	}
	t.Cleanup(func() {
		for _, left := range strings.Fields(enginetest.Docker(t, "ps", "--all", "--quiet", "--filter", "name="+id)) {
			enginetest.Docker(t, "rm", "--force", left)
		}
		for _, left := range strings.Fields(enginetest.Docker(t, "volume", "ls", "--quiet", "--filter", "name="+id)) {
			enginetest.Docker(t, "volume", "rm", left)
		}
		if after := enginetest.Objects(t); after != before {
			t.Errorf("the engine has\n%s\nbefore it had\n%s", after, before)
		}
	})
	for _, c := range containers {
		enginetest.Docker(t, append(append([]string{"create", "--name", name(c.role)}, labelFlags(c.labels)...), img.Ref)...)
	}
	// A commit has the labels of its container, and so have containers of the commit.
	commit := "lookalike-commit-" + id
	enginetest.Docker(t, "commit", name("dead"), commit)
	enginetest.Docker(t, "create", "--name", name("of-commit"), commit)
	// Kept objects of all kinds stay until the time in their record.
	kept := ours(owner.Volume, name("kept"), dead)
	kept.Scope = owner.NewID()
	enginetest.Docker(t, append([]string{"volume", "create"}, append(labelFlags(kept.Labels()), kept.Name)...)...)
	record := kept.On(owner.Record, name("record"))
	enginetest.Docker(t, append([]string{"volume", "create"}, append(labelFlags(later(record)), record.Name)...)...)

	// The fixture proves something only if a weaker check would remove more.
	weak, err := sweep.List(t.Context(), e, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(weak) < 10 {
		t.Errorf("%d objects have the label of the run, want at least 10 that a check of this label alone would take", len(weak))
	}
	if _, err := sweep.Dead(t.Context(), e, "", nil); err != nil {
		t.Fatal(err)
	}
	there := enginetest.Docker(t, "ps", "--all", "--format", "{{.Names}}") + enginetest.Docker(t, "volume", "ls", "--format", "{{.Name}}") + enginetest.Docker(t, "image", "ls", "--format", "{{.Repository}}")
	has := func(name string) bool { return slices.Contains(strings.Fields(there), name) }
	for _, c := range containers {
		if has(name(c.role)) != c.stays {
			t.Errorf("container %s is there: %v, want %v", c.role, has(name(c.role)), c.stays)
		}
	}
	for _, stays := range []string{name("of-commit"), commit, kept.Name, record.Name} {
		if !has(stays) {
			t.Errorf("%s was removed", stays)
		}
	}

	// A kept run is removed only on request, by its name, and no other run with it.
	command := enginetest.SeatrialCommand(t)
	out, err := exec.Command(command, "gc", "--run", id, "--format", "json").CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"name": "`+kept.Name+`"`) {
		t.Errorf("gc --run: %v\n%s", err, out)
	}
	there = enginetest.Docker(t, "ps", "--all", "--format", "{{.Names}}") + enginetest.Docker(t, "volume", "ls", "--format", "{{.Name}}")
	for role, want := range map[string]bool{"kept": false, "record": false, "living": true, "elsewhere": true} {
		if has(name(role)) != want {
			t.Errorf("after gc --run, %s is there: %v, want %v", role, has(name(role)), want)
		}
	}
	// Objects in use by a living process are removed only with --yes.
	if out, err := exec.Command(command, "gc", "--run", id).CombinedOutput(); err == nil || !strings.Contains(string(out), "may be using container") {
		t.Errorf("gc --run of a living process: %v, %s", err, out)
	}
	if out, err := exec.Command(command, "gc", "--run", id, "--yes").CombinedOutput(); err != nil {
		t.Errorf("gc --run --yes: %v\n%s", err, out)
	}
	there = enginetest.Docker(t, "ps", "--all", "--format", "{{.Names}}") + enginetest.Docker(t, "volume", "ls", "--format", "{{.Name}}")
	for role, want := range map[string]bool{"living": false, "elsewhere": false, "other-user": true, "dead-2": true, "no-labels": true, "of-commit": true} {
		if has(name(role)) != want {
			t.Errorf("after gc --run --yes, %s is there: %v, want %v", role, has(name(role)), want)
		}
	}
	enginetest.Docker(t, "rm", "--force", name("of-commit"))
	enginetest.Docker(t, "image", "rm", commit)
}

func TestManyLeftovers(t *testing.T) {
	enginetest.Alone(t, collects)
	img := probe(t)
	e := findEngine(t)
	count := enginetest.Sample(t, "SEATRIAL_LEFTOVERS", 60, 300, "leftovers")
	id, dead := owner.NewID(), deadProcess(t)
	tuple := owner.Tuple{Run: id, Test: "TestX", Scope: id, Process: dead, Until: time.Now()}
	for i := range count {
		name := "leftover-" + id + "-" + strconv.Itoa(i)
		var err error
		if i%3 == 0 {
			err = e.CreateVolume(t.Context(), name, tuple.On(owner.Volume, name).Labels())
		} else {
			_, err = e.Create(t.Context(), engine.NewContainer{Name: name, Image: img.Ref, Labels: tuple.On(owner.Container, name).Labels()})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	n, err := sweep.Dead(t.Context(), e, "", nil)
	took := time.Since(began)
	if err != nil || n < count {
		t.Errorf("collected %d of %d: %v", n, count, err)
	}
	t.Logf("%d objects collected in %v: %.0f a second", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
	if left, err := sweep.List(t.Context(), e, id); err != nil || len(left) > 0 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

func TestKeep(t *testing.T) {
	enginetest.Alone(t, collects)
	img := probe(t)
	before := enginetest.Objects(t)
	t.Setenv("SEATRIAL_KEEP", "failed:30m")
	var name string
	r := mustFail(t, "on purpose", func(t seatrial.T) {
		app := seatrial.Up(t, shop(img))
		name = app.Name
		t.Errorf("on purpose")
	})
	if !strings.Contains(r.Logs(), "docker logs -f "+name+"-store-1  # it has no shell") {
		t.Errorf("the log does not say how to enter the kept containers:\n%s", r.Logs())
	}
	_, command, ok := strings.Cut(r.Logs(), "hint: seatrial ")
	command, _, _ = strings.Cut(command, " removes it")
	if !ok {
		t.Fatalf("it is not said how to remove what is kept:\n%s", r.Logs())
	}
	if got := strings.Fields(enginetest.Docker(t, "ps", "--filter", "label=com.docker.compose.project="+name, "--format", "{{.State}}")); len(got) != 2 {
		t.Errorf("%d kept containers run, want 2", len(got))
	}
	if _, err := sweep.Dead(t.Context(), findEngine(t), "", nil); err != nil {
		t.Error(err)
	}
	if out, err := exec.Command(enginetest.SeatrialCommand(t), strings.Fields(command)...).CombinedOutput(); err != nil {
		t.Errorf("seatrial %s: %v\n%s", command, err, out)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("after seatrial %s there is\n%s\nbefore there was\n%s", command, after, before)
	}

	for value, want := range map[string]string{"always": "SEATRIAL_KEEP=\"always\" is not failed, all", "all:soon": `"soon" is not a time like 30m`} {
		t.Setenv("SEATRIAL_KEEP", value)
		mustFail(t, want, func(t seatrial.T) { seatrial.Artifacts(t) })
	}
}
