// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeDocker puts a script in place of the docker command.
func fakeDocker(t *testing.T, script string) *Engine {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	e, err := open(endpoint{host: "unix:///nowhere/docker.sock"}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDockerHasACleanEnvironment(t *testing.T) {
	for _, name := range []string{"COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "DOCKER_CONTEXT", "MY_SECRET", "BUILDX_BUILDER"} {
		t.Setenv(name, "from the shell")
	}
	t.Setenv("DOCKER_HOST", "tcp://elsewhere")
	t.Setenv("HTTP_PROXY", "http://proxy")
	e := fakeDocker(t, "env")
	var out bytes.Buffer
	if err := e.Docker(t.Context(), Command{Out: &out, Env: []string{"GIVEN=a b"}}); err != nil {
		t.Fatal(err)
	}
	env := strings.Split(out.String(), "\n")
	for _, want := range []string{"GIVEN=a b", "DOCKER_HOST=unix:///nowhere/docker.sock", "HTTP_PROXY=http://proxy", "BUILDX_BUILDER=default"} {
		if !slices.Contains(env, want) {
			t.Errorf("the environment of docker lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "from the shell") {
		t.Errorf("the environment of docker holds a variable of the shell:\n%s", out.String())
	}
}

// Compose and buildx are run as the docker command runs them, which need not be asked for that.
func TestPluginsAreRunByThemselves(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the plugin is a shell script")
	}
	e := fakeDocker(t, "echo docker ran")
	config := t.TempDir()
	t.Setenv("DOCKER_CONFIG", config)
	plugin := filepath.Join(config, "cli-plugins", "docker-compose")
	if err := errors.Join(os.Mkdir(filepath.Dir(plugin), 0o755), os.WriteFile(plugin, []byte("#!/bin/sh\necho \"plugin $* for $DOCKER_HOST, of $DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND\"\n"), 0o755)); err != nil {
		t.Fatal(err)
	}
	says := func(want string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		if err := e.Docker(t.Context(), Command{Args: args, Out: &out}); err != nil || strings.TrimSpace(out.String()) != want {
			t.Errorf("docker %v: %v, %q, want %q", args, err, out.String(), want)
		}
	}
	says("docker ran", "compose", "up") // a script may do otherwise with it
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(docker), os.Symlink(os.Args[0], docker)); err != nil { // a program
		t.Fatal(err)
	}
	says("plugin compose up -d for unix:///nowhere/docker.sock, of docker", "compose", "up", "-d")
}

func TestDockerFails(t *testing.T) {
	e := fakeDocker(t, `echo "step 1" >&2; echo "no space left" >&2; echo >&2; exit 17`)
	var stderr bytes.Buffer
	err := e.Docker(t.Context(), Command{Args: []string{"compose", "--ansi", "never", "up"}, Err: &stderr})
	var command *CommandError
	if !errors.As(err, &command) || command.ExitCode != 17 || err.Error() != "docker compose: no space left" {
		t.Errorf("error = %v, want exit code 17 and the last line of stderr", err)
	}
	if !strings.HasPrefix(stderr.String(), "step 1\n") {
		t.Errorf("stderr = %q, want all of it", stderr.String())
	}
	e = fakeDocker(t, "exit 1")
	if err := e.Docker(t.Context(), Command{Args: []string{"version"}}); err == nil || err.Error() != "docker version ended with exit status 1" {
		t.Errorf("error = %v, want the exit code", err)
	}
	e = fakeDocker(t, "echo working >&2; kill -9 $$")
	if err := e.Docker(t.Context(), Command{Args: []string{"version"}}); err == nil || err.Error() != "docker version ended with signal: killed, after it said: working" {
		t.Errorf("error = %v, want the signal", err)
	}
}

func TestDockerIsCutOffWithItsChildren(t *testing.T) {
	// The child ignores SIGTERM and holds stdout.
	e := fakeDocker(t, `(trap "" TERM; sleep 60; echo late) & wait`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	var out bytes.Buffer
	err := e.Docker(ctx, Command{Args: []string{"compose", "up"}, Out: &out})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "docker compose up did not end within ") {
		t.Errorf("error = %v, want that it did not end in time", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("cutting off took %v", took)
	}
}

func TestCheckCompose(t *testing.T) {
	tests := []struct{ script, want string }{
		{`echo '{"version":"v2.24.6"}'`, ""},
		{`echo '{"version":"5.5.1"}'`, ""},
		{`echo '{"version":"2.40.0-desktop.1"}'`, ""},
		{`echo '{"version":"dev"}'`, ""},
		{`echo '{"version":"v2.24.5"}'`, "docker compose is 2.24.5, and 2.24.6 is the oldest that can override all that files have"},
		{`echo '{"version":"1.29.2"}'`, "docker compose is 1.29.2, and 2.24.6 is the oldest that can override all that files have"},
		{`echo "docker: 'compose' is not a docker command." >&2; exit 1`, "docker compose is needed and does not work: docker compose version: docker: 'compose' is not a docker command."},
	}
	for _, test := range tests {
		got := ""
		if err := fakeDocker(t, test.script).Compose(); err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if got != test.want {
			t.Errorf("with %s: %q, want %q", test.script, got, test.want)
		}
	}
}
