// SPDX-License-Identifier: Apache-2.0

package command

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// prepare checks the spec, and makes the output files.
func prepare(sess *session.Session, s spec.Command) (*Command, error) {
	if err := checkCommand(s); err != nil {
		return nil, err
	}
	sess.Artifacts.Hide(s.Secrets...)
	words := append([]string{cmp.Or(s.Program, "docker")}, s.Args...)
	for i, word := range words {
		words[i] = sess.Artifacts.Redact(word)
	}
	c := &Command{session: sess, Name: sess.Artifacts.Redact(s.Name), title: shown(words), expected: check.ExitCodes(s.ExitCodes),
		done: make(chan struct{}), changed: make(chan struct{})}
	if c.Name != "" {
		c.title = fmt.Sprintf("%s (%s)", c.Name, c.title)
	} else {
		c.Name = strings.TrimSpace(filepath.Base(words[0]) + " " + engine.Verb(words[1:]))
	}
	c.call = engine.Command{Args: s.Args, Program: s.Program, Alone: true, Dir: s.Dir, Env: environ.List(s.Env)}
	if strings.ContainsRune(s.Program, filepath.Separator) {
		path, err := filepath.Abs(s.Program) // relative to the working directory, not to Dir
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
		c.call.Program = path
	}
	if s.Stdin != "" {
		c.call.In = strings.NewReader(s.Stdin)
	}
	for i, name := range []string{s.Stdout, s.Stderr} {
		if err := c.streams[i].open(sess.Artifacts.Dir, c.Name+[]string{".out", ".err"}[i], name, c.printed(i)); err != nil {
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
		if info, err := os.Stat(s.Dir); err != nil { // exec would blame the program
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

// checkEngineFlags checks the global flags, which stand before the subcommand.
func checkEngineFlags(args []string, wrong *report.Problems) {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		flag, _, whole := strings.Cut(args[i], "=")
		if !strings.HasPrefix(flag, "--") { // short flags may be combined: -Dl
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

// shown returns a command as people would type it, shortened.
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
