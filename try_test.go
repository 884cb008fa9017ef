// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

func TestTry(t *testing.T) {
	t.Parallel()
	_, missing := os.Stat("none")
	tests := []struct {
		about, want string
		f           func(t seatrial.T)
	}{
		{"nothing fails", "", func(seatrial.T) {}},
		{"an error ends it", missing.Error(), func(t seatrial.T) {
			t.Errorf("%v", missing)
			t.FailNow()
			t.Errorf("it goes on")
		}},
		{"one that does not end it", "first: 1", func(t seatrial.T) { t.Errorf("first: %d", 1) }},
		{"several", "first\nsecond", func(t seatrial.T) { t.Errorf("first"); t.Errorf("second") }},
		{"without a word", "it failed without a word", func(t seatrial.T) { t.FailNow() }},
		{"in a function of its own", "deep", func(t seatrial.T) {
			func() { t.Errorf("deep"); t.FailNow() }()
			t.Errorf("it goes on")
		}},
		{"one in it", "inner true false", func(t seatrial.T) {
			var in, out bool
			err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("inner"); in = t.Failed(); t.FailNow() })
			out = t.Failed()
			t.Errorf("%v %v %v", err, in, out)
		}},
		{"by the T around", "outer", func(outer seatrial.T) {
			_ = seatrial.Try(outer, func(seatrial.T) { outer.Errorf("outer"); outer.FailNow() })
			outer.Errorf("it goes on")
		}},
		{"together", "second", func(t seatrial.T) {
			seatrial.Together(t,
				func(t seatrial.T) {
					select {
					case <-t.Context().Done():
					case <-time.After(time.Minute):
						t.Errorf("nothing ended it")
					}
					t.Errorf("first: %v", t.Context().Err())
				},
				func(t seatrial.T) { t.Errorf("second"); t.FailNow() })
			t.Errorf("it goes on")
		}},
		{"in one of several", "inner", func(t seatrial.T) {
			var err error
			seatrial.Together(t, func(t seatrial.T) {
				err = seatrial.Try(t, func(t seatrial.T) { t.Errorf("inner"); t.FailNow() })
			})
			t.Errorf("%v", err)
		}},
		{"by the T of one of several", "member", func(t seatrial.T) {
			seatrial.Together(t, func(t seatrial.T) {
				_ = seatrial.Try(t, func(seatrial.T) { t.Errorf("member"); t.FailNow() })
				t.Errorf("it goes on")
			})
		}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			got := ""
			if err := seatrial.Try(t, test.f); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("Try returned %q, want %q", got, test.want)
			}
		})
	}
	err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("loading %s: %v", "x", missing) })
	var path *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &path) || path.Path != "none" {
		t.Errorf("the cause of %v is not found", err)
	}
}

