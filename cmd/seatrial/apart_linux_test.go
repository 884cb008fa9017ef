// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/enginetest/private"
)

// A neighbour is a user with an environment on an engine that others use, too.
type neighbour struct {
	trial
	name    string // of the environment
	command string
	user    *syscall.Credential // nil is this one
}

func (n neighbour) run(args ...string) (string, error) {
	cmd := exec.Command(n.command, args...)
	cmd.Dir, cmd.Env = n.dir, n.environ
	if n.user != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: n.user}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Two users, two versions of the command, a checkout on a path with a space whose .env is a
// link, and a copy of it: none touches what belongs to another.
func TestNeighbours(t *testing.T) {
	enginetest.Need(t)
	host, isSocket := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if os.Getuid() != 0 || !isSocket {
		t.Skip("is for root, who can be another user, and an engine at a socket")
	}
	t.Parallel()
	dir, err := os.MkdirTemp("", "neighbours") // other users can read it, unlike t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(dir, "seatrial")
	install(t, enginetest.SeatrialCommand(t), command)
	config := filepath.Join(dir, "docker")
	plugins, err := filepath.Glob(filepath.Join(os.Getenv("DOCKER_CONFIG"), "cli-plugins", "docker-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, plugin := range plugins {
		install(t, plugin, filepath.Join(config, "cli-plugins", filepath.Base(plugin)))
	}

	// Another user need not see what is in this one's directories.
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	install(t, docker, filepath.Join(bin, "docker"))

	const uid = 7421                                   // in no passwd file
	if err := os.Chown(config, uid, uid); err != nil { // the builder writes there
		t.Fatal(err)
	}

	shop := filepath.Join(dir, "my shop")
	if err := os.CopyFS(shop, os.DirFS(enginetest.ProbeContext(t))); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(shop, "compose.yaml"), `services:
  web: {build: ., container_name: web, command: [-serve, ':80', -print, "page ${PAGE}"], ports: ['8080:80'], volumes: [data:/data]}
volumes: {data: {name: shop-data}}
`)
	const settings = "PAGE=shared\n"
	enginetest.WriteFile(t, filepath.Join(dir, "settings"), settings)
	if err := os.Symlink("../settings", filepath.Join(shop, ".env")); err != nil {
		t.Fatal(err)
	}
	if private.Daemon() != "" { // of which nobody else knows otherwise
		if err := os.Chmod(filepath.Dir(host), 0o711); err != nil {
			t.Fatal(err)
		}
	}
	var socket syscall.Stat_t
	if err := syscall.Stat(host, &socket); err != nil {
		t.Fatal(err)
	}
	other := &syscall.Credential{Uid: uid, Gid: uid, Groups: []uint32{socket.Gid}}
	move := func(name, command string, user *syscall.Credential) *neighbour {
		n := &neighbour{command: command, user: user}
		n.dir = filepath.Join(dir, name)
		home := filepath.Join(dir, "home of "+name)
		n.environ = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home)
		mustRun(t, "mkdir", home)
		if name != "my shop" {
			mustRun(t, "cp", "-a", shop, n.dir)
		}
		if user != nil {
			n.environ = append(n.environ, "DOCKER_CONFIG="+config, "PATH="+bin+":"+os.Getenv("PATH"))
			mustRun(t, "chown", "-R", fmt.Sprint(user.Uid), n.dir, home)
		}
		return n
	}
	all := []*neighbour{move("my shop", command, nil), move("a copy", command, nil), move("another user's", command, other)}
	if enginetest.Sample(t, "SEATRIAL_VERSIONS", 1, 2, "versions of the command") > 1 {
		all = append(all, move("a newer one's", newerCommand(t, dir), nil))
	}
	owner, others := all[0], all[2:]
	all[1].environ = owner.environ // one user has one home
	t.Cleanup(func() {
		for _, n := range all {
			if out, err := n.run("down", "-v", "-q"); err != nil {
				t.Errorf("down in %s: %v\n%s", n.dir, err, out)
			}
		}
	})
	var started sync.WaitGroup
	for _, n := range all {
		started.Go(func() {
			if out, err := n.run("up", "-q"); err != nil {
				t.Errorf("up in %s: %v\n%s", n.dir, err, out)
			}
			out, _ := n.run("ps", "--format", "json")
			var is struct{ Name string }
			if err := json.Unmarshal([]byte(out), &is); err != nil {
				t.Errorf("ps in %s: %v\n%s", n.dir, err, out)
			}
			n.name = is.Name
		})
	}
	if started.Wait(); t.Failed() {
		return
	}
	containers := func(of []*neighbour) (ids []string) {
		for _, n := range of {
			out := enginetest.Docker(t, "ps", "-q", "--no-trunc", "--filter", "label=com.docker.compose.project="+n.name)
			ids = append(ids, strings.Fields(out)...)
		}
		return ids
	}
	before := containers(all)
	if len(before) != len(all) {
		t.Fatalf("there are %d containers", len(before))
	}

	for _, n := range all {
		if out, err := n.run("logs", "--no-log-prefix", "web"); err != nil || !strings.Contains(out, "page shared") {
			t.Errorf("the log in %s: %v\n%s", n.dir, err, out)
		}
		if out, err := n.run("env", "--write"); err == nil || !strings.Contains(out, "link") {
			t.Errorf("env --write into what others have, too, in %s: %v\n%s", n.dir, err, out)
		}
		list, _ := n.run("ls")
		for _, is := range all {
			line := ""
			for l := range strings.Lines(list) {
				if strings.HasPrefix(l, is.name+" ") {
					line = l
				}
			}
			isLater := n.command == command && is.command != command
			if mine := line != "" && !strings.Contains(line, "(another's)") && !strings.Contains(line, "(of a newer"); mine != (n.user == is.user && !isLater) {
				t.Errorf("to %s, %s is %q", n.dir, is.dir, line)
			}
		}
	}
	// Removing somebody else's environment is refused, and removing all removes only
	// one's own.
	for _, n := range others {
		out, err := owner.run("down", "-v", n.name)
		if err == nil || !strings.Contains(out, "another user") && !strings.Contains(out, "newer seatrial") {
			t.Errorf("down of %s: %v\n%s", n.dir, err, out)
		}
	}
	if out, err := all[2].run("down", "-v", owner.name); err == nil || !strings.Contains(out, "belongs to another user") {
		t.Errorf("down by another user: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"gc"}, {"down", "--gone", "-v"}} {
		if out, err := all[2].run(args...); err != nil {
			t.Errorf("%v by another user: %v\n%s", args, err, out)
		}
	}
	if after := containers(all); !slices.Equal(after, before) {
		t.Errorf("the containers were\n%q, and are\n%q", before, after)
	}
	if out, err := all[1].run("down", "-v", "-q"); err != nil {
		t.Errorf("down of the copy: %v\n%s", err, out)
	}
	if out, err := owner.run("up", "-q"); err != nil || !strings.Contains(out, "8080") {
		t.Errorf("up again: %v\n%s", err, out)
	}
	if after := containers(append([]*neighbour{owner}, others...)); !slices.Equal(after, slices.Delete(slices.Clone(before), 1, 2)) {
		t.Errorf("without the copy the containers are\n%q, and all were\n%q", after, before)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "settings")); err != nil || string(content) != settings {
		t.Errorf("the settings that all link to are %q, %v", content, err)
	}
}

// newerCommand compiles the command as a later version, with another format of records.
func newerCommand(t *testing.T, dir string) string {
	t.Helper()
	file, err := filepath.Abs("../../internal/owner/shared.go")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const is, later = "EnvironmentVersion = 1", "EnvironmentVersion = 2"
	if strings.Count(string(content), is) != 1 {
		t.Fatalf("%s has not %q", file, is)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "shared.go"), strings.Replace(string(content), is, later, 1))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: filepath.Join(dir, "shared.go")}})
	if err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "overlay.json"), string(overlay))
	command := filepath.Join(dir, "newer", "seatrial")
	mustRun(t, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-overlay", filepath.Join(dir, "overlay.json"), "-o", command, ".")
	return command
}

func mustRun(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

// install puts a program where everybody may run it.
func install(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Link(from, to) == nil {
		return
	}
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err == nil {
		_, err = io.Copy(out, in)
		if failed := out.Close(); err == nil {
			err = failed
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
