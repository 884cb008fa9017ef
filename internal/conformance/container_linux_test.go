// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// dockerOn returns a docker command on a private engine.
func dockerOn(e *swarmtest.Engine, args ...string) *exec.Cmd {
	return exec.Command("docker", append([]string{"--host", e.Host()}, args...)...)
}

func mustRun(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return strings.TrimSpace(string(out))
}

// emptyImage makes an image without files: the containers mount what they need.
func emptyImage(t *testing.T, e *swarmtest.Engine) string {
	t.Helper()
	cmd := dockerOn(e, "import", "-", "empty")
	cmd.Stdin = strings.NewReader(strings.Repeat("\x00", 1024))
	mustRun(t, cmd)
	return "empty"
}

// inContainer returns a command that runs the checks in a container of an engine,
// with the docker command and its plugins, and a place for temporary files.
func (k kit) inContainer(t *testing.T, e *swarmtest.Engine, more ...string) *exec.Cmd {
	t.Helper()
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--rm", "--init", "--tmpfs", "/tmp:exec", "--workdir", "/checks",
		"--volume", k.program + ":/program:ro", "--volume", k.context + ":/context", "--volume", filepath.Join(k.dir, "testdata") + ":/checks/testdata:ro",
		"--volume", docker + ":/bin/docker:ro", "--volume", plugins(t) + ":/docker/cli-plugins:ro",
		"--env", "PATH=/bin", "--env", "HOME=/tmp", "--env", "TMPDIR=/tmp", "--env", "DOCKER_CONFIG=/docker", "--env", "SEATRIAL_NO_COLLECT=1"}
	inside := kit{probe: "/context/probe", context: "/context"}
	for _, one := range inside.environ() {
		args = append(args, "--env", one)
	}
	args = append(append(args, more...), emptyImage(t, e), "/program", "-test.run=^TestChecks$", "-test.v", "-test.timeout=30m")
	return dockerOn(e, args...)
}

// plugins is a directory with the plugins of the docker command.
func plugins(t *testing.T) string {
	t.Helper()
	for _, config := range []string{os.Getenv("DOCKER_CONFIG"), filepath.Join(os.Getenv("HOME"), ".docker"), "/usr/libexec/docker", "/usr/lib/docker"} {
		dir := filepath.Join(config, "cli-plugins")
		if _, err := os.Stat(filepath.Join(dir, "docker-compose")); err == nil {
			return dir
		}
	}
	t.Fatal("the plugins of the docker command are nowhere")
	return ""
}

func fromContainer(t *testing.T, k kit) *exec.Cmd {
	e := modern(t)
	socket := strings.TrimPrefix(e.Host(), "unix://")
	return k.inContainer(t, e, "--volume", socket+":/var/run/docker.sock")
}

// dockerInDocker starts an engine in a container that sees the programs of this
// machine, and runs the checks in another one of the same network.
func dockerInDocker(t *testing.T, k kit) *exec.Cmd {
	e := modern(t)
	programs := filepath.Dir(enginetest.NeedDockerd(t, enginetest.Dockerd))
	mustRun(t, dockerOn(e, "network", "create", "ci"))
	args := []string{"run", "--detach", "--privileged", "--network", "ci", "--name", "docker", "--tmpfs", "/tmp", "--tmpfs", "/run", "--volume", "/var/lib/docker",
		"--tmpfs", "/etc", "--env", "PATH=" + programs + ":/usr/sbin:/sbin:/usr/bin:/bin"}
	for _, dir := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives", programs} {
		if _, err := os.Stat(dir); err == nil {
			args = append(args, "--volume", dir+":"+dir+":ro")
		}
	}
	mustRun(t, dockerOn(e, append(args, emptyImage(t, e), filepath.Join(programs, "dockerd"), "--host", "tcp://0.0.0.0:2375", "--tls=false",
		"--userland-proxy-path", filepath.Join(programs, "docker-proxy"))...))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the engine in the container:\n%s", mustRun(t, dockerOn(e, "logs", "docker")))
		}
	})
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if strings.Contains(mustRun(t, dockerOn(e, "logs", "docker")), "API listen on") {
			break
		}
		if time.Now().After(end) || mustRun(t, dockerOn(e, "inspect", "--format", "{{.State.Running}}", "docker")) != "true" {
			t.Fatal("the engine in the container does not start")
		}
	}
	return k.inContainer(t, e, "--network", "ci", "--env", "DOCKER_HOST=tcp://docker:2375")
}

