// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// tests are those of this package, which share an engine.
type tests struct{ *testing.M }

func (t tests) Run() int { return enginetest.Main(t.M) }

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"seatrial": func() { os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCode},
	})
}

// Scripts of the verbs of environments: their projects build the probe, and each has a home
// of its own.
func TestEngineScripts(t *testing.T) {
	enginetest.Need(t)
	probe := enginetest.ProbeContext(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "engine"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode, "get": get, "until": until,
		},
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"DOCKER_HOST", "DOCKER_CONFIG", "SEATRIAL_NO_COLLECT", "SEATRIAL_TEST_CHILD"} {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("PROBE", filepath.Join(probe, "probe"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			return nil
		},
	})
}

// get fetches a URL, and compares what the server says with a pattern: get URL STATUS.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: get URL STATUS")
	}
	response, err := http.Get(args[0])
	if neg {
		if err == nil {
			ts.Fatalf("%s answers %s", args[0], response.Status)
		}
		return
	}
	ts.Check(err)
	defer response.Body.Close()
	if strconv.Itoa(response.StatusCode) != args[1] {
		ts.Fatalf("%s answers %s, want %s", args[0], response.Status, args[1])
	}
}

// until runs the command until its output has no line, for what others do meanwhile.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: until PROGRAM [ARGUMENTS]")
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		ts.Check(ts.Exec(args[0], args[1:]...))
		out := ts.ReadFile("stdout")
		if strings.TrimSpace(out) == "" {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v still says %q", args, out)
		}
	}
}

// exitCode runs the command and compares its exit code: exitcode 2 tailor x.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exitcode N [ARGUMENTS]")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec("seatrial", args[1:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("running seatrial: %v", err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("seatrial %v exits with %d, want %s", args[1:], got, want)
	}
}
