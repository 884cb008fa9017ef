// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

const commandLimit = 10 * time.Minute

// Docker runs a docker command to its end, or another program in its place, and
// returns what it left. The test fails if its exit code is not 0, or not one of
// spec.Command.ExitCodes. What was run, how it ended and how long it took is in
// the test's log; what it printed is in two files of the artifact directory.
//
//	seatrial.Docker(t, spec.Command{Args: []string{"image", "inspect", img.Ref}})
//
// What such a command makes is not the test's, and stays, unless [Own] made it so
// beforehand. What it starts on this machine, in its own process group, ends with
// it.
func Docker(t T, s spec.Command) *Result {
	t.Helper()
	return standard.Docker(t, s)
}

// Docker is the function [Docker], on this engine.
func (e *Engine) Docker(t T, s spec.Command) *Result {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, commandLimit, func(ctx context.Context, sc *session.Session) (*Result, error) {
		t.Helper()
		c, err := newCommand(sc, s)
		if err != nil {
			return nil, err
		}
		c.run(ctx)
		c.log(t)
		return c.outcome()
	})
}

// StartDocker starts a docker command, or another program in its place, in the
// background: docker events, say, or a proxy. It ends by itself, by
// [Command.Stop], when its time is up, or with the test. If nobody asks for its
// result, no exit code fails the test.
func StartDocker(t T, s spec.Command) *Command {
	t.Helper()
	return standard.StartDocker(t, s)
}

// StartDocker is the function [StartDocker], on this engine.
func (e *Engine) StartDocker(t T, s spec.Command) *Command {
	t.Helper()
	if s.TimeLimit > 0 {
		mustFit(t, "TimeLimit", s.TimeLimit)
	}
	sc, done := begin(t, e.of()) // the test does not end before the command
	c, err := newCommand(sc, s)
	if err != nil {
		done()
		fail(t, err)
	}
	span := cmp.Or(s.TimeLimit, commandLimit)
	if left, ok := session.Remaining(t); ok {
		span = min(span, left)
	}
	// It outlives the T that it was started with, which may be one of Together.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), span)
	ctx, c.cut = context.WithCancelCause(ctx)
	context.AfterFunc(sc.Ending(), func() { c.cut(session.ErrEnded) })
	started := make(chan struct{})
	c.call.Started = func() { close(started) }
	go func() {
		defer done()
		defer cancel()
		c.run(ctx)
	}()
	select {
	case <-started:
	case <-c.done:
	}
	if c.broken != nil {
		fail(t, c.broken)
	}
	sc.Artifacts.Note("%s: started", c.title)
	t.Logf("%s: started", c.title)
	test := session.TestOf(t)
	test.Cleanup(func() {
		test.Helper()
		c.end(session.ErrEnded)
		c.log(test)
	})
	return c
}

// newCommand checks what is asked for, and makes the files.
func newCommand(sc *session.Session, s spec.Command) (*Command, error) {
	if err := checkCommand(s); err != nil {
		return nil, err
	}
	sc.Artifacts.Hide(s.Secrets...)
	words := append([]string{cmp.Or(s.Program, "docker")}, s.Args...)
	for i, word := range words {
		words[i] = sc.Artifacts.Redact(word)
	}
	c := &Command{session: sc, Name: sc.Artifacts.Redact(s.Name), title: shown(words), expected: container.ExpectedCodes(s.ExitCodes),
		done: make(chan struct{}), changed: make(chan struct{})}
	if c.Name != "" {
		c.title = fmt.Sprintf("%s (%s)", c.Name, c.title)
	} else {
		c.Name = strings.TrimSpace(filepath.Base(words[0]) + " " + engine.Verb(words[1:]))
	}
	c.call = engine.Command{Args: s.Args, Program: s.Program, Alone: true, Dir: s.Dir, Env: environ.List(s.Env)}
	if strings.ContainsRune(s.Program, filepath.Separator) {
		path, err := filepath.Abs(s.Program) // Dir may be elsewhere
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
		c.call.Program = path
	}
	if s.Stdin != "" {
		c.call.In = strings.NewReader(s.Stdin)
	}
	for i, name := range []string{s.Stdout, s.Stderr} {
		if err := c.streams[i].open(sc.Artifacts.Dir, c.Name+[]string{".out", ".err"}[i], name, c.printed(i)); err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
	}
	c.call.Out, c.call.Err = &c.streams[0], &c.streams[1]
	return c, nil
}

// Variables and flags that lead docker to another engine.
var (
	otherEngineVars  = []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}
	otherEngineFlags = []string{"-H", "--host", "-c", "--context", "--tls", "--tlsverify", "--tlscacert", "--tlscert", "--tlskey"}
)

const hintOn = "\n    hint: seatrial.On has the verbs on another engine"

func checkCommand(s spec.Command) error {
	var wrong report.Problems
	if len(s.Args) == 0 && s.Program == "" {
		wrong.Add("Args is not given")
	}
	if s.Program == "" {
		checkEngineFlags(s.Args, &wrong)
	}
	check.Env(s.Env, &wrong)
	for _, key := range otherEngineVars {
		if _, ok := s.Env[key]; ok {
			wrong.Add("Env: %s would lead to another engine%s", key, hintOn)
		}
	}
	if s.Dir != "" {
		if info, err := os.Stat(s.Dir); err != nil { // exec would say it of the program
			wrong.Add("Dir: %w", err)
		} else if !info.IsDir() {
			wrong.Add("Dir: %s is not a directory", s.Dir)
		}
	}
	check.Streams(s.Stdout, s.Stderr, &wrong)
	for i, secret := range s.Secrets {
		if !artifact.CanHide(secret) {
			wrong.Add("Secrets: number %d has fewer than four characters, and would be hidden in ordinary words", i+1)
		}
	}
	return wrong.Err("running a command")
}

// checkEngineFlags looks at the flags before the word that says what to do.
func checkEngineFlags(args []string, wrong *report.Problems) {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		flag, _, whole := strings.Cut(args[i], "=")
		if !strings.HasPrefix(flag, "--") { // -D may have others behind it
			for strings.HasPrefix(flag, "-D") && len(flag) > 2 {
				flag = "-" + flag[2:]
			}
			flag = flag[:min(2, len(flag))]
		}
		if slices.Contains(otherEngineFlags, flag) {
			wrong.Add("Args: %s would lead to another engine%s", flag, hintOn)
		}
		if !whole && (args[i] == "--config" || args[i] == "-l" || args[i] == "--log-level") {
			i++ // its value
		}
	}
}

// shown is a command as people would type it, not too long.
func shown(words []string) string {
	var b strings.Builder
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\r\n\"'\\$&|;<>*?#(){}`!~") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	if text := []rune(b.String()); len(text) > longestShown {
		return string(text[:longestShown]) + " …"
	}
	return b.String()
}

const longestShown = 400

var errStopped = errors.New("it was stopped")
