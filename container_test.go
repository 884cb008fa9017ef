// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// getNow asks a server that must be listening by now.
func getNow(t *testing.T, url string) string {
	t.Helper()
	body, err := request(http.MethodGet, url, "")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// get asks a server that may only have been started: until it listens, the
// engine's proxy ends every connection.
func get(t *testing.T, url string) string {
	t.Helper()
	return retry(t, http.MethodGet, url, "")
}

func put(t *testing.T, url, content string) {
	t.Helper()
	retry(t, http.MethodPut, url, content)
}

func retry(t *testing.T, method, url, content string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		body, err := request(method, url, content)
		if err == nil {
			return body
		}
		ended := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, io.EOF)
		if !ended || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func request(method, url, content string) (string, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(content))
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && method == http.MethodPut && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("PUT %s: %s", url, resp.Status)
	}
	return string(body), err
}

func TestRun(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{
		Image: img.Ref, Name: "server", Command: []string{"-print", "!to stderr", "-serve", ":8080", "-farewell", "bye"},
		Env: map[string]string{"GREETING": "hello $USER"}, Ports: []int{8080},
		Ready: wait.HTTP(8080, "/health"),
	})
	if got, want := getNow(t, c.URL(t, 8080)+"/env?GREETING"), "hello $USER"; got != want {
		t.Errorf("GREETING inside = %q, want %q", got, want)
	}
	if !strings.HasPrefix(c.Addr(t, 8080), "127.0.0.1:") {
		t.Errorf("Addr = %q, want one on 127.0.0.1", c.Addr(t, 8080))
	}

	// A line of the first life does not count in the second.
	c.Wait(t, wait.Log("listening"))
	c.Restart(t)
	c.Wait(t, wait.Log("listening"), wait.HTTP(8080, "/health"))
	getNow(t, c.URL(t, 8080)+"/say?line=second+life")
	c.Wait(t, wait.Log("second life"))
	c.Restart(t)
	fails := mustFailIn(t, 7*time.Second, `waiting for log "second life" of server: not within`, func(t seatrial.T) {
		c.Wait(t, wait.Log("second life"))
	})
	if !strings.Contains(fails.Errors(), "| second life") {
		t.Errorf("the error does not show the last lines:\n%s", fails.Errors())
	}
	dir := seatrial.Artifacts(t)
	for _, file := range []struct{ name, want string }{
		{"server.out", "listening on :8080\nbye\nlistening on :8080\nsecond life\nbye\nlistening on :8080\n"},
		{"server.err", "to stderr\nto stderr\nto stderr\n"},
	} {
		c.Wait(t, wait.Log("listening"))
		got, err := os.ReadFile(filepath.Join(dir, file.name))
		if err != nil || string(got) != file.want {
			t.Errorf("%s = %q, %v, want %q", file.name, got, err, file.want)
		}
	}
}

func TestRunForeground(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "0041 ok", "-exit", "0"}})
	c.Wait(t, wait.Exit(0))
	if got, want := c.Logs(t), "0041 ok\n"; got != want {
		t.Errorf("Logs = %q, want %q", got, want)
	}
	mustFail(t, "waiting for exit 0 of migrate: exited with code 3", func(t seatrial.T) {
		c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "0042 exists", "-exit", "3"}, ExitCodes: []int{3}})
		c.Wait(t, wait.Exit(0))
	})
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	img := probe(t)
	tests := []struct {
		about, want string
		spec        spec.Container
	}{
		{"exits while waited for", "waiting for http :8080/health of srv: exited with code 7",
			spec.Container{Command: []string{"-after", "300ms", "-exit", "7"}, Ports: []int{8080}, Ready: wait.HTTP(8080, "/health")}},
		{"log never comes", `waiting for log "never" of srv: exited with code 0`,
			spec.Container{Command: []string{"-print", "x"}, Ready: wait.Log("never")}},
		{"command missing", "running srv: ", spec.Container{Entrypoint: []string{"/no/such"}}},
		{"no health check", "waiting for healthy of srv: has no health check",
			spec.Container{Command: []string{"-after", "1m"}, Ready: wait.Healthy()}},
		{"port not published", "looking up port 8080 of srv: it is not published; published are none",
			spec.Container{Command: []string{"-serve", ":8080"}, Ready: wait.HTTP(8080, "/health")}},
		{"bad pattern", `running a container: Ready: log "(": error parsing regexp`, spec.Container{Command: []string{"-serve", ":8080"}, Ready: wait.Log("(")}},
		{"bad port", "running a container: Ports: 70000 is not from 1 to 65535", spec.Container{Ports: []int{70000}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			s := test.spec
			s.Image, s.Name = img.Ref, "srv"
			mustFail(t, test.want, func(t seatrial.T) { seatrial.Run(t, s) })
		})
	}
	t.Run("image of ours missing", func(t *testing.T) {
		mustFail(t, "does not have it", func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: "localhost/seatrial/none:0"})
		})
	})
}

