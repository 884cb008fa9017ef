// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"archive/tar"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// docker runs a docker command on an engine, and returns what it prints.
func docker(t *testing.T, host string, args ...string) string {
	t.Helper()
	return dockerWith(t, nil, host, args...)
}

func dockerWith(t *testing.T, in io.Reader, host string, args ...string) string {
	t.Helper()
	cmd := exec.Command("docker", append([]string{"--host", host}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// importProbe imports the probe's image into an engine.
func importProbe(t *testing.T, host, name string) {
	t.Helper()
	program, err := os.ReadFile(filepath.Join(enginetest.ProbeContext(t), "probe"))
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "probe", Mode: 0o755, Size: int64(len(program))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dockerWith(t, &archive, host, "import", "--change", `ENTRYPOINT ["/probe"]`, "-", name)
}

// serveProbe runs a container that serves HTTP on a published port, and returns
// its URL when it answers.
func serveProbe(t *testing.T, e *swarmtest.Engine) string {
	t.Helper()
	importProbe(t, e.Host(), "probe")
	docker(t, e.Host(), "run", "--detach", "--init", "--memory", "64m", "--name", "web", "--publish", "5000:80", "probe", "-deaf", "-serve", ":80")
	url := "http://" + e.Address() + ":5000/health"
	for stop := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			http.DefaultClient.CloseIdleConnections()
			return url
		}
		if time.Now().After(stop) {
			t.Fatal(err)
		}
	}
}
