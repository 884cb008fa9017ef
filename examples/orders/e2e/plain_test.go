// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPlainComposeCannotRunTwice keeps it true that TestDemo proves something:
// docker compose alone, with a project name for each copy, cannot start a
// second copy of the same file.
func TestPlainComposeCannotRunTwice(t *testing.T) {
	needEngine(t)
	needNamesAndPorts(t)

	// An interrupt fails the test, so that it still cleans up.
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)

	// The shipped file is taken as it is. A second one names the images, which
	// in a customer's place would be pulled.
	second := imagesFile(t, images(buildWorker(t)))
	run := strings.ToLower(rand.Text()[:8])
	first, other := "orders-plain-a-"+run, "orders-plain-b-"+run

	t.Cleanup(func() {
		if left := namesInUse(t, context.Background()); len(left) > 0 {
			t.Errorf("left on the engine: %q", left)
		}
	})
	// The last one registered is the first one run: down of the other copy must
	// not come upon the volume of this one when it is idle, or it removes it.
	for _, project := range []string{first, other} {
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if out, err := compose(ctx, project, second, "down", "--volumes", "--rmi", "local", "--timeout", "2"); err != nil {
				t.Errorf("docker compose -p %s down: %v\n%s", project, err, out)
			}
		})
	}

	if out, err := compose(ctx, first, second, "up", "--detach"); err != nil {
		t.Fatalf("docker compose -p %s up: %v, want one copy to start\n%s", first, err, out)
	}
	out, err := compose(ctx, other, second, "up", "--detach")
	if _, failed := errors.AsType[*exec.ExitError](err); !failed || ctx.Err() != nil {
		t.Fatalf("docker compose -p %s up: %v, want it to fail\n%s", other, err, out)
	}
	conflict := conflicts.FindString(out)
	if conflict == "" {
		t.Fatalf("docker compose -p %s up failed, but not because a name or port is taken: %v\n%s", other, err, out)
	}
	fmt.Fprintf(t.Output(), "docker compose -p first up: starts\ndocker compose -p second up: %s\n", conflict)
}

var conflicts = regexp.MustCompile(`Conflict\. The container name .* is already in use|Bind for .* failed: port is already allocated`)

// compose runs docker compose on the shipped file, with no variable of the
// tester's that could reach it, and returns the last lines that it printed.
func compose(ctx context.Context, project, second string, args ...string) (string, error) {
	args = append([]string{"compose", "--ansi", "never", "-p", project, "-f", "../compose.yaml", "-f", second}, args...)
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it end what it began
	cmd.WaitDelay = 20 * time.Second
	for _, name := range []string{"PATH", "HOME", "USERPROFILE", "SystemRoot", "DOCKER_HOST", "DOCKER_CONFIG",
		"DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	for name, value := range buildArgs() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n"), err // after those of the build
}

// imagesFile writes a Compose file that does nothing but replace images.
func imagesFile(t *testing.T, images map[string]string) string {
	t.Helper()
	services := map[string]any{}
	for service, image := range map[string]string{
		"db": "postgres:17-bookworm", "cache": "redis:7-bookworm", "worker": "example/orders-worker:2",
	} {
		if ref, ok := images[image]; ok {
			services[service] = map[string]string{"image": ref}
		}
	}
	text, err := json.Marshal(map[string]any{"services": services}) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "images.yaml")
	if err := os.WriteFile(name, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// needNamesAndPorts skips the test where even one copy could not run: somebody
// else's is there, and must not be disturbed.
func needNamesAndPorts(t *testing.T) {
	t.Helper()
	if used := namesInUse(t, t.Context()); len(used) > 0 {
		skip(t, "the engine has a copy of the project already: %q\nhint: docker compose -p NAME down -v, with the NAME that docker compose ls -a shows", used)
	}
	for _, port := range []string{"5432", "6379", "8080"} {
		l, err := net.Listen("tcp", ":"+port)
		if err != nil {
			skip(t, "a port that the file publishes is in use on this machine: %v", err)
		}
		l.Close()
	}
}

// namesInUse returns which of the names that the file fixes are on the engine.
func namesInUse(t *testing.T, ctx context.Context) []string {
	t.Helper()
	var used []string
	for kind, format := range map[string]string{"container": "{{.Names}}", "network": "{{.Name}}", "volume": "{{.Name}}"} {
		args := []string{kind, "ls", "--format", format}
		if kind == "container" {
			args = append(args, "--all")
		}
		out, err := exec.CommandContext(ctx, "docker", args...).Output()
		if err != nil {
			t.Errorf("docker %s: %s", strings.Join(args, " "), reason(err))
		}
		for _, name := range strings.Fields(string(out)) {
			switch name {
			case "orders-db", "orders-cache", "orders-api", "orders-backend", "orders-data":
				used = append(used, kind+" "+name)
			}
		}
	}
	return used
}
