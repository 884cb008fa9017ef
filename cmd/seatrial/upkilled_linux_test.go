// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/process"
)

// A trial is a project on which the command is called.
type trial struct {
	dir     string
	environ []string
}

func newTrial(t *testing.T, name, compose string, environ ...string) trial {
	t.Helper()
	r := trial{filepath.Join(t.TempDir(), name), append(os.Environ(), append(environ, "XDG_STATE_HOME="+t.TempDir())...)}
	if err := os.CopyFS(r.dir, os.DirFS(enginetest.ProbeContext(t))); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(r.dir, "compose.yaml"), compose)
	return r
}

func (r trial) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(enginetest.SeatrialCommand(t), args...)
	cmd.Dir, cmd.Env = r.dir, r.environ
	return cmd
}

// must runs the command and returns its output.
func (r trial) must(t *testing.T, args ...string) string {
	t.Helper()
	cmd := r.command(t, args...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("seatrial %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return strings.TrimSpace(string(out))
}

// An up that is killed leaves either nothing or a complete environment.
func TestUpKilled(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	const all = 20
	kills := enginetest.Sample(t, "SEATRIAL_UP_KILLS", 3, all, "kills")
	for i := range kills {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("upkill%d", i)
			r := newTrial(t, name, "services: {web: {build: ., command: [-serve, ':80'], ports: ['8080:80'], volumes: [data:/data]}}\nvolumes: {data: }\n")
			t.Cleanup(func() { r.must(t, "down", "-v", "-q") })
			up := r.command(t, "up", "-q")
			var said strings.Builder
			up.Stdout, up.Stderr = &said, &said
			if err := up.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(i*all/kills) * 200 * time.Millisecond)
			_ = up.Process.Kill()
			_ = up.Wait()
			quiet, last := 0, ""
			for end := time.Now().Add(3 * time.Minute); quiet < 5; time.Sleep(300 * time.Millisecond) {
				left := enginetest.LeftBy(t, func(labels map[string]string) bool {
					return strings.HasPrefix(labels["io.github.seatrial.test"], name+"-")
				})
				if quiet++; left != last || left != "" && !isWhole(t, r) {
					quiet, last = 0, left
				}
				if time.Now().After(end) {
					t.Fatalf("left behind, and not a complete environment:\n%s\nit printed\n%s", left, said.String())
				}
			}
			t.Logf("killed after %v: whole is %v", time.Duration(i*all/kills)*200*time.Millisecond, last != "")
		})
	}
}

// isWhole reports whether the environment of a trial is up, and answers at its addresses.
func isWhole(t *testing.T, r trial) bool {
	t.Helper()
	out, err := r.command(t, "ps", "--format", "json").Output()
	if err != nil {
		return false
	}
	var is struct {
		State    string
		Services []struct {
			Ports []struct{ Number int }
		}
	}
	if err := json.Unmarshal(out, &is); err != nil {
		t.Fatal(err)
	}
	return is.State == "up" && len(is.Services) == 1 && len(is.Services[0].Ports) == 1 && is.Services[0].Ports[0].Number == 8080 && r.command(t, "wait", "web", "--http", "/health").Run() == nil
}

// After an engine has lost power and restarted, it has the same environment, at the same ports
// and with its data.
func TestEngineRestarts(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	e := dockerd.New(dockerd.Options{Binary: enginetest.NeedDockerd(t, enginetest.Dockerd), Run: process.Run})
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	start := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := e.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	start()
	r := newTrial(t, "power", `services:
  web: {build: ., restart: always, command: [-serve, ':80'], ports: ['8080:80'], volumes: [data:/data]}
  once: {build: ., command: [-serve, ':80'], ports: ['8081:80']}
volumes: {data: }
`, "DOCKER_HOST="+e.Host(), "DOCKER_CONTEXT=", "SEATRIAL_ADDRESS="+e.Address())
	ports := func() string { return r.must(t, "port", "web") + " " + r.must(t, "port", "once") }
	r.must(t, "up", "-q", "--no-wait")
	r.must(t, "exec", "-T", "web", "/probe", "-write", "/data/kept=1")
	before := ports()
	if err := e.Kill(); err != nil {
		t.Fatal(err)
	}
	start()
	if got := r.must(t, "ls", "-q"); !strings.HasPrefix(got, "power-") {
		t.Errorf("it lists %q", got)
	}
	r.must(t, "up", "-q", "--no-wait")
	if after := ports(); after != before {
		t.Errorf("its ports are %s, and were %s", after, before)
	}
	r.must(t, "exec", "-T", "web", "/probe", "-exists", "/data/kept")
	r.must(t, "down", "-v", "-q")
}
