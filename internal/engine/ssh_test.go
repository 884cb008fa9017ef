// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

func TestFindOverSSH(t *testing.T) {
	home := bare(t)
	s := startSSHD(t, home)
	e := check(t, home, "behind ssh")
	if e == nil {
		return
	}
	again(t, home, e)
	dir := e.ssh.dir
	e.CloseIdle()
	s.gone(t)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("after Rest there is %s: %v", dir, err)
	}
	if _, err := e.Now(t.Context()); err != nil { // it begins anew
		t.Error(err)
	}
	e.CloseIdle()
	s.gone(t)
}

// follow opens streams that stay, and returns when they are open.
func follow(ctx context.Context, e *Engine, n int) (errs []error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for range n {
		all.Go(func() {
			stream := e.api.Events(ctx, client.EventsListOptions{})
			select {
			case err := <-stream.Err:
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			default:
			}
		})
	}
	all.Wait()
	return errs
}

func TestSSHConnectionsAreShared(t *testing.T) {
	for _, test := range []struct {
		lines   []string
		streams int
		max     int
	}{
		{nil, 20, 4},
		{[]string{"MaxSessions 3"}, 8, 7},  // each master has its own and two others
		{[]string{"MaxSessions 1"}, 8, 10}, // nothing can be shared: as good as it gets
	} {
		t.Run(strings.Join(test.lines, ""), func(t *testing.T) {
			home := bare(t)
			s := startSSHD(t, home, test.lines...)
			e := check(t, home, "behind ssh")
			if e == nil {
				return
			}
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			for _, err := range follow(ctx, e, test.streams) {
				t.Error(err)
			}
			n := s.logins(t)
			t.Logf("%d streams over %d ssh connections in %v", test.streams, n, time.Since(began))
			if n > test.max {
				t.Errorf("%d streams made %d ssh connections, want at most %d", test.streams, n, test.max)
			}
			cancel()
			e.CloseIdle()
			s.gone(t)
		})
	}
}

// A docker command uses the connection that is there.
func TestDockerCommandSharesSSH(t *testing.T) {
	docker := realDocker(t)
	home := bare(t)
	s := startSSHD(t, home)
	if err := os.Symlink(docker.plugins, mkdir(t, home+"/.docker")+"/cli-plugins"); err != nil {
		t.Fatal(err)
	}
	e := check(t, home, "behind ssh")
	if e == nil {
		return
	}
	reaches(t, e, []string{"version", "--format", "{{.Server.Version}}"}, "behind ssh")
	reaches(t, e, []string{"compose", "ls", "--format", "json"}, "[]")
	reaches(t, e, []string{"buildx", "inspect"}, "Endpoint: ")
	if n := s.logins(t); n != 1 {
		t.Errorf("there were %d ssh connections, want one", n)
	}
	e.CloseIdle()
	s.gone(t)
	reaches(t, e, []string{"version", "--format", "{{.Server.Version}}"}, "behind ssh") // with one of its own
	e.CloseIdle()
	s.gone(t)
}

func TestFindOverSSHRefused(t *testing.T) {
	home := bare(t)
	s := startSSHD(t, home)
	known, err := os.ReadFile(s.dir + "/known")
	if err != nil {
		t.Fatal(err)
	}
	const no = "no Docker engine answers at ssh://there (from DOCKER_HOST): "
	tests := []struct {
		about string
		spoil func()
		want  string
	}{
		{"no engine", func() { s.remoteDocker(t, "exec env SEATRIAL_TEST_RELAY=/nowhere "+os.Args[0]) },
			no + "docker system dial-stdio there: Cannot connect to the Docker daemon"},
		{"no docker", func() { _ = os.Remove(s.dir + "/bin/docker") }, no + "there is no docker command there: "},
		{"unknown host", func() { write(t, s.dir+"/known", "") }, no + "ssh does not get there: "},
		{"other host", func() { s.trust(t, "client.pub") }, no + "ssh does not get there: "},
		{"refused key", func() { write(t, s.dir+"/known", string(known)); write(t, s.dir+"/authorized", "") }, no + "ssh does not get there: "},
		{"unreachable", func() { _ = syscall.Kill(s.pid, syscall.SIGKILL) }, no + "ssh does not get there: "},
	}
	words := map[string]string{"unknown host": "Host key verification failed", "other host": "Host key verification failed",
		"refused key": "Permission denied (publickey)", "unreachable": "Connection refused", "no docker": "not found"}
	for _, test := range tests {
		test.spoil()
		began := time.Now()
		_, err := Find(t.Context(), Caller{})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || !strings.Contains(err.Error(), words[test.about]) || !strings.Contains(err.Error(), "\n    hint: ") {
			t.Errorf("%s:\n got %v\nwant %s", test.about, err, test.want)
		}
		t.Logf("%s: %v: %v", test.about, time.Since(began).Round(time.Millisecond), err)
	}
	s.gone(t)
}

// A server that takes the connection and says nothing.
func TestFindOverSSHHangs(t *testing.T) {
	home := bare(t)
	impatient := searchIn(home)
	impatient.named = 3 * time.Second
	s := startSSHD(t, home)
	s.remoteDocker(t, "exec sleep 60")
	began := time.Now()
	_, err := impatient.find(t.Context(), Caller{})
	if err == nil || !strings.HasPrefix(err.Error(), "no Docker engine answers at ssh://there (from DOCKER_HOST): it did not answer within 3s\n") {
		t.Errorf("error = %v, want that it did not answer", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	s.gone(t)
}

// followAndHang is a child of the tests, to be killed.
func followAndHang() {
	e, err := Find(context.Background(), Caller{Mark: "SEATRIAL_TEST_MARK=1"})
	if err == nil {
		for _, failed := range follow(context.Background(), e, 8) {
			err = failed
		}
	}
	fmt.Println("following", err)
	time.Sleep(time.Minute)
	os.Exit(0)
}

// Nothing outlives a killed process, also where there is no watchdog.
func TestSSHEndsWithAKilledProcess(t *testing.T) {
	home := bare(t)
	endsWithAKilledProcess(t, home, startSSHD(t, home))
}

func TestSSHEndsWithAKilledProcessForRealDocker(t *testing.T) {
	realDocker(t)
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	home := bare(t)
	s := startSSHD(t, home)
	s.remoteDocker(t, "SEATRIAL_TEST_RELAY="+s.dir+" DOCKER_HOST=unix://"+s.dir+"/engine.sock exec "+docker+` "$@"`)
	endsWithAKilledProcess(t, home, s)
}

func endsWithAKilledProcess(t *testing.T, home string, s *sshd) {
	t.Helper()
	temp := mkdir(t, home+"/its")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SEATRIAL_TEST_FOLLOWER=1", "TMPDIR="+temp)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	n, _ := out.Read(line)
	if got := string(line[:n]); got != "following <nil>\n" {
		t.Errorf("the process says %q", got)
	}
	if n := s.running(t); n < 2*9 {
		t.Errorf("%d processes run for 8 streams, want at least 18", n)
	}
	for _, dir := range globbed(t, "/proc/[0-9]*") {
		line, _ := os.ReadFile(dir + "/cmdline")
		env, _ := os.ReadFile(dir + "/environ")
		if bytes.Contains(line, []byte(s.dir+"/ssh_config")) && !bytes.Contains(env, []byte("SEATRIAL_TEST_MARK=1")) {
			t.Errorf("%s lacks the mark", bytes.ReplaceAll(line, []byte{0}, []byte(" ")))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	began := time.Now()
	s.gone(t)
	t.Logf("all ssh processes were gone %v after the kill", time.Since(began))
}