// foreignBuilder selects a builder whose container does not exist.
func foreignBuilder(t *testing.T, k kit) *exec.Cmd {
	e := modern(t)
	config := copyConfig(t)
	builders := filepath.Join(config, "buildx")
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(builders, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(builders, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("instances/foreign", `{"Name":"foreign","Driver":"docker-container","Nodes":[{"Name":"foreign0","Endpoint":"unix:///nowhere.sock","Platforms":null,"DriverOpts":null,"Flags":null,"Files":null}],"Dynamic":false}`)
	write("current", `{"Key":"`+e.Host()+`","Name":"foreign","Global":true}`)
	env := []string{"DOCKER_CONFIG=" + config, "DOCKER_HOST=" + e.Host(), "SEATRIAL_CONFORMANCE_HIDDEN=" + hidden(t, 0)}
	plain := exec.Command("docker", "buildx", "inspect")
	plain.Env = append(os.Environ(), env...)
	if out := mustRun(t, plain); !strings.Contains(out, "foreign") {
		t.Fatalf("the current builder is not the foreign one, so this shows nothing:\n%s", out)
	}
	return beside(t, e, k.here(env...))
}

// copyConfig makes a docker configuration with only the plugins.
func copyConfig(t *testing.T) string {
	t.Helper()
	config := shortDir(t)
	if err := os.Mkdir(filepath.Join(config, "cli-plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"docker-compose", "docker-buildx"} {
		content, err := os.ReadFile(filepath.Join(plugins(t), name))
		if err == nil {
			err = os.WriteFile(filepath.Join(config, "cli-plugins", name), content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// stranger is the id of a user without an account.
const stranger = 7420

// unprivileged runs the checks as a user who may use the engine's socket.
func unprivileged(t *testing.T, k kit) *exec.Cmd {
	dir := shortDir(t)
	e := modern(t, "--host", "unix://"+dir+"/docker.sock", "--group", strconv.Itoa(stranger))
	k, env := k.ownedBy(t, stranger)
	id := strconv.Itoa(stranger)
	cmd := k.here(append(env, "DOCKER_HOST=unix://"+dir+"/docker.sock", "SEATRIAL_CONFORMANCE_HIDDEN="+hidden(t, stranger))...)
	return beside(t, e, cmd, "setpriv", "--reuid", id, "--regid", id, "--clear-groups")
}

// ownedBy copies the kit and the docker command to a place that a user can read,
// and returns the kit with the environment of that user.
func (k kit) ownedBy(t *testing.T, user int) (kit, []string) {
	t.Helper()
	dir, config, home := shortDir(t), copyConfig(t), shortDir(t)
	theirs := kit{program: filepath.Join(dir, "checks"), dir: filepath.Join(dir, "data"), context: filepath.Join(dir, "context"), probe: filepath.Join(dir, "context/probe")}
	docker, err := exec.LookPath("docker")
	if err == nil {
		err = os.Mkdir(theirs.dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{k.program: theirs.program, k.context: theirs.context, filepath.Join(k.dir, "testdata"): theirs.dir, docker: filepath.Join(dir, "docker")} {
		mustRun(t, exec.Command("cp", "-r", from, to))
	}
	for _, own := range []string{config, home, theirs.context} {
		mustRun(t, exec.Command("chown", "-R", fmt.Sprintf("%d:%d", user, user), own))
	}
	return theirs, []string{"DOCKER_CONFIG=" + config, "HOME=" + home, "TMPDIR=" + home, "PATH=" + dir + ":/usr/bin:/bin", "XDG_RUNTIME_DIR=", "USER=", "LOGNAME="}
}
