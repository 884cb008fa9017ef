// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/enginetest/private"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// tests are the tests of this package, which share an engine of their own.
type tests struct{ *testing.M }

func (t tests) Run() int { return private.Main(t.M) }

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"seatrial": func() { os.Exit(whole()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode, "fakeEnvironments": func(ts *testscript.TestScript, _ bool, names []string) { fakeEnvironments(t, ts, names) },
			"fakeRunning": func(ts *testscript.TestScript, _ bool, pairs []string) { fakeRunning(t, ts, pairs) },
		},
	})
}

// fakeEnvironments has the script use an engine of its own that has nothing but the data of
// these environments: one that is called others is another user's.
func fakeEnvironments(t *testing.T, ts *testscript.TestScript, names []string) {
	fake := enginetest.NewFake("fake", "1.47")
	volumes := fake.KeepVolumes()
	for _, name := range names {
		tuple := owner.Tuple{Run: owner.NewID(), Test: name, Scope: "shared-env1-aaaaaaaa", Process: process.Self(), Until: time.Now().Add(time.Hour)}
		if name == "others" {
			tuple.Process.User = "other"
		}
		for kind, volume := range map[string]string{owner.Record: "record-" + name, owner.Volume: "data-" + name} {
			volumes.Add(volume, tuple.Data().On(kind, volume).Labels())
		}
	}
	ts.Setenv("DOCKER_HOST", fake.ServeUnix(t))
}

// Scripts for the verbs of environments. Their projects build the probe, and each script
// has its own home directory.
func TestEngineScripts(t *testing.T) {
	enginetest.Need(t)
	testscript.Run(t, engineScripts(t, "engine"))
}

// engineScripts are the scripts of a directory of testdata, for the engine of DOCKER_HOST.
func engineScripts(t *testing.T, dir string) testscript.Params {
	t.Helper()
	probe := enginetest.ProbeContext(t)
	return testscript.Params{
		Dir:                 filepath.Join("testdata", dir),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode, "appears": appears, "vanishes": vanishes, "age": age, "serveImage": serveImage,
		},
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"DOCKER_HOST", "DOCKER_CONFIG", "SEATRIAL_NO_COLLECT", "SEATRIAL_TEST_CHILD"} {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("ID", owner.NewID())
			env.Setenv("PROBE", filepath.Join(probe, "probe"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Defer(func() { enginetest.EndProcesses("HOME="+env.Getenv("HOME"), 5*time.Second) })
			return nil
		},
	}
}

// appears runs a program until it prints something; vanishes runs one until it prints
// nothing.
func appears(ts *testscript.TestScript, _ bool, args []string)  { awaitOutput(ts, args, true) }
func vanishes(ts *testscript.TestScript, _ bool, args []string) { awaitOutput(ts, args, false) }

func awaitOutput(ts *testscript.TestScript, args []string, some bool) {
	if len(args) == 0 {
		ts.Fatalf("want a program")
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		ts.Check(ts.Exec(args[0], args[1:]...))
		out := strings.TrimSpace(ts.ReadFile("stdout"))
		if (out != "") == some {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v says %q", args, out)
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

// age makes an environment older, in its records: age NAME 9h.
func age(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: age NAME TIME")
	}
	by, err := time.ParseDuration(args[1])
	ts.Check(err)
	ctx := context.Background()
	e, err := engine.At(ctx, engine.Named{Host: ts.Getenv("DOCKER_HOST")}, engine.Caller{})
	ts.Check(err)
	defer e.CloseIdle()
	all, err := e.Volumes(ctx, owner.LabelTest, args[0])
	ts.Check(err)
	for _, v := range all {
		t, ok := owner.Read(owner.Record, v.Name, v.Labels)
		if !ok {
			continue
		}
		t.Name += "x"
		t.Until = t.Until.Add(-by)
		labels := maps.Clone(v.Labels)
		maps.Copy(labels, t.Labels())
		ts.Check(e.CreateVolume(ctx, t.Name, labels))
		ts.Check(e.RemoveVolume(ctx, v.Name))
	}
}
