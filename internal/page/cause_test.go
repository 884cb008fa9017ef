// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"
	"strings"
	"testing"
)

// People read first why, and below it where.
func TestSplit(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][2]string{
		"a_test.go:7: starting deploy/compose.yaml: db exited with code 3: no space left":         {"a_test.go:7, starting deploy/compose.yaml", "db exited with code 3: no space left"},
		"a_test.go:7: running m of compose.yaml: tailoring compose.yaml: it cannot run isolated":  {"a_test.go:7, running m of compose.yaml, tailoring compose.yaml", "it cannot run isolated"},
		`a_test.go:7: running "psql -c \"a: b\"" in db: exited with code 1: no such table`:        {"a_test.go:7", `"psql -c \"a: b\"" in db exited with code 1: no such table`},
		"a_test.go:7: billing exited with code 1: 2026/11/29 18:51:35 KEY is not set":             {"a_test.go:7", "billing exited with code 1: KEY is not set"},
		"deploying s.yaml: service web: task web.1: exited with code 1: [2026-11-29T18:51:35Z] x": {"deploying s.yaml", "service web: task web.1: exited with code 1: x"},
		"a_test.go:7, called at a_test.go:40: starting compose.yaml: web is unhealthy":            {"a_test.go:7, called at a_test.go:40, starting compose.yaml", "web is unhealthy"},
		"starting compose.yaml":  {"", "starting compose.yaml"},
		byItselfText:             {"", byItselfText},
		"":                       {"", ""},
		`running "a: b`:          {"", `running "a: b`},
		"a_test.go:7: web: gone": {"a_test.go:7", "web: gone"},
	} {
		if where, cause := split(message); where != want[0] || cause != want[1] {
			t.Errorf("%s\nis split into %q, %q, want %q", message, where, cause, want)
		}
	}
}

const byItselfText = "The test failed by a check of its own: what it says is in the output of go test."

// Of lines without a level, those that speak of trouble are errors; of others, the level decides.
func TestLevel(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"ERROR disk full": "error", "WARN slow": "warn", "DEBUG pool": "debug", "listening": "",
		`rates: Get "https://rates": tls: failed to verify certificate`: "error", "INFO 3 requests failed": "",
		`LOG:  background worker "launcher" exited with exit code 1`: "", `level=info msg="no such key"`: "",
		`{"level":"info","msg":"0 errors, none failed"}`: "", "dial tcp: connection refused": "error",
	} {
		if got := level(line); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// Containers of a swarm have the names of their tasks, with the attempt if there were several,
// and a task is shown once.
func TestTasks(t *testing.T) {
	t.Parallel()
	inspect := func(task, state string) string {
		return `{"Name": "/shop_web.1.x", "Config": {"Labels": {"com.docker.swarm.task.id": "` + task + `"}}, "State": {"Status": "` + state + `", "ExitCode": 1}, "HostConfig": {"Memory": 134217728}, "NetworkSettings": {"Networks": {"front": {"IPAddress": "10.0.0.` + task[1:] + `"}}}}`
	}
	e, err := Read(writeDir(t, map[string]string{
		"failure.txt": "deploying stack.yaml: service web: task web.1 on manager1: exited with code 1: 2026/01/02 15:05:05 the key is odd\n",
		"merged.log":  "2026-01-02T15:05:05Z web.1 err 2026/01/02 15:05:05 the key is odd\n2026-01-02T15:05:05Z web.1 err the key\n",
		"shop.tasks.json": `{"tasks": [` + strings.Repeat(`{"name": "db.2", "attempt": 1, "node": "elsewhere", "task": {"State": "running"}},`, mostTasks) + `
			{"name": "web.1", "attempt": 2, "node": "manager1", "task": {"ID": "t2", "State": "failed", "Error": "task: non-zero exit (1)"}},
			{"name": "web.1", "attempt": 1, "node": "manager1", "task": {"ID": "t1", "State": "failed", "Error": "task: non-zero exit (1)"}},
			{"name": "web.2", "attempt": 1, "node": "worker1", "task": {"ID": "t9", "State": "rejected", "Error": "No such image"}},
			{"name": "web.1", "attempt": 3, "node": "manager1", "task": {"ID": "t3", "State": "running"}},
			{"name": "db.1", "attempt": 1, "node": "manager1", "task": {"ID": "t4", "State": "running"}}]}`,
		"web.1.inspect.json":   strings.Replace(inspect("t1", "exited"), `"ExitCode"`, `"OOMKilled": true, "ExitCode"`, 1),
		"web.1.inspect~2.json": inspect("t2", "exited"),
		"web.1.inspect~3.json": inspect("t3", "running"),
		"db.1.inspect.json":    inspect("t4", "running"),
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range e.Services {
		got = append(got, s.Name+": "+s.State)
	}
	want := []string{
		"web.1 (attempt 2): failed on manager1: task: non-zero exit (1)",
		"web.1 (attempt 1): failed on manager1: task: non-zero exit (1), out of memory",
		"web.2: rejected on worker1: No such image",
		"db.1: running on manager1",
		"web.1 (attempt 3): running on manager1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("services\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := e.describe("web.1.inspect~2.json"); !strings.HasPrefix(got, "web.1 (attempt 2): what the engine knew") {
		t.Errorf("the second file about web.1 is said to be %q", got)
	}
	if got := e.Services[0].Limit; got != "memory limit 128 MiB" {
		t.Errorf("limit %q", got)
	}
	if a, b := e.Log.Lines[0].Level, e.Log.Lines[1].Level; a != "error" || b != "error" && b != "" {
		t.Errorf("the line that the failure quotes has level %q", a)
	}
}

// Codes of terminals are no text, and no way past the mask.
func TestPlain(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "secret", "[hidden]") }
	e, err := Read(writeDir(t, map[string]string{
		"failure.txt": "building x: \x1b[33mno such file\x1b[0m\n",
		"merged.log":  "2026-01-02T15:05:05Z web out \x1b[1;32mse\x1b[0mcret\x1b]0;title\x07 is it\n",
		"plan.txt":    "one\n", "plan~2.txt": "two\n", "plan~2.diff": "+two\n", "plan~9999999999.txt": "far\n",
	}), mask)
	if err != nil {
		t.Fatal(err)
	}
	if e.Cause() != "no such file" || e.Log.Lines[0].Text != "[hidden] is it" {
		t.Errorf("cause %q, line %q", e.Cause(), e.Log.Lines[0].Text)
	}
	if len(e.Plans) != mostPlans || e.Plans[0].Text != "one\n" || e.Plans[1] != (Plan{"two\n", "+two\n"}) {
		t.Errorf("plans %q", e.Plans)
	}
}
