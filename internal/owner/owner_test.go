// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	noon  = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	self  = Process{User: "1000", Boot: "b00t", Space: "4026531836", PID: 10, Start: "1"}
	maker = Process{User: "1000", Boot: "b00t", Space: "4026531836", PID: 20, Start: "2"}
	tuple = Tuple{Kind: Container, Name: "orders-db-abc", Run: "run1", Test: "TestX", Scope: "scope1", Process: maker, Until: noon.Add(time.Hour)}
)

// with returns labels with some of them changed, or, if the value is "-", left out.
func with(labels map[string]string, changes ...string) map[string]string {
	c := maps.Clone(labels)
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "-" {
			delete(c, changes[i])
		} else {
			c[changes[i]] = changes[i+1]
		}
	}
	return c
}

func TestReadIsTheInverseOfLabels(t *testing.T) {
	got, ok := Read(tuple.Kind, tuple.Name, tuple.Labels())
	if !ok || !cmp.Equal(got, tuple) {
		t.Errorf("Read = %+v, %v, want %+v", got, ok, tuple)
	}
}

func TestReadWantsTheWholeTuple(t *testing.T) {
	exact := tuple.Labels()
	numbered := tuple.On(Container, "orders-abc-db"+Replica).Labels()
	named := tuple.On(Container, "orders-abc-web"+Or+"orders-abc-db"+Replica).Labels()
	tests := []struct {
		about      string
		kind, name string
		labels     map[string]string
		want       bool
	}{
		{"its own labels", Container, "orders-db-abc", exact, true},
		{"labels inherited by another container", Container, "other", exact, false},
		{"a name that begins alike", Container, "orders-db-abc-2", exact, false},
		{"labels inherited by another kind", Volume, "orders-db-abc", exact, false},
		{"none", Container, "orders-db-abc", nil, false},
		{"no kind", Container, "orders-db-abc", with(exact, LabelKind, "-"), false},
		{"no name", Container, "", with(exact, LabelName, "-"), false},
		{"no run", Container, "orders-db-abc", with(exact, LabelRun, "-"), false},
		{"no scope", Container, "orders-db-abc", with(exact, LabelScope, "-"), false},
		{"no process", Container, "orders-db-abc", with(exact, LabelProcess, "-"), false},
		{"no end", Container, "orders-db-abc", with(exact, LabelUntil, "-"), false},
		{"a broken process", Container, "orders-db-abc", with(exact, LabelProcess, "1000:b00t:0:x:1"), false},
		{"process 0", Container, "orders-db-abc", with(exact, LabelProcess, "1000:b00t:0:0:1"), false},
		{"a broken end", Container, "orders-db-abc", with(exact, LabelUntil, "tomorrow"), false},
		{"a broken pattern", Container, "[", with(exact, LabelName, "["), false},
		{"an image of ours", Image, "localhost/seatrial/x:1", ImageLabels(), false},
		{"numbered by Compose", Container, "orders-abc-db-1", numbered, true},
		{"named by the files", Container, "orders-abc-web", named, true},
		{"named by the files, while it replaces another", Container, "0123456789ab_orders-abc-web", named, true},
		{"one-off of what the files name", Container, "orders-abc-db-run-0123", named, true},
		{"named by a user after what the files name", Container, "orders-abc-web-1", named, false},
		{"one-off of Compose", Container, "orders-abc-db-run-0123", numbered, true},
		{"of Compose, while it replaces another", Container, "0123456789ab_orders-abc-db-1", numbered, true},
		{"of Compose, and replaces nothing", Container, "x_orders-abc-db-1", numbered, false},
		{"named by a user after one that is numbered", Container, "orders-abc-db-1-debug", numbered, false},
		{"named by a user after a service", Container, "orders-abc-db-copy", numbered, false},
		{"numbered, another service", Container, "orders-abc-cache-1", numbered, false},
		{"a name of Compose's", Network, "net_orders-abc_x", tuple.On(Network, "*orders-abc*").Labels(), true},
	}
	for _, test := range tests {
		if _, got := Read(test.kind, test.name, test.labels); got != test.want {
			t.Errorf("%s: Read(%q, %q, %v) = %v, want %v", test.about, test.kind, test.name, test.labels, got, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	process := func(change func(*Process)) string {
		p := maker
		change(&p)
		return p.String()
	}
	past := noon.Add(-time.Minute).Format(time.RFC3339)
	elsewhere := process(func(p *Process) { p.Boot = "other" })
	container := process(func(p *Process) { p.Space = "4026532000" }) // same boot id, same pid
	tests := []struct {
		about  string
		labels map[string]string
		alive  bool
		kept   time.Duration // from noon; 0 means not kept
		want   Verdict
	}{
		{"a living owner", tuple.Labels(), true, 0, Living},
		{"a living owner, though its time is over", with(tuple.Labels(), LabelUntil, past), true, 0, Living},
		{"a dead owner", tuple.Labels(), false, 0, Dead},
		{"another user's", with(tuple.Labels(), LabelProcess, process(func(p *Process) { p.User = "1001" })), false, 0, NotOurs},
		{"another user's, long ago", with(tuple.Labels(), LabelUntil, past, LabelProcess, process(func(p *Process) { p.User = "0" })), false, 0, NotOurs},
		{"another machine's", with(tuple.Labels(), LabelProcess, elsewhere), false, 0, Living},
		{"another machine's, its time over", with(tuple.Labels(), LabelProcess, elsewhere, LabelUntil, past), false, 0, Dead},
		{"another container's", with(tuple.Labels(), LabelProcess, container), false, 0, Living},
		{"another container's, its time over", with(tuple.Labels(), LabelProcess, container, LabelUntil, past), false, 0, Dead},
		{"nobody knows the machine", with(tuple.Labels(), LabelProcess, process(func(p *Process) { p.Boot = "" })), false, 0, Living},
		{"kept", tuple.Labels(), false, time.Hour, Living},
		{"kept, its time over", tuple.Labels(), false, -time.Hour, Dead},
		{"inherited", with(tuple.Labels(), LabelName, "other"), false, 0, NotOurs},
	}
	for _, test := range tests {
		j := Judge{Self: self, Now: noon, Alive: func(p Process) bool { return test.alive && p.PID == maker.PID }}
		if test.kept != 0 {
			j.Kept = map[string]time.Time{"scope1": noon.Add(test.kept)}
		}
		if got, why := j.Judge(Container, "orders-db-abc", test.labels); got != test.want || why == "" {
			t.Errorf("%s: Judge = %v because %q, want %v", test.about, got, why, test.want)
		}
	}
}

func TestJudgeOfRecords(t *testing.T) {
	j := Judge{Self: self, Now: noon, Alive: func(Process) bool { return false }}
	record := tuple.On(Record, "seatrial-kept-x")
	for until, want := range map[time.Time]Verdict{noon.Add(time.Hour): Living, noon.Add(-time.Hour): Dead} {
		record.Until = until
		if got, why := j.Judge(Record, record.Name, record.Labels()); got != want {
			t.Errorf("record until %v: Judge = %v because %q, want %v", until, got, why, want)
		}
	}
}

func TestOwned(t *testing.T) {
	j := Judge{Kept: map[string]time.Time{"kept1": noon}}
	kept := tuple
	kept.Scope = "kept1"
	tests := []struct {
		about, run, kind, name string
		labels                 map[string]string
		want                   bool
	}{
		{"of the run", "run1", Container, "orders-db-abc", tuple.Labels(), true},
		{"of another run", "run2", Container, "orders-db-abc", tuple.Labels(), false},
		{"no run asked for", "", Container, "orders-db-abc", with(tuple.Labels(), LabelRun, ""), false},
		{"kept", "run1", Container, "orders-db-abc", kept.Labels(), false},
		{"record", "run1", Record, "r", tuple.On(Record, "r").Labels(), false},
	}
	for _, test := range tests {
		if got := j.Owned(test.run, test.kind, test.name, test.labels); got != test.want {
			t.Errorf("%s: Owned = %v, want %v", test.about, got, test.want)
		}
	}
}

func TestName(t *testing.T) {
	tests := []struct{ test, role, id, want string }{
		{"TestOrders", "db", "abc", "orders-db-abc"},
		{"TestOrders/two_copies at once!", "", "abc", "orders-two-copies-at-abc"},
		{"TestÄ", "ö", "abc", "abc"},
		{"BenchmarkUp", "a/b:c", "abc", "benchmarkup-a-b-c-abc"},
	}
	for _, test := range tests {
		if got := Name(test.test, test.role, test.id); got != test.want {
			t.Errorf("Name(%q, %q, %q) = %q, want %q", test.test, test.role, test.id, got, test.want)
		}
	}
}

func TestNamesAreUniqueAndFit(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	seen := map[string]bool{}
	for range 10000 {
		name := Name("TestAVeryLongNameIndeed/with_subtests/and_more", "and-a-long-role", NewID())
		if !form.MatchString(name) {
			t.Fatalf("name %q does not match %v", name, form)
		}
		if seen[name] {
			t.Fatalf("name %q came twice", name)
		}
		seen[name] = true
	}
}
