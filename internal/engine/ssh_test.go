// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// relay is what the tests' docker command does on the other side of ssh.
func relay(socket string) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Cannot connect to the Docker daemon")
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.(*net.UnixConn).CloseWrite()
	}()
	_, _ = io.Copy(os.Stdout, conn)
	os.Exit(0)
}

func TestMain(m *testing.M) {
	if socket := os.Getenv("SEATRIAL_TEST_RELAY"); socket != "" {
		relay(socket)
	}
	if os.Getenv("SEATRIAL_TEST_FOLLOWER") != "" {
		followAndHang()
	}
	os.Exit(m.Run())
}

// An sshd is a server of the test's own, with a fake engine behind it.
type sshd struct {
	dir, port string
	pid       int
}

// startSSHD starts a server with these lines in its configuration, and puts an ssh
// command that knows it in place of the user's.
func startSSHD(t *testing.T, home string, lines ...string) *sshd {
	t.Helper()
	program, me := needSSHD(t)
	s := &sshd{dir: shortDir(t), port: freePort(t)}
	keygen := func(name string) {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(s.dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	keygen("host")
	keygen("client")
	public, err := os.ReadFile(s.dir + "/client.pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.dir+"/authorized", string(public))
	onSocket(t, s.dir+"/engine.sock", "behind ssh")
	s.remoteDocker(t, "exec env SEATRIAL_TEST_RELAY="+s.dir+"/engine.sock "+os.Args[0])
	write(t, s.dir+"/sshd_config", strings.Join(append(lines, "Port "+s.port, "ListenAddress 127.0.0.1", "HostKey "+s.dir+"/host",
		"AuthorizedKeysFile "+s.dir+"/authorized", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PidFile none",
		"KbdInteractiveAuthentication no", "LogLevel VERBOSE", "SetEnv PATH="+s.dir+"/bin:/usr/bin:/bin", ""), "\n"))
	s.trust(t, "host.pub")
	write(t, s.dir+"/ssh_config", fmt.Sprintf("Host there\n HostName 127.0.0.1\n Port %s\n User %s\n IdentityFile %s/client\n UserKnownHostsFile %s/known\n IdentitiesOnly yes\n IdentityAgent none\n",
		s.port, me.Username, s.dir, s.dir))
	real, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatal(err)
	}
	script(t, filepath.Join(home, "bin", "ssh"), `echo "$*" >>`+s.dir+"/calls\nexec "+real+" -F "+s.dir+`/ssh_config "$@"`)
	t.Setenv("PATH", filepath.Join(home, "bin")+":"+os.Getenv("PATH"))
	t.Setenv("DOCKER_HOST", "ssh://there")

	cmd := exec.Command(program, "-D", "-f", s.dir+"/sshd_config", "-E", s.dir+"/log")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(s.dir + "/log")
			t.Logf("the server's log:\n%s", log)
		}
	})
	for range 100 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+s.port); err == nil {
			conn.Close()
			return s
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("sshd does not listen")
	return nil
}

func needSSHD(t *testing.T) (program string, me *user.User) {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		program = "/usr/sbin/sshd" // not on everybody's PATH
		_, err = os.Stat(program)
	}
	if err == nil {
		me, err = user.Current()
	}
	if err != nil {
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatal("sshd is required: ", err)
		}
		t.Skip("needs sshd: ", err)
	}
	if os.Geteuid() == 0 { // Debian's makes it when its service starts
		if err := os.Mkdir("/run/sshd", 0o755); err == nil {
			t.Cleanup(func() { os.Remove("/run/sshd") })
		}
	}
	return program, me
}

func freePort(t *testing.T) string {
	t.Helper()
	l := listen(t, "tcp", "127.0.0.1:0")
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func script(t *testing.T, path, text string) {
	t.Helper()
	write(t, path, "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// remoteDocker is the docker command on the other side.
func (s *sshd) remoteDocker(t *testing.T, text string) { script(t, s.dir+"/bin/docker", text) }

// trust makes a key the one that the client expects.
func (s *sshd) trust(t *testing.T, name string) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.dir+"/known", "[127.0.0.1]:"+s.port+" "+string(key))
}

// logins is how many connections the server has accepted.
func (s *sshd) logins(t *testing.T) int {
	t.Helper()
	log, err := os.ReadFile(s.dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(log), "Accepted publickey")
}

// running is how many processes of the client there are, and of the relay.
func (s *sshd) running(t *testing.T) int {
	t.Helper()
	n := 0
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		line, _ := os.ReadFile(dir + "/cmdline")
		env, _ := os.ReadFile(dir + "/environ")
		daemon := bytes.Contains(line, []byte("[mux]")) && bytes.Contains(line, []byte(os.TempDir())) // it renames itself
		if daemon || bytes.Contains(line, []byte(s.dir+"/ssh_config")) || bytes.Contains(env, []byte("SEATRIAL_TEST_RELAY="+s.dir)) {
			n++
		}
	}
	return n
}

// gone waits until nothing runs any more.
func (s *sshd) gone(t *testing.T) {
	t.Helper()
	defer func() {
		if left := globbed(t, filepath.Join(os.TempDir(), "seatrial-*")); len(left) > 0 {
			t.Errorf("directories are left: %q", left)
		}
	}()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		n := s.running(t)
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d processes are left", n)
		}
	}
}

func TestFindOverSSH(t *testing.T) {
	home := bare(t)
	s := startSSHD(t, home)
	e := check(t, home, "behind ssh")
	if e == nil {
		return
	}
	again(t, home, e)
	dir := e.ssh.dir
	e.Rest()
	s.gone(t)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("after Rest there is %s: %v", dir, err)
	}
	if _, err := e.Now(t.Context()); err != nil { // it begins anew
		t.Error(err)
	}
	e.Rest()
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
			e.Rest()
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
	e.Rest()
	s.gone(t)
	reaches(t, e, []string{"version", "--format", "{{.Server.Version}}"}, "behind ssh") // with one of its own
	e.Rest()
	s.gone(t)
}

func mkdir(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
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
	limit(t, 3*time.Second)
	s := startSSHD(t, home)
	s.remoteDocker(t, "exec sleep 60")
	began := time.Now()
	_, err := Find(t.Context(), Caller{})
	if err == nil || !strings.HasPrefix(err.Error(), "no Docker engine answers at ssh://there (from DOCKER_HOST): it did not answer within 3s\n") {
		t.Errorf("error = %v, want that it did not answer", err)
	}
	if took := time.Since(began); took > 8*time.Second {
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

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
