// SPDX-License-Identifier: Apache-2.0

//go:build unix

package child

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[int][]string{
		0: {"true"}, 1: {"false"}, 7: {"sh", "-c", "exit 7"}, 137: {"sh", "-c", "kill -9 $$"},
		143: {"sh", "-c", "kill $$"}, CodeNotFound: {"no-such-program"}, CodeUnrunnable: {plain},
	} {
		code, err := Command{Args: args}.Run(context.Background())
		cannot := want == CodeNotFound || want == CodeUnrunnable
		if code != want || (err != nil) != cannot {
			t.Errorf("%v: %d, %v, want %d", args, code, err, want)
		}
		if code, err := Look(args[0]); (err != nil) != cannot || cannot && code != want {
			t.Errorf("before it is run, %s: %d, %v, want %d", args[0], code, err, want)
		}
	}
	if code, err := (Command{Args: []string{filepath.Join(t.TempDir(), "gone")}}).Run(context.Background()); code != CodeNotFound || err == nil {
		t.Errorf("a path where nothing is: %d, %v", code, err)
	}
	var out bytes.Buffer
	code, err := Command{Args: []string{"sh", "-c", `cat; echo "$A $1"`, "sh", "$HOME *"}, Environ: []string{"A=b", "PATH=" + os.Getenv("PATH")}, In: strings.NewReader("in "), Out: &out}.Run(context.Background())
	if want := "in b $HOME *\n"; code != 0 || err != nil || out.String() != want {
		t.Errorf("no shell between: %d, %v, %q, want %q", code, err, out.String(), want)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Command{Args: []string{"true"}}).Run(ended); err == nil {
		t.Error("what was interrupted before is run")
	}
}

// This test's own program, started once more, runs the child and gets the signals.
func TestSignals(t *testing.T) {
	if script := os.Getenv("CHILD_TEST_SCRIPT"); script != "" {
		code, err := Command{Args: []string{"sh", "-c", script}, Environ: os.Environ(), Out: os.Stdout, Kill: func() { fmt.Println("killed") }, Grace: 500 * time.Millisecond, Group: os.Getenv("CHILD_TEST_GROUP") != ""}.Run(context.Background())
		if err != nil {
			code = 1
		}
		os.Exit(code)
	}
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		send   []syscall.Signal
		want   int
		said   string
	}{
		"an interrupt reaches it":         {`trap 'echo once; exit 3' INT; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGINT}, 3, "once"},
		"an interrupt reaches all of it":  {`trap 'exit 3' INT; sh -c "trap 'echo inner; exit' INT; echo up; for i in \$(seq 60); do sleep 0.05; done"`, []syscall.Signal{syscall.SIGINT}, 3, "inner"},
		"the second one ends it":          {`trap 'echo up' INT; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 137, "killed"},
		"what it started ends with it":    {`trap 'echo up' INT; (trap '' INT; while :; do sleep 0.05; done) & echo up; wait; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 137, ""},
		"SIGTERM is passed on":            {`trap 'echo term; exit 4' TERM; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGTERM}, 4, "term"},
		"it has so long after it":         {`trap '' TERM; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGTERM}, 137, "killed"},
		"and after a SIGHUP":              {`trap '' HUP; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGHUP}, 137, "killed"},
		"of others nothing is thought":    {`trap 'sleep 1; echo usr; exit 5' USR1; echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGUSR1}, 5, "usr"},
		"its group gets it":               {`trap 'wait; exit 4' USR1; (trap 'echo inner; exit' USR1; echo up; for i in $(seq 100); do sleep 0.05; done) & wait`, []syscall.Signal{syscall.SIGUSR1}, 4, "inner"},
		"it alone gets it":                {`trap 'sleep 0.3; exit 6' USR1; (trap 'kill -9 $$' USR1; echo up; for i in $(seq 20); do sleep 0.05; done) & wait`, []syscall.Signal{syscall.SIGUSR1}, 6, ""},
		"one that ends by itself ends it": {`echo up; while :; do sleep 0.05; done`, []syscall.Signal{syscall.SIGTERM}, 143, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestSignals$")
			cmd.Env = append(os.Environ(), "CHILD_TEST_SCRIPT="+c.script)
			if strings.Contains(name, "group") {
				cmd.Env = append(cmd.Env, "CHILD_TEST_GROUP=1")
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			up := make([]byte, 3)
			for _, s := range c.send {
				if _, err := io.ReadFull(out, up); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Process.Signal(s)
			}
			rest, _ := io.ReadAll(out) // until the last process that has the pipe ends
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.want || !strings.Contains(string(up)+string(rest), c.said) {
				t.Errorf("ends with %d, having said %q, want %d and %q", got, rest, c.want, c.said)
			}
		})
	}
}
