// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// A suite is a call of seatrial run on its own project.
type suite struct {
	*exec.Cmd
	name string // the prefix of its environments' names
	dir  string
	tty  *os.File // the other end of its terminal
	said said
}

// said is its output so far.
type said struct {
	sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.Lock()
	defer s.Unlock()
	return s.text.String()
}

// startSuite starts a suite whose command is a shell script, on request in the foreground
// of its own terminal.
func startSuite(t *testing.T, name, script string, terminal bool) *suite {
	t.Helper()
	s := &suite{name: name, dir: filepath.Join(t.TempDir(), name)}
	if err := os.CopyFS(s.dir, os.DirFS(enginetest.ProbeContext(t))); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(s.dir, "compose.yaml"), "services: {web: {build: ., command: [-serve, ':80'], ports: ['8080:80'], volumes: [data:/data]}}\nvolumes: {data: }\n")
	s.Cmd = exec.Command(enginetest.SeatrialCommand(t), "run", "-q", "--grace", "1s", "--", "sh", "-c", script)
	s.Dir = s.dir
	s.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "TMPDIR="+t.TempDir())
	s.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	s.Stdout, s.Stderr = &s.said, &s.said
	if terminal {
		tty := s.openTerminal(t)
		defer tty.Close()
		s.Stdin, s.Stdout, s.Stderr = tty, tty, tty
		s.SysProcAttr.Setctty = true
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// openTerminal makes a terminal, and returns the program's end of it.
func (s *suite) openTerminal(t *testing.T) *os.File {
	t.Helper()
	var err error
	if s.tty, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.tty.Close() })
	var number int
	if err = unix.IoctlSetPointerInt(int(s.tty.Fd()), unix.TIOCSPTLCK, 0); err == nil {
		number, err = unix.IoctlGetInt(int(s.tty.Fd()), unix.TIOCGPTN)
	}
	var tty *os.File
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 1<<12)
		for {
			n, err := s.tty.Read(buf)
			_, _ = s.said.Write(buf[:n])
			if err != nil {
				return // all programs on the terminal have ended
			}
		}
	}()
	return tty
}

// await waits until the output has a word that many times.
func (s *suite) await(t *testing.T, word string, times int) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); strings.Count(s.said.String(), word) < times; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never said %s %d times:\n%s", word, times, s.said.String())
		}
	}
}

// left lists what is left of its environments and its command.
func (s *suite) left(t *testing.T) string {
	t.Helper()
	left := enginetest.LeftBy(t, func(labels map[string]string) bool {
		return strings.HasPrefix(labels["io.github.seatrial.test"], s.name+"-")
	})
	if pid, err := os.ReadFile(filepath.Join(s.dir, "pid")); err == nil {
		if command, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/cmdline"); err == nil && len(command) > 0 {
			left += "\nits command"
		}
	}
	return strings.TrimSpace(left)
}

// Signals reach the command as if it were called directly, and nothing of the environment
// is left.
func TestRunSignals(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	const up = `echo $$ > pid; echo up; while :; do sleep 0.05; done`
	for name, c := range map[string]struct {
		script   string
		terminal bool
		send     func(t *testing.T, s *suite)
		want     int
		said     string
	}{
		"sigtyped": {`trap 'echo cleaning; sleep 0.2; exit 3' INT; ` + up, true, func(_ *testing.T, s *suite) { s.tty.Write([]byte{3}) }, 3, "cleaning"},
		"sigtwice": {`trap 'echo again' INT; ` + up, true, func(t *testing.T, s *suite) { s.tty.Write([]byte{3}); s.await(t, "again", 1); s.tty.Write([]byte{3}) }, 137, ""},
		"sigreads": {`echo up; read line; echo "got $line"; exit 4`, true, func(_ *testing.T, s *suite) { s.tty.Write([]byte("typed\n")) }, 4, "got typed"},
		"sigterm":  {`trap 'echo stopping; exit 5' TERM; ` + up, false, func(_ *testing.T, s *suite) { s.Process.Signal(syscall.SIGTERM) }, 5, "stopping"},
		"sigdeaf":  {`trap '' TERM; ` + up, false, func(_ *testing.T, s *suite) { s.Process.Signal(syscall.SIGTERM) }, 137, ""},
		"sigplain": {up, false, func(_ *testing.T, s *suite) { s.Process.Signal(os.Interrupt) }, 130, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSuite(t, name, c.script, c.terminal)
			s.await(t, "up", 1)
			c.send(t, s)
			_ = s.Wait()
			if got := s.ProcessState.ExitCode(); got != c.want || !strings.Contains(s.said.String(), c.said) {
				t.Errorf("it ends with %d, want %d, and %q in\n%s", got, c.want, c.said, s.said.String())
			}
			if strings.Contains(s.said.String(), "not removed yet") {
				t.Errorf("it could not remove all:\n%s", s.said.String())
			}
			if left := s.left(t); left != "" {
				t.Errorf("left behind:\n%s", left)
			}
		})
	}
}

// A call that is killed leaves nothing, no matter when: its watchdog cleans up.
func TestRunKilled(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	const all = 20
	kills := enginetest.Sample(t, "SEATRIAL_RUN_KILLS", 3, all, "kills")
	for i := range kills {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := startSuite(t, fmt.Sprintf("sigkill%d", i), `echo $$ > pid; exec sleep 1000`, false)
			time.Sleep(time.Duration(i*all/kills) * 150 * time.Millisecond)
			_ = s.Process.Kill()
			_ = s.Wait()
			end := time.Now().Add(3 * time.Minute)
			for quiet := 0; quiet < 3; time.Sleep(300 * time.Millisecond) {
				left := s.left(t)
				if quiet++; left != "" {
					quiet = 0
				}
				if time.Now().After(end) {
					t.Fatalf("left behind:\n%s\nit said\n%s", left, s.said.String())
				}
			}
		})
	}
}
