// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engine

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
// command that knows it in place of the user's. Logins have a home directory of their
// own: what the user's shell does at its start may take long.
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
		"KbdInteractiveAuthentication no", "LogLevel VERBOSE", "SetEnv HOME="+s.dir+" PATH="+s.dir+"/bin:/usr/bin:/bin", ""), "\n"))
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
	if testing.Short() {
		t.Skip("logs in over ssh")
	}
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

func mkdir(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
