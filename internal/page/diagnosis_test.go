// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// inspectOf is what the engine says of a container in networks of its own.
func inspectOf(name, state, more string, networks ...string) string {
	var in []string
	for _, n := range networks {
		in = append(in, fmt.Sprintf("%q: {}", n))
	}
	return fmt.Sprintf(`{"Name": "/%s", "Config": {%s}, "State": {%s}, "NetworkSettings": {"Networks": {%s}}}`, name, more, state, strings.Join(in, ", "))
}

// pageOf makes the page of these files.
func pageOf(t *testing.T, files map[string]string) (*Evidence, string) {
	t.Helper()
	e, err := Read(writeDir(t, files), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	return e, b.String()
}

// The card of a service says what the failure says of it, and looks like it.
func TestDiagnosis(t *testing.T) {
	t.Parallel()
	const running, unhealthy = `"Status": "running"`, `"Status": "running", "Health": {"Status": "unhealthy"}`
	for about, tt := range map[string]struct {
		failure, timeline string
		state, config     string
		want              string // the first card
		note              string
	}{
		"a wait": {failure: "a_test.go:7: starting a.yaml: api did not answer http :8080/ within 15s; nothing listens on 8080 inside (listening: 8081); its log says: x", state: running,
			want: "api: running: did not answer http :8080/ within 15s; nothing listens on 8080 inside (listening: 8081): true"},
		"a wait for something": {failure: "a_test.go:7: waiting for exit 0 of api: it still runs", state: running, want: "api: running: it still runs: true"},
		"a command": {failure: `a_test.go:7: running "/app re in db" in api: exited with code 1: dial tcp: lookup db on 127.0.0.11:53: no such host`, state: running,
			want: `api: running: "/app re in db" exited with code 1: true`,
			note: "api is in network back, db in network front: a name is found only by containers of the same network."},
		"who does not run": {failure: `a_test.go:7: api exited with code 1: getaddrinfo ENOTFOUND old`, state: `"Status": "exited", "ExitCode": 1`, want: "api: exited 1: : true",
			note: "old does not run: a name is found only while its container does."},
		"another network, of no matter":   {failure: `a_test.go:7: running "x" in api: exited with code 1: db: connection refused`, state: running, want: `api: running: "x" exited with code 1: true`},
		"what the engine says":            {failure: "a_test.go:7: api exited with code 3: no licence", state: `"Status": "exited", "ExitCode": 3`, want: "api: exited 3: : true"},
		"an end a moment later":           {failure: "a_test.go:7: want 2, got 3", timeline: "container api has started\ncontainer api has ended with code 0\ncontainer api has started\ncontainer api has ended with code 4\n", state: running, want: "api: running: ended with code 4 a moment later: true"},
		"an end before":                   {failure: "a_test.go:7: want 2, got 3", timeline: "container api has started\ncontainer api has ended with code 4\ncontainer api has started\n", state: running, want: "api: running: : false"},
		"the clean-up":                    {failure: "a_test.go:7: want 2, got 3", timeline: "container api has started\ncontainer api was killed at the end of the test\n", state: running, want: "api: running: : false"},
		"a clean-up that does not say so": {failure: "a_test.go:7: want 2, got 3", timeline: "container api has started\nthe test has ended\ncontainer api has ended with code 137\n", state: running, want: "api: running: : false"},
		"a health check":                  {failure: "a_test.go:7: starting a.yaml: api is unhealthy; its health check printed: curl: not found", state: unhealthy, config: `"Healthcheck": {"Test": ["CMD-SHELL", "curl -fs http://localhost || exit 1"]}`, want: "api: running, unhealthy: : true"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			timeline := ""
			for line := range strings.Lines(tt.timeline) {
				timeline += "15:04:05.000     0.000s  " + line
			}
			e, page := pageOf(t, map[string]string{"failure.txt": tt.failure + "\n", "timeline.txt": timeline,
				"api.inspect.json": inspectOf("api", tt.state, tt.config, "back"), "db.inspect.json": inspectOf("db", running, "", "front"), "old.inspect.json": inspectOf("old", `"Status": "exited"`, "", "back")})
			s := e.Services[0]
			if got := fmt.Sprint(s.Name, ": ", s.State, ": ", s.Wrong, ": ", s.Bad()); got != tt.want || e.Note != tt.note {
				t.Errorf("the first service is %s, note %q; want %s, %q", got, e.Note, tt.want, tt.note)
			}
			if tt.config != "" && !strings.Contains(page, "<code>curl -fs http://localhost || exit 1</code>") {
				t.Errorf("the page does not show the health check")
			}
		})
	}
}