// Whoever ends the test itself from inside ends it.
func TestTryLetsTheTestEnd(t *testing.T) {
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		_ = seatrial.Try(r, func(seatrial.T) { r.Errorf("outer"); r.FailNow() })
		r.Errorf("it goes on")
	})
	if r.Errors() != "outer" {
		t.Errorf("the test said %q", r.Errors())
	}
	r = enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		defer func() { r.Logf("%v", recover()) }()
		_ = seatrial.Try(r, func(seatrial.T) { panic("oh") })
	})
	if !strings.HasPrefix(r.Logs(), "oh\n") || !strings.Contains(r.Logs(), "try_test.go") {
		t.Errorf("the test panicked with %s", r.Logs())
	}
	none := seatrial.On(spec.Engine{Host: "tcp://127.0.0.1:1"})
	t.Setenv("SEATRIAL_REQUIRE", "")
	skip := map[string]func(t *testing.T){
		"by the test": func(t *testing.T) { _ = seatrial.Try(t, func(seatrial.T) { t.SkipNow() }) },
		"by a need":   func(t *testing.T) { _ = seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) }) },
		"deep": func(t *testing.T) {
			_ = seatrial.Try(t, func(t seatrial.T) {
				seatrial.Together(t, func(t seatrial.T) {
					_ = seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) })
				}, func(t seatrial.T) { <-t.Context().Done() })
			})
		},
		"deep, by the test": func(t *testing.T) {
			seatrial.Together(t, func(outer seatrial.T) {
				_ = seatrial.Try(outer, func(seatrial.T) { t.SkipNow() })
			}, func(t seatrial.T) { <-t.Context().Done() })
		},
	}
	for about, f := range skip {
		skipped, wentOn := false, false
		ok := t.Run(about, func(t *testing.T) {
			t.Cleanup(func() { skipped = t.Skipped() })
			f(t)
			wentOn = true
		})
		if !ok || !skipped || wentOn {
			t.Errorf("skipped %s: passed = %v, skipped = %v, went on = %v", about, ok, skipped, wentOn)
		}
	}
	t.Setenv("SEATRIAL_REQUIRE", "1")
	if err := seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) }); err == nil || !strings.Contains(err.Error(), "needs more than there is") {
		t.Errorf("a need that must not skip: %v", err)
	}
	t.Setenv("SEATRIAL_REQUIRE", "")
	r = enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { // one that cannot be skipped
		if err := seatrial.Try(r, func(t seatrial.T) { none.Need(t, spec.Need{}) }); err == nil {
			r.Errorf("no error")
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
}

// Cleanup is the test's, and the T of a function that returned is of no use.
func TestTryAndTheEnd(t *testing.T) {
	t.Parallel()
	var order []string
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		r.Cleanup(func() { order = append(order, "first") })
		var kept seatrial.T
		_ = seatrial.Try(r, func(t seatrial.T) {
			kept = t
			t.Cleanup(func() { order = append(order, "second") })
			t.FailNow()
		})
		r.Cleanup(func() { order = append(order, "third") })
		order = append(order, "body")
		if cause := context.Cause(kept.Context()); cause == nil || !strings.Contains(cause.Error(), "has returned") {
			r.Logf("the context's cause is %v", cause)
		}
		kept.Errorf("said too late")
	})
	if got := strings.Join(order, " "); got != "body third second first" || r.Logs() != "" {
		t.Errorf("in the order %s; %s", got, r.Logs())
	}
	if r.Errors() != "said too late" {
		t.Errorf("the test said %q", r.Errors())
	}
}

func TestTryAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			want := fmt.Sprint("number ", i)
			err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("number %d", i); t.FailNow() })
			if err == nil || err.Error() != want {
				t.Errorf("Try returned %v, want %s", err, want)
			}
		})
	}
	all.Wait()
	t.Run("a subtest in it", func(t *testing.T) {
		ran := false
		err := seatrial.Try(t, func(inner seatrial.T) {
			ran = t.Run("sub", func(t *testing.T) {
				if err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("x") }); err == nil {
					t.Error("no error")
				}
			})
			inner.Errorf("after it")
		})
		if !ran || err == nil || err.Error() != "after it" {
			t.Errorf("ran = %v, %v", ran, err)
		}
	})
}

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
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+img.Ref+"\nRUN [\"/probe\", \"-print\", \"!no compiler\", \"-exit\", \"7\"]\n")
	enginetest.WriteFile(t, filepath.Join(dir, "sick.yaml"), `services:
  db: {image: "`+img.Ref+`", command: ["-after", "5m"]}
  api: {image: "`+img.Ref+`", command: ["-print", "no database", "-exit", "5"]}
`)
	enginetest.WriteFile(t, filepath.Join(dir, "well.yaml"), "services:\n  db: {image: \""+img.Ref+"\", command: [\"-print\", \"starting\", \"-after\", \"5m\"]}\n")
	enginetest.WriteFile(t, filepath.Join(dir, "refused.yaml"), `services:
  db: {image: "`+img.Ref+`", environment: {TAG: x}}
  api: {image: "example/api:${MISSING}"}
`)
	enginetest.WriteFile(t, filepath.Join(dir, "bad.yaml"), "services:\n  db: [\n")
	enginetest.WriteFile(t, filepath.Join(dir, "gone.yaml"), "services:\n  db: {image: \"127.0.0.1:1/none:1\"}\n")
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
	if !ok || exit.State.ExitCode != 3 || !strings.HasPrefix(err.Error(), `bad exited with code 3 before logging "up": no disk`) || strings.Contains(err.Error(), "slow") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); ended != 1 || took > time.Minute {
		t.Errorf("%d of 1 had ended, after %v", ended, took)
	}
}
