// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// keysOf writes a client's keys into a directory.
func keysOf(t *testing.T, a authority, dir string, until time.Time) string {
	t.Helper()
	cert, key := a.sign(t, "client", until)
	write(t, filepath.Join(dir, "ca.pem"), a.pem)
	write(t, filepath.Join(dir, "cert.pem"), cert)
	write(t, filepath.Join(dir, "key.pem"), key)
	return dir
}

var soon = time.Now().Add(time.Hour)

func TestFindOverTLS(t *testing.T) {
	home := bare(t)
	a := newAuthority(t)
	cert, key := a.sign(t, "127.0.0.1", soon)
	host := overTLS(t, a, cert, key)
	t.Setenv("DOCKER_HOST", host)
	t.Setenv("DOCKER_TLS_VERIFY", "1")
	write(t, home+"/.docker/config.json", `{}`)
	keysOf(t, a, home+"/.docker", soon)
	again(t, home, check(t, home, "over TLS"))

	// By a relative path, and not verified.
	t.Chdir(home)
	keysOf(t, a, home+"/keys", soon)
	otherCert, otherKey := newAuthority(t).sign(t, "another", soon)
	t.Setenv("DOCKER_HOST", overTLS(t, a, otherCert, otherKey))
	t.Setenv("DOCKER_CERT_PATH", "keys")
	t.Setenv("DOCKER_TLS_VERIFY", "")
	t.Setenv("DOCKER_TLS", "1")
	again(t, home, check(t, home, "over TLS"))
}

func TestFindOverTLSRefused(t *testing.T) {
	home := bare(t)
	a, stranger := newAuthority(t), newAuthority(t)
	cert, key := a.sign(t, "127.0.0.1", soon)
	good := overTLS(t, a, cert, key)
	cert, key = a.sign(t, "another.example", soon)
	misnamed := overTLS(t, a, cert, key)
	cert, key = a.sign(t, "127.0.0.1", time.Now().Add(-time.Hour))
	expired := overTLS(t, a, cert, key)
	plain := listen(t, "tcp", "127.0.0.1:0")
	fake("plain").Serve(t, plain)

	keys := keysOf(t, a, home+"/keys", soon)
	nothing := home + "/nothing"
	garbage := keysOf(t, a, home+"/garbage", soon)
	write(t, garbage+"/key.pem", "garbage")
	alone := keysOf(t, a, home+"/alone", soon)
	if err := os.Remove(alone + "/key.pem"); err != nil {
		t.Fatal(err)
	}
	late := keysOf(t, a, home+"/late", time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC))
	foreign := keysOf(t, stranger, home+"/foreign", soon)
	mixed := keysOf(t, stranger, home+"/mixed", soon)
	write(t, mixed+"/ca.pem", a.pem)

	const no, using = "no Docker engine answers at HOST (from DOCKER_HOST): ", "using the engine at HOST (from DOCKER_HOST): "
	tests := []struct{ about, host, keys, want string }{
		{"no ca", good, nothing, using + "open $HOME/nothing/ca.pem: no such file or directory"},
		{"bad key", good, garbage, using + "$HOME/garbage/cert.pem and $HOME/garbage/key.pem: tls: failed to find any PEM data in key input"},
		{"no key", good, alone, using + "$HOME/alone/cert.pem has no key.pem beside it"},
		{"our certificate expired", good, late, using + "$HOME/late/cert.pem is a certificate that expired on 2025-03-02"},
		{"its authority unknown", good, foreign, no + "its certificate is not accepted: x509: certificate signed by unknown authority"},
		{"our authority unknown", good, mixed, no + "it does not accept our certificate: tls: "},
		{"another name", misnamed, keys, no + "its certificate is not accepted: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
		{"its certificate expired", expired, keys, no + "its certificate is not accepted: x509: certificate has expired or is not yet valid: "},
		{"no TLS there", "tcp://" + plain.Addr().String(), keys, no + "it does not speak TLS"},
	}
	t.Setenv("DOCKER_TLS_VERIFY", "1")
	for _, test := range tests {
		t.Setenv("DOCKER_HOST", test.host)
		t.Setenv("DOCKER_CERT_PATH", test.keys)
		_, err := Find(t.Context(), Caller{})
		if err == nil {
			t.Errorf("%s: no error", test.about)
			continue
		}
		got := strings.NewReplacer(test.host, "HOST", home, "$HOME").Replace(err.Error())
		if !strings.HasPrefix(got, test.want) || !strings.Contains(got, "\n    hint: ") {
			t.Errorf("%s:\n got %s\nwant %s", test.about, got, test.want)
		}
	}
	t.Setenv("DOCKER_TLS_VERIFY", "")
	t.Setenv("DOCKER_HOST", good)
	_, err := Find(t.Context(), Caller{})
	if err == nil || !strings.Contains(err.Error(), "hint: if it wants TLS, set DOCKER_TLS_VERIFY=1") {
		t.Errorf("plain to a TLS port: error = %v, want a hint", err)
	}
}

