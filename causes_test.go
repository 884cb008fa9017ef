// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// as returns the cause of this type, whose text and fields a test shows.
func as[E error](err error) (cause E, ok bool) {
	ok = errors.As(err, &cause)
	return cause, ok
}

// Each verb, under Try: the type, and what its fields say.
func TestTryTellsTheCause(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+img.Ref+"\nRUN [\"/probe\", \"-print\", \"!no compiler\", \"-exit\", \"7\"]\n")
	writeFile(t, filepath.Join(dir, "sick.yaml"), `services:
  db: {image: "`+img.Ref+`", command: ["-after", "5m"]}
  api: {image: "`+img.Ref+`", command: ["-print", "no database", "-exit", "5"]}
`)
	writeFile(t, filepath.Join(dir, "well.yaml"), "services:\n  db: {image: \""+img.Ref+"\", command: [\"-print\", \"starting\", \"-after\", \"5m\"]}\n")
	writeFile(t, filepath.Join(dir, "refused.yaml"), `services:
  db: {image: "`+img.Ref+`", environment: {TAG: x}}
  api: {image: "example/api:${MISSING}"}
`)
	writeFile(t, filepath.Join(dir, "bad.yaml"), "services:\n  db: [\n")
	writeFile(t, filepath.Join(dir, "gone.yaml"), "services:\n  db: {image: \"127.0.0.1:1/none:1\"}\n")
	up := func(file string) func(seatrial.T) {
		return func(t seatrial.T) { seatrial.Up(t, spec.Project{Files: []string{filepath.Join(dir, file)}}) }
	}
	box := idle(t, spec.Container{})
	type fields = map[string]any
	tests := []struct {
		about string
		do    func(t seatrial.T)
		got   func(err error) (fields, bool)
		want  fields
	}{
		{"a build fails", func(t seatrial.T) { seatrial.Build(t, spec.Image{Context: dir}) }, func(err error) (fields, bool) {
			e, ok := as[*seatrial.BuildError](err)
			if !ok {
				return nil, false
			}
			log, _ := os.ReadFile(e.Log)
			return fields{"Dockerfile": e.Dockerfile, "line": e.Line, "log": strings.Contains(string(log), "no compiler"), "tail": strings.Contains(strings.Join(e.Tail, "\n"), "no compiler")}, true
		}, fields{"Dockerfile": filepath.Join(dir, "Dockerfile"), "line": 2, "log": true, "tail": true}},
		{"a container ends", func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "no licence", "-exit", "3"}, Ready: wait.Log("up")})
		}, exitOf, fields{"code": 3, "target": "srv", "tail": "no licence"}},
		{"one that is run to its end", func(t seatrial.T) {
			seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "exists", "-exit", "4"}})
		}, exitOf, fields{"code": 4, "target": "migrate", "tail": "exists"}},
		{"a container is not ready", func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: img.Ref, Name: "slow", Command: []string{"-print", "starting", "-after", "5m"}, Ready: wait.Within(time.Second, wait.Log("up"))})
		}, lateOf, fields{"target": "slow", "condition": `log "up"`, "tail": "starting"}},
		{"a service of a project ends", func(t seatrial.T) {
			seatrial.Up(t, spec.Project{Files: []string{filepath.Join(dir, "sick.yaml")}, Ready: map[string]wait.Condition{"api": wait.Log("up")}})
		}, exitOf, fields{"code": 5, "target": "api", "tail": "no database"}},
		{"a project is not ready in time", func(t seatrial.T) {
			seatrial.Up(t, spec.Project{Files: []string{filepath.Join(dir, "well.yaml")}, Ready: map[string]wait.Condition{"db": wait.Within(500*time.Millisecond, wait.Log("up"))}})
		}, lateOf, fields{"target": "db", "condition": `log "up"`, "tail": "starting"}},
		{"a project has no image", up("gone.yaml"), func(err error) (fields, bool) {
			e, ok := as[*seatrial.CommandError](err)
			return fields{"command": e.Command, "code > 0": e.ExitCode > 0, "stderr": len(e.Stderr) > 0}, ok
		}, fields{"command": "docker image pull", "code > 0": true, "stderr": true}},
		{"a file is refused", up("refused.yaml"), func(err error) (fields, bool) {
			e, ok := as[*tailor.RefusedError](err)
			if !ok {
				return nil, false
			}
			return fields{"files": e.Files, "findings": len(e.Findings)}, true
		}, fields{"files": []string{filepath.Join(dir, "refused.yaml")}, "findings": 1}},
		{"a file cannot be read", up("bad.yaml"), func(err error) (fields, bool) {
			e, ok := as[*tailor.ReadError](err)
			if !ok {
				return nil, false
			}
			return fields{"file": e.File, "line > 0": e.Line > 0}, true
		}, fields{"file": filepath.Join(dir, "bad.yaml"), "line > 0": true}},
		{"a command fails", func(t seatrial.T) { seatrial.Docker(t, sh("echo no disk >&2; exit 6")) }, commandOf, fields{"command": "sh", "code": 6, "stderr": "no disk"}},
		{"a command in a container fails", func(t seatrial.T) {
			box.Exec(t, spec.Exec{Command: []string{"/probe", "-print", "!no table", "-exit", "8"}})
		}, commandOf, fields{"command": "/probe -print !no table -exit 8", "code": 8, "stderr": "no table"}},
		{"a command in a container is late", func(t seatrial.T) {
			box.Exec(t, spec.Exec{Command: []string{"/probe", "-print", "working", "-after", "1m"}, TimeLimit: 5 * time.Second})
		}, func(err error) (fields, bool) {
			f, ok := commandOf(err)
			return f, ok && errors.Is(err, context.DeadlineExceeded)
		}, fields{"command": "/probe -print working -after 1m", "code": -1, "stderr": "working"}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			var got fields
			ok, wentOn := false, false
			err := seatrial.Try(t, func(t seatrial.T) { test.do(t); wentOn = true })
			if err == nil || wentOn {
				t.Fatalf("no failure: %v", err)
			}
			if got, ok = test.got(err); !ok {
				t.Fatalf("no cause of the type: %#v\n%v", err, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s\nof %v", diff, err)
			}
		})
	}
}

