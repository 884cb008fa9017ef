// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
)

const hostile = `</script><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`

func writeDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func merged(lines int) string {
	var b strings.Builder
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for i := range lines {
		level := []string{"INFO", "INFO", "DEBUG", "WARN", "ERROR"}[i%5]
		fmt.Fprintf(&b, "%s %s %s %s request %d answered in %dms\n", at.Add(time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano),
			[]string{"web", "db", "queue"}[i%3], []string{"out", "err"}[i%2], level, i, i%400)
	}
	return b.String()
}

var failed = map[string]string{
	"failure.txt":      "order_test.go:17: waiting for exit 0: exited with code 3\n    | column \"sku\" already exists\n",
	"timeline.txt":     "15:04:04.011     0.011s  image web found\n15:04:05.204     1.204s  container web ready\n15:04:07.120     3.120s  " + hostile + "\n",
	"merged.log":       merged(200) + "2026-01-02T15:05:05Z web err " + hostile + "\n",
	"plan.txt":         "compose.yaml:7: port 8080 is leased\n",
	"web.inspect.json": `{"Name": "/web", "Config": {"Labels": {"com.docker.compose.project": "shop-1"}}, "State": {"Status": "exited", "ExitCode": 3, "Health": {"Status": "unhealthy"}}, "NetworkSettings": {"Networks": {"shop-1_front": {}, "back": {"IPAddress": "10.0.0.3"}}, "Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "23923"}]}}}`,
	"db.inspect.json":  `{"Name": "/db", "State": {"Status": "running"}, "NetworkSettings": {"Networks": {"back": {"IPAddress": "10.0.0.2"}}}}`,
	"api.tasks.json":   `{"tasks": [{"name": "api.1", "attempt": 2, "node": "worker", "task": {"State": "failed", "Error": "task: non-zero exit (3)"}}, {"name": "api.1", "attempt": 3, "task": {"State": "running"}}]}`,
	"web.usage.csv":    "time,memory,processors\n15:04:05.000,1048576,0.000\n15:04:06.000,3145728,0.500\nnonsense\n",
	"plan.diff":        "@@ compose.yaml:7 @@\n-8080:80\n+127.0.0.1::80\n",
	"own.txt":          hostile,
	"about.txt":        "test       TestA\nrepeat it  cd /src && go test -run '^TestA$' .\nrun        a1b2\n",
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := writeDir(t, failed)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("elsewhere"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	e, err := Make(dir, func(text string) string { return strings.ReplaceAll(text, "23923", "[hidden]") })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(e.Failure, "order_test.go:17") || len(e.Timeline) != 3 || e.Timeline[1] != (Event{At: "15:04:05.204", After: "1.204s", Text: "container web ready"}) {
		t.Errorf("failure %q, time line %q", e.Failure, e.Timeline)
	}
	var services []string
	for _, s := range e.Services { // what went wrong comes first
		services = append(services, fmt.Sprint(s.Name, ": ", s.State, s.Networks, s.Ports, len(s.Usage.At)))
	}
	want := []string{
		"api.1 (attempt 2): failed on worker: task: non-zero exit (3)[] [] 0",
		"web: exited 3, unhealthy[back front] [8080/tcp ← 127.0.0.1:[hidden]] 2",
		"db: running[back] [] 0",
	}
	if !slices.Equal(services, want) {
		t.Errorf("services\n%q, want\n%q", services, want)
	}
	if got, want := fmt.Sprint(e.Networks), "[{back [db 10.0.0.2 web 10.0.0.3]} {front [web]}]"; got != want {
		t.Errorf("networks %s, want %s", got, want)
	}
	if got := e.Log.Lines[4]; got != (Line{time.Date(2026, 1, 2, 15, 4, 5, 4e6, time.UTC).UnixMilli(), 1, false, "error", "ERROR request 4 answered in 4ms"}) {
		t.Errorf("line 4 is %+v", got)
	}
	content, err := os.ReadFile(filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"elsewhere", "<img", "23923", "ZgotmplZ"} {
		if bytes.Contains(content, []byte(bad)) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, good := range []string{`<polyline points="0.0,26.3 300.0,1.0"/>`, "memory, at most 3 MiB", `<span class="was">-8080:80`, `<h2>exited with code 3</h2><p class="where">order_test.go:17, waiting for exit 0</p>`} {
		if !bytes.Contains(content, []byte(good)) {
			t.Errorf("the page lacks %q", good)
		}
	}
	if n := bytes.Count(content, []byte("</script>")); n != 2 {
		t.Errorf("the page has %d ends of scripts, want 2", n)
	}
}

// What is cut is said: lines, long lines, files.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	e, err := Read(writeDir(t, map[string]string{
		"web.out": strings.Repeat("x\n", 2*MostLines+5) + "the last\n", "db.err": strings.Repeat("y", 3*mostLine) + "\n",
		"long.json": strings.Repeat("z", mostFile+1), "timeline.txt": "",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(e.Log.Lines); got != MostLines || e.Log.Lines[got-1].Text != "the last" {
		t.Errorf("%d lines, the last is %q", got, e.Log.Lines[got-1].Text)
	}
	for _, said := range []string{"of the logs the last lines are shown", "long.json: its first 262144 of 262145 bytes are shown"} {
		if !slices.Contains(e.Cut, said) {
			t.Errorf("not said: %s; but %q", said, e.Cut)
		}
	}
	e, err = Read(writeDir(t, map[string]string{"db.err": strings.Repeat("y", 3*mostLine) + "\n"}), nil)
	if err != nil || len(e.Log.Lines) != 1 || !strings.HasSuffix(e.Log.Lines[0].Text, "y … (8193 bytes more)") {
		t.Errorf("a long line ends as %v, %v", e.Log.Lines, err)
	}
}

// A time line that goes no further is of a test that was cut off, unless the test failed before.
func TestCutOff(t *testing.T) {
	t.Parallel()
	const begun = "15:04:05.000     0.000s  container web has started\n"
	for about, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"cut off":      {map[string]string{"timeline.txt": begun}, " did not end: go test -timeout or a kill ended it\n    the last line of its time line: 15:04:05.000 container web has started"},
		"failed":       {map[string]string{"timeline.txt": begun, "failure.txt": "it died\n"}, "it died"},
		"ended":        {map[string]string{"timeline.txt": begun + "15:04:06.000     1.000s  " + artifact.Over + "\n15:04:06.001     1.001s  everything removed\n"}, ""},
		"shared":       {map[string]string{"timeline.txt": begun + "15:04:06.000     1.000s  " + artifact.Shared + "\n15:04:06.001     1.001s  container web has ended with code 1\n"}, ""},
		"no time line": {map[string]string{"own.txt": "x"}, ""},
	} {
		e, err := Read(writeDir(t, tt.files), nil)
		if err != nil {
			t.Fatal(err)
		}
		if cutOff := about == "cut off"; strings.TrimPrefix(e.Failure, e.Test) != tt.want || e.Unended != cutOff {
			t.Errorf("%s: failure %q, cut off %v, want %q", about, e.Failure, e.Unended, tt.want)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"b", "a/c", "none"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"b/failure.txt", "a/c/timeline.txt", "none/x"} {
		if err := os.WriteFile(filepath.Join(root, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := All(root)
	if want := []string{filepath.Join(root, "a/c"), filepath.Join(root, "b")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("All = %v, %v, want %v", got, err, want)
	}
}

// The time line shows what went wrong, and sets the clean-up apart.
func TestTimes(t *testing.T) {
	t.Parallel()
	e, err := Read(writeDir(t, map[string]string{"timeline.txt": `15:04:05.000     0.000s  container web has started
15:04:05.000     0.000s  container job has ended with code 0
15:04:05.000     0.000s  container web has ended with code 137
15:04:05.000     0.000s  the test has ended
15:04:05.000     0.000s  FAILED: a_test.go:1: it died
15:04:05.000     0.000s  container db has ended with code 137
`}), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range e.Times() {
		got = append(got, line.Class)
	}
	if want := []string{"", "", "bad", "", "bad", "over"}; !slices.Equal(got, want) {
		t.Errorf("classes %q, want %q", got, want)
	}
}

// A container that has the name of another one is told from it.
func TestContainerOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"web.1.inspect.json": "web.1", "web.1.inspect~2.json": "web.1~2", "web.json": "", "web.inspect.json.txt": "", ".inspect.json": "", "web.usage.csv": "",
	} {
		if got := containerOf(name, "inspect.json"); got != want {
			t.Errorf("%s is about %q, want %q", name, got, want)
		}
	}
}

func TestEvidenceForReaders(t *testing.T) {
	t.Parallel()
	e, err := Read(writeDir(t, failed), nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.Test != "TestA" || e.Repeat != "cd /src && go test -run '^TestA$' ." || e.Cause() != "exited with code 3" || e.Where() != "order_test.go:17, waiting for exit 0" || e.Rest() != "| column \"sku\" already exists" {
		t.Errorf("test %q, repeat %q, cause %q, where %q, rest %q", e.Test, e.Repeat, e.Cause(), e.Where(), e.Rest())
	}
	var names []string
	for _, f := range e.Shown() {
		names = append(names, f.Name)
	}
	if want := []string{"own.txt", "api.tasks.json", "about.txt", "db.inspect.json", "web.inspect.json"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}