// Of a task that runs it is its own attempt that counts.
func TestDiagnosisOfAttempts(t *testing.T) {
	t.Parallel()
	inspect := func(task string) string {
		return `{"Name": "/x", "Config": {"Labels": {"com.docker.swarm.task.id": "` + task + `"}}, "State": {"Status": "running"}}`
	}
	e, _ := pageOf(t, map[string]string{
		"failure.txt": "a_test.go:7: failed\n", "web.1.inspect.json": inspect("t1"), "web.1.inspect~2.json": inspect("t2"),
		"shop.tasks.json": `{"tasks": [{"name": "web.1", "attempt": 1, "task": {"ID": "t1", "State": "running"}}, {"name": "web.1", "attempt": 2, "task": {"ID": "t2", "State": "running"}}]}`,
		"timeline.txt": "15:04:05.000  0.000s  container web.1 has started\n15:04:05.000  0.000s  container web.1 was stopped, code 0\n" +
			"15:04:05.000  0.000s  container web.1 has started\n15:04:05.000  0.000s  container web.1 has ended with code 2\n",
	})
	got := ""
	for _, s := range e.Services {
		got += s.Name + ": " + s.Wrong + "\n"
	}
	if want := "web.1 (attempt 2): ended with code 2 a moment later\nweb.1 (attempt 1): \n"; got != want {
		t.Errorf("services\n%swant\n%s", got, want)
	}
}

// What an update was to change is shown line by line, whichever names the files have.
func TestChanges(t *testing.T) {
	t.Parallel()
	const before, after = "a\nb\nenv: ADDR\nc\nd\ne\n", "a\nb\nenv: ADDR\nversion: 2\nc\nd\n"
	const want = "@@ -1,6 +1,6 @@\n a\n b\n env: ADDR\n+version: 2\n c\n d\n-e\n"
	for about, tt := range map[string]struct {
		failure string
		files   map[string]string
		want    []Change
	}{
		"another file": {"a_test.go:7: updating shop/compose.next.yaml: it died", map[string]string{"shipped-1-compose.yaml": before, "shipped-1-compose.next.yaml": after},
			[]Change{{"shipped-1-compose.yaml", "shipped-1-compose.next.yaml", want}}},
		"the same file": {"a_test.go:7: updating shop/compose.yaml: it died", map[string]string{"shipped-1-compose.yaml": before, "shipped-1-compose~2.yaml": after},
			[]Change{{"shipped-1-compose.yaml", "shipped-1-compose~2.yaml", want}}},
		"two files of a project": {"a_test.go:7: starting compose.yaml, db.yaml: it died", map[string]string{"shipped-1-compose.yaml": before, "shipped-2-db.yaml": after}, nil},
		"who knows":              {"a_test.go:7: it died", map[string]string{"shipped-1-a.yaml": before, "shipped-1-b.yaml": after}, nil},
		"nothing":                {"a_test.go:7: updating a.yaml: it died", map[string]string{"shipped-1-a.yaml": before, "shipped-1-b.yaml": before}, nil},
	} {
		tt.files["failure.txt"] = tt.failure + "\n"
		e, _ := pageOf(t, tt.files)
		if got := e.Changes(); fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: changes %q, want %q", about, got, tt.want)
		}
	}
}

// Files that people look at come first, the others are folded; the message leads to them, and
// the time line says all of it.
func TestPanels(t *testing.T) {
	t.Parallel()
	cause := "building Dockerfile:4: " + strings.Repeat("COPY ", 40) + ": app.json is hidden by .dockerignore:2 (*.json)"
	e, page := pageOf(t, map[string]string{
		"failure.txt":  "a_test.go:7: " + cause + "\n    the whole log: /ci/out/build-shop.log\n",
		"timeline.txt": "15:04:05.000     0.000s  FAILED: a_test.go:7: " + cause[:140] + " …\n",
		"about.txt":    "x\n", "owner.yaml": "x\n", "tailored.yaml": "x\n", "web.inspect.json": inspectOf("web", `"Status": "running"`, ""), "web.stats.txt": "x\n",
		"build-shop.log": "x\n", "own.txt": "x\n", "build-shop.Dockerfile": "x\n", "build-shop.dockerignore": "x\n", "shipped-1-compose.yaml": "x\n",
		"plan.txt": "one\n", "plan.diff": "+one\n", "plan~2.txt": "one\n", "plan~2.diff": "+one\n", "plan~3.txt": "three\n",
	})
	if got := e.Times()[0].Text; !strings.HasSuffix(got, "(*.json)") {
		t.Errorf("the time line says %q", got)
	}
	at := 0
	for _, want := range []string{`<a href="#file-build-shop.log">build-shop.log</a>`, `id="file-shipped-1-compose.yaml"`, `id="file-build-shop.Dockerfile"`, `id="file-build-shop.dockerignore"`,
		"in the shipped files for this test", "in the shipped files after an update (3)", `id="file-build-shop.log"`, `id="file-own.txt"`, "5 more files",
		`id="file-about.txt"`, `id="file-web.stats.txt"`, `id="file-owner.yaml"`, `id="file-tailored.yaml"`, `id="file-web.inspect.json"`} {
		next := strings.Index(page[at:], want)
		if next < 0 {
			t.Errorf("after %.60q there is no %q", page[at:], want)
			continue
		}
		at += next
	}
	if strings.Contains(page, "update (2)") {
		t.Error("a plan that is the one before is shown again")
	}
	if describeKind("owner.yaml") == describeKind("tailored.yaml") {
		t.Error("two files are for the same")
	}
}