// contexts makes one context of each kind for one engine, and returns their names.
func contexts(t *testing.T, home string) []string {
	t.Helper()
	a := newAuthority(t)
	cert, key := a.sign(t, "127.0.0.1", soon)
	host := overTLS(t, a, cert, key)
	keysOf(t, a, writeContext(t, home, "verified", dockerMeta(host, false)), soon)
	keysOf(t, a, writeContext(t, home, "unverified", dockerMeta(host, true)), soon)
	bareKeys := keysOf(t, a, writeContext(t, home, "without-ca", dockerMeta(host, true)), soon)
	if err := os.Remove(bareKeys + "/ca.pem"); err != nil {
		t.Fatal(err)
	}
	return []string{"verified", "unverified", "without-ca"}
}

func TestFindContextsOverTLS(t *testing.T) {
	home := bare(t)
	for _, name := range contexts(t, home) {
		t.Setenv("DOCKER_CONTEXT", name)
		// What the shell says about TLS is not about a context.
		t.Setenv("DOCKER_TLS_VERIFY", "1")
		t.Setenv("DOCKER_CERT_PATH", "/nowhere")
		again(t, home, check(t, home, "over TLS"))
		t.Setenv("DOCKER_HOST", "")
	}
}

// The real docker command, Compose and buildx reach what the API client reaches,
// whatever a test adds to their environment.
func TestDockerCommandsReachTheSameEngine(t *testing.T) {
	docker := realDocker(t)
	home := bare(t)
	plugins, _ := os.Readlink(docker.plugins)
	if plugins == "" {
		plugins = docker.plugins
	}
	onSocket(t, home+"/one.sock", "over TLS")
	names := append(contexts(t, home), "socket")
	writeContext(t, home, "socket", dockerMeta("unix://"+home+"/one.sock", false))
	if err := os.Symlink(plugins, home+"/.docker/cli-plugins"); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Setenv("DOCKER_HOST", "")
		t.Setenv("DOCKER_CONTEXT", name)
		e := check(t, home, "over TLS")
		reaches(t, e, []string{"version", "--format", "{{.Server.Version}}"}, "over TLS")
		reaches(t, e, []string{"compose", "ls", "--format", "json"}, "[]")
		reaches(t, e, []string{"buildx", "inspect"}, "Endpoint: ")
	}
	a := newAuthority(t)
	cert, key := a.sign(t, "127.0.0.1", soon)
	t.Setenv("DOCKER_CONTEXT", "")
	t.Setenv("DOCKER_HOST", overTLS(t, a, cert, key))
	t.Setenv("DOCKER_CERT_PATH", keysOf(t, a, home+"/keys", soon))
	for _, variable := range []string{"DOCKER_TLS_VERIFY", "DOCKER_TLS"} {
		t.Setenv("DOCKER_TLS_VERIFY", "")
		t.Setenv(variable, "1")
		e := check(t, home, "over TLS")
		reaches(t, e, []string{"version", "--format", "{{.Server.Version}}"}, "over TLS")
		reaches(t, e, []string{"compose", "ls", "--format", "json"}, "[]")
		reaches(t, e, []string{"buildx", "inspect"}, "Endpoint: ")
	}
}

func reaches(t *testing.T, e *Engine, args []string, want string) {
	t.Helper()
	if e == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out, stderr bytes.Buffer
	before := builds.Load()
	elsewhere := []string{"DOCKER_HOST=tcp://127.0.0.1:1", "DOCKER_CONTEXT=nowhere", "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=/nowhere", "DOCKER_TLS=1"}
	err := e.Docker(ctx, Command{Args: args, Env: elsewhere, Out: &out, Err: &stderr})
	if err != nil || !strings.Contains(out.String(), want) || strings.Contains(out.String()+stderr.String(), "rror:") {
		t.Errorf("docker %s: error %v, got %q, want %q\n%s", strings.Join(args, " "), err, out.String(), want, stderr.String())
	}
	if args[0] == "buildx" && builds.Load() == before {
		t.Errorf("docker %s did not ask this engine for its builder:\n%s", strings.Join(args, " "), out.String())
	}
}

type dockerCommand struct{ plugins string }

// realDocker skips the test without a docker command, Compose and buildx.
func realDocker(t *testing.T) dockerCommand {
	t.Helper()
	lack := func(what string) {
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatal("required: ", what)
		}
		t.Skip("needs ", what)
	}
	if runtime.GOOS == "windows" {
		t.Skip("the plugins are reached by a link")
	}
	if _, err := exec.LookPath("docker"); err != nil {
		lack("the docker command")
	}
	dir, err := configDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, plugin := range []string{"compose", "buildx"} {
		if exec.Command("docker", plugin, "version").Run() != nil {
			lack("docker " + plugin)
		}
	}
	return dockerCommand{filepath.Join(dir, "cli-plugins")}
}
