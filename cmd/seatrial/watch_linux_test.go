// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/term"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// The live list is drawn only on a terminal, and is removed at the end.
func TestUpOnTerminal(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	s := &suite{dir: filepath.Join(t.TempDir(), "seen")}
	if err := os.CopyFS(s.dir, os.DirFS(enginetest.ProbeContext(t))); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(s.dir, "compose.yaml"), "services: {web: {build: ., command: [-serve, ':80'], ports: ['8080:80']}}\n")
	environ := append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "TERM=xterm", "NO_COLOR=")
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(enginetest.SeatrialCommand(t), args...)
		cmd.Dir, cmd.Env = s.dir, environ
		return cmd
	}
	t.Cleanup(func() {
		if out, err := run("down", "-v", "-q").CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("down: %v: %s", err, out)
		}
	})
	s.Cmd = run("up")
	tty := s.openTerminal(t)
	s.Stdin, s.Stdout, s.Stderr = tty, tty, tty
	s.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.Run(); err != nil {
		t.Fatalf("%v:\n%s", err, s.said.String())
	}
	s.await(t, "8080", 1)
	_ = tty.Close()
	said := s.said.String()
	for _, want := range []string{`\x1b\[\d+A\r\x1b\[J`, `web   \x1b\[33mstarting\x1b\[0m +\d`, `web   \x1b\[32mready`} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("there is no %s in\n%q", want, said)
		}
	}
	at := strings.LastIndex(said, "\x1b[J")
	if end := said[max(at, 0):]; !regexp.MustCompile(`^\x1b\[JSERVICE +STATE +PORT +ADDRESS\r\nweb +running +8080 +→ 127.0.0.1:\d+\r\n$`).MatchString(end) {
		t.Errorf("it ends with\n%q", end)
	}
}

// Which terminals can be drawn on depends on TERM and their size.
func TestScreen(t *testing.T) {
	t.Parallel()
	size := func() (int, int, error) { return 0, 0, nil }
	if _, is := screenOn(nil, map[string]string{"TERM": "dumb"}, size); is {
		t.Error("a dumb terminal is drawn on")
	}
	for value, want := range map[string]bool{"": true, "1": false} {
		s, is := screenOn(nil, map[string]string{"TERM": "xterm", "NO_COLOR": value}, size)
		if !is || s.Colour != want {
			t.Errorf("with NO_COLOR=%s there are colours: %v, want %v", value, s.Colour, want)
		}
		if w, h := s.Size(); w != 80 || h != 24 {
			t.Errorf("one of no size is %d×%d", w, h)
		}
	}
	file, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, is := (&call{stderr: file}).screen(); is || term.IsTerminal(int(file.Fd())) {
		t.Error("a file is a terminal")
	}
}

// A list is cut to the width of a terminal, and complete elsewhere.
func TestFit(t *testing.T) {
	t.Parallel()
	const text = "NAME   ADDRESSES\nshop   web:80→127.0.0.1:1\nx\n"
	for width, want := range map[int]string{0: text, 28: text, 16: "NAME   ADDRESSES\nshop   web:80→1…\nx\n", 1: text} {
		if got := fit(text, width); got != want {
			t.Errorf("in %d columns it is\n%s\nwant\n%s", width, got, want)
		}
	}
}