func TestFailureLeavesEvidence(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.Run(r, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "!boom", "-exit", "2"}, Ready: wait.Log("x")})
	})
	_, dir, ok := strings.Cut(r.Logs(), "artifacts: ")
	if !ok {
		t.Fatalf("a failed test does not say where its artifacts are:\n%s", r.Logs())
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, want := range map[string]string{
		"srv.err": "boom\n", "srv.inspect.json": `"ExitCode": 2`, "timeline.txt": "container srv started",
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s = %.200q, %v, want %q in it", name, content, err, want)
		}
	}
}

func TestHealthcheckIsAwaited(t *testing.T) {
	t.Parallel()
	context := enginetest.ProbeContext(t)
	enginetest.Need(t)
	writeFile(t, filepath.Join(context, "Dockerfile"), `FROM scratch
COPY probe /probe
HEALTHCHECK --interval=200ms --retries=3 CMD ["/probe", "-check", "http://127.0.0.1:8080/health"]
ENTRYPOINT ["/probe"]
`)
	img := seatrial.Build(t, spec.Image{Context: context})
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "500ms", "-serve", ":8080"}, Ports: []int{8080}})
	if got, want := getNow(t, c.URL(t, 8080)+"/health"), "ok\n"; got != want {
		t.Errorf("after Run of an image with a health check, /health = %q, want %q", got, want)
	}
	mustFail(t, "waiting for healthy of srv: unhealthy, the last probe printed", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "1m"}})
	})
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A run that is cut off while its container is being created leaves none.
func TestRunCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, n := range rand.Perm(25)[:enginetest.Sample(t, "SEATRIAL_CUTOFFS", 8, 25, "moments at which a run is cut off")] {
		limit := time.Duration(1+4*n) * time.Millisecond
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Run(r, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "1m"}, Ready: wait.Exit(0), TimeLimit: limit})
		})
		discard(t, r)
		if !r.Failed() || strings.Contains(r.Errors(), "removing") {
			t.Errorf("limit %v: failed = %v with\n%s", limit, r.Failed(), r.Errors())
		}
	}
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}} {{.Status}}"); left != "" {
		t.Errorf("left are\n%s", left)
	}
}

func TestHandlesAfterTheEnd(t *testing.T) {
	t.Parallel()
	img := probe(t)
	var c *seatrial.Container
	t.Run("makes", func(t *testing.T) {
		c = seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Ports: []int{80}})
	})
	const want = "it was removed at the end of the test that made it"
	mustFail(t, want, func(t seatrial.T) { c.Port(t, 80) })
	mustFail(t, want, func(t seatrial.T) { c.Restart(t) })
	mustFail(t, want, func(t seatrial.T) { c.Wait(t, wait.Healthy()) })
	mustFail(t, "waiting for srv: the condition is nil", func(t seatrial.T) { c.Wait(t, nil) })
}

func TestPortOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "no config", "-exit", "4"}, Ports: []int{80}, Ready: wait.Exit(4)})
	r := mustFail(t, "looking up port 80 of srv: it has no ports: it exited with code 4", func(t seatrial.T) { c.Port(t, 80) })
	if !strings.Contains(r.Errors(), "| no config") {
		t.Errorf("the last lines are missing:\n%s", r.Errors())
	}
}

func TestKeepIsCheckedBeforeAnythingExists(t *testing.T) {
	img := probe(t)
	t.Setenv("SEATRIAL_KEEP", "failed:x")
	mustFail(t, `SEATRIAL_KEEP="failed:x": "x" is no time like 30m`, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref})
	})
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}}"); left != "" {
		t.Errorf("left are\n%s", left)
	}
}

func TestRelativeTemporaryDirectory(t *testing.T) {
	img := probe(t)
	t.Chdir(t.TempDir())
	if err := os.Mkdir("tmp [1]", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", "tmp [1]")
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		if dir := seatrial.Artifacts(r); !filepath.IsAbs(dir) {
			r.Errorf("Artifacts = %q, want an absolute path", dir)
		}
		seatrial.Run(r, spec.Container{Image: img.Ref})
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
}

// A test may end while a verb that it started in a goroutine is at work.
func TestVerbOutlivesTest(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, n := range rand.Perm(11)[:enginetest.Sample(t, "SEATRIAL_CUTOFFS", 4, 11, "moments at which a test ends before its verb")] {
		pause := time.Duration(5*(n+1)) * time.Millisecond
		done := make(chan struct{})
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Artifacts(r)
			go func() {
				defer close(done)
				seatrial.Run(r, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-after", "1m"}})
			}()
			time.Sleep(pause)
		})
		discard(t, r)
		<-done
		r.CleanUp() // if the verb began after the end
	}
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}} {{.Status}}"); left != "" {
		t.Errorf("left are\n%s", left)
	}
}