func exitOf(err error) (map[string]any, bool) {
	exit, ended := as[*wait.ExitError](err)
	e, waited := as[*wait.Error](err)
	if !ended || !waited {
		return nil, false
	}
	return map[string]any{"code": exit.State.ExitCode, "target": e.Target, "tail": strings.Join(e.Tail, "\n")}, true
}

func lateOf(err error) (map[string]any, bool) {
	e, waited := as[*wait.Error](err)
	if !waited || !errors.Is(err, context.DeadlineExceeded) {
		return nil, false
	}
	return map[string]any{"target": e.Target, "condition": e.Condition, "tail": strings.Join(e.Tail, "\n")}, true
}

func commandOf(err error) (map[string]any, bool) {
	e, ok := as[*seatrial.CommandError](err)
	if !ok {
		return nil, false
	}
	return map[string]any{"command": e.Command, "code": e.ExitCode, "stderr": strings.Join(e.Stderr, "\n")}, true
}

// What was made before the failure belongs to the test, which can look at it, and
// goes with it.
func TestTryLeavesWhatWasMade(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		var c *seatrial.Container
		err := seatrial.Try(t, func(t seatrial.T) {
			c = seatrial.Run(t, spec.Container{Image: img.Ref, Name: "box", Command: []string{"-print", "here", "-after", "5m"}})
			c.Wait(t, wait.Log("here"), wait.Within(300*time.Millisecond, wait.Log("never")))
		})
		if err == nil {
			t.Errorf("no error")
		}
		if got := c.Exec(t, spec.Exec{Command: []string{"/probe", "-print", "alive"}}).Stdout; got != "alive\n" {
			t.Errorf("it said %q", got)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left are\n%s", left)
	}
}

// Several at once, of which one fails: its cause is the one that Try returns, and
// the others have ended by then.
func TestTryTogether(t *testing.T) {
	t.Parallel()
	img := probe(t)
	began, ended := time.Now(), 0
	err := seatrial.Try(t, func(t seatrial.T) {
		slow := func(t seatrial.T) {
			defer func() { ended++ }()
			seatrial.Run(t, spec.Container{Image: img.Ref, Name: "slow", Command: []string{"-after", "5m"}, Ready: wait.Log("never")})
		}
		seatrial.Together(t, slow,
			func(t seatrial.T) { seatrial.Docker(t, spec.Command{Program: "sleep", Args: []string{"60"}}) },
			func(t seatrial.T) {
				seatrial.Run(t, spec.Container{Image: img.Ref, Name: "bad", Command: []string{"-after", "300ms", "-print", "no disk", "-exit", "3"}, Ready: wait.Log("up")})
			})
	})
	exit, ok := as[*wait.ExitError](err)
	if !ok || exit.State.ExitCode != 3 || !strings.HasPrefix(err.Error(), `waiting for log "up" of bad: exited with code 3: no disk`) || strings.Contains(err.Error(), "slow") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); ended != 1 || took > time.Minute {
		t.Errorf("%d of 1 had ended, after %v", ended, took)
	}
}
