// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// sh is a command that the shell of this machine runs.
func sh(script string) spec.Command {
	return spec.Command{Program: "sh", Args: []string{"-c", script}}
}

func artifacts(t seatrial.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	dir := seatrial.Artifacts(t)
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		content, failed := os.ReadFile(filepath.Join(dir, e.Name()))
		all[e.Name()], err = string(content), errors.Join(err, failed)
	}
	if err != nil {
		t.Errorf("%v", err)
	}
	return all
}

func TestDocker(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	want := enginetest.Docker(t, "version", "--format", "{{.Server.Version}}")
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		got := seatrial.Docker(t, spec.Command{Args: []string{"version", "--format", "{{.Server.Version}}"}})
		if got.Stdout != want || got.ExitCode != 0 {
			t.Errorf("docker version: %+v, want %q", got, want)
		}
		for range 2 {
			seatrial.Docker(t, sh("echo out; echo err >&2"))
		}
		seatrial.Docker(t, spec.Command{Program: "sh", Args: []string{"-c", "echo 'a b'"}, Name: "deploy", Stdout: "plan.txt"})
		want := map[string]string{
			"docker_version.out": got.Stdout, "docker_version.err": "",
			"sh.out": "out\n", "sh.err": "err\n", "sh~2.out": "out\n", "sh~2.err": "err\n",
			"plan.txt": "a b\n", "deploy.err": "",
		}
		files := artifacts(t)
		for _, line := range []string{"docker version --format '{{.Server.Version}}': exited with code 0, after ", `deploy (sh -c 'echo '\''a b'\'''): exited with code 0, after `} {
			if !strings.Contains(files["timeline.txt"], line) || !strings.Contains(t.Logs(), line) {
				t.Errorf("%q is not in the time line\n%s\nor not in the log\n%s", line, files["timeline.txt"], t.Logs())
			}
		}
		delete(files, "timeline.txt")
		delete(files, ".seatrial-owner")
		if diff := cmp.Diff(want, files); diff != "" {
			t.Errorf("the files (-want +got):\n%s", diff)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	discard(t, r)
}

func TestDockerGivesWhatIsAskedFor(t *testing.T) {
	enginetest.Need(t)
	t.Setenv("OF_THE_SHELL", "x")
	t.Setenv("COMPOSE_FILE", "x")
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\npwd\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	elsewhere := t.TempDir()
	tests := []struct {
		about   string
		command spec.Command
		want    seatrial.Result
	}{
		{"environment", spec.Command{Program: "sh", Args: []string{"-c", `echo "$OF_THE_SHELL-$COMPOSE_FILE-$MINE"`}, Env: map[string]string{"MINE": "a b"}}, seatrial.Result{Stdout: "--a b\n"}},
		{"stdin", spec.Command{Program: "cat", Stdin: "a\x00b"}, seatrial.Result{Stdout: "a\x00b"}},
		{"no stdin", spec.Command{Program: "cat"}, seatrial.Result{}},
		{"directory", spec.Command{Program: "pwd", Dir: elsewhere}, seatrial.Result{Stdout: elsewhere + "\n"}},
		{"relative program", spec.Command{Program: "./script", Dir: elsewhere}, seatrial.Result{Stdout: elsewhere + "\n"}},
		{"exit code", spec.Command{Program: "sh", Args: []string{"-c", "exit 9"}, ExitCodes: []int{0, 9}}, seatrial.Result{ExitCode: 9}},
		{"what is left holds the output", sh("sleep 60 & echo done"), seatrial.Result{Stdout: "done\n"}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			if diff := cmp.Diff(test.want, *seatrial.Docker(t, test.command)); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
	other := seatrial.On(spec.Engine{Host: "unix:///run/none.sock"})
	err := seatrial.Try(t, func(t seatrial.T) { other.Docker(t, spec.Command{Args: []string{"ps"}}) })
	if err == nil || !strings.Contains(err.Error(), "/run/none.sock") {
		t.Errorf("on another engine: %v", err)
	}
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		return
	}
	t.Setenv("DOCKER_HOST", "tcp://elsewhere:1")
	if got := seatrial.On(spec.Engine{Host: host}).Docker(t, sh("echo $DOCKER_HOST")).Stdout; got != host+"\n" {
		t.Errorf("on %s, DOCKER_HOST is %q", host, got)
	}
}

func TestDockerFails(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	tests := []struct {
		about, first string
		command      spec.Command
		want         *seatrial.CommandError // nil: none
	}{
		{"docker", "running docker volume rm: exited with code 1: ", spec.Command{Args: []string{"volume", "rm", "seatrial-none"}},
			&seatrial.CommandError{Command: "docker volume rm", ExitCode: 1}},
		{"usage", "no-such-flag", spec.Command{Args: []string{"volume", "ls", "--no-such-flag"}}, &seatrial.CommandError{Command: "docker volume ls", ExitCode: 125}},
		{"a program", "running sh: exited with code 3: no disk", sh("echo step 1 >&2; echo no disk >&2; exit 3"), &seatrial.CommandError{Command: "sh", ExitCode: 3}},
		{"stdout alone", "running list: exited with code 1: it is not found", spec.Command{Program: "sh", Args: []string{"-c", "echo it is not found; exit 1"}, Name: "list"}, &seatrial.CommandError{Command: "list", ExitCode: 1}},
		{"success is not expected", "running sh: exited with code 0", spec.Command{Program: "sh", Args: []string{"-c", ":"}, ExitCodes: []int{1}}, &seatrial.CommandError{Command: "sh"}},
		{"a signal", "running sh: was ended by signal: killed: cannot go on", sh("echo cannot go on >&2; kill -9 $$"), &seatrial.CommandError{Command: "sh", ExitCode: -1}},
		{"late", "running sleep 60: did not end within ", spec.Command{Program: "sleep", Args: []string{"60"}, TimeLimit: 200 * time.Millisecond}, &seatrial.CommandError{Command: "sleep 60", ExitCode: -1}},
		{"no program", `"no-such-program": executable file not found`, spec.Command{Program: "no-such-program"}, nil},
		{"no directory", "Dir: stat /none/there: no such file or directory", spec.Command{Program: "pwd", Dir: "/none/there"}, nil},
		{"nothing", "running a command: Args is not given", spec.Command{}, nil},
		{"a variable for another engine", "Env: DOCKER_HOST would lead to another engine", spec.Command{Args: []string{"ps"}, Env: map[string]string{"DOCKER_HOST": ""}}, nil},
		{"a flag for another engine", "Args: --host would lead to another engine", spec.Command{Args: []string{"--config", "x", "--host=tcp://x", "ps"}}, nil},
		{"a short flag for another engine", "Args: -H would lead to another engine", spec.Command{Args: []string{"-D", "-Htcp://x", "ps"}}, nil},
		{"a bad file name", `Stderr: "../x" is no plain file name`, spec.Command{Args: []string{"ps"}, Stderr: "../x"}, nil},
		{"one file for two", "of this name already", spec.Command{Args: []string{"ps"}, Stdout: "both", Stderr: "both"}, nil},
		{"a short secret", "Secrets: number 2 has fewer than four", spec.Command{Args: []string{"ps"}, Secrets: []string{"long enough", "abc"}}, nil},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			err := seatrial.Try(t, func(t seatrial.T) { seatrial.Docker(t, test.command); t.Errorf("it goes on") })
			if err == nil {
				t.Fatal("no error")
			}
			line, _, _ := strings.Cut(err.Error(), "\n")
			if !strings.Contains(line, test.first) {
				t.Errorf("the first line is %q, want %q in it", line, test.first)
			}
			t.Log(err)
			var got *seatrial.CommandError
			if !errors.As(err, &got) || test.want == nil {
				if got != nil || test.want != nil {
					t.Errorf("it is a %T with %+v, want %+v", err, got, test.want)
				}
				return
			}
			if got.Command != test.want.Command || got.ExitCode != test.want.ExitCode {
				t.Errorf("the fields are %+v, want %+v", got, test.want)
			}
			if late := test.about == "late"; errors.Is(err, context.DeadlineExceeded) != late {
				t.Errorf("it is a deadline: %v, want %v", !late, late)
			}
			if test.about == "a program" && !slices.Equal(got.Stderr, []string{"step 1", "no disk"}) {
				t.Errorf("Stderr is %q", got.Stderr)
			}
		})
	}
}

// The test's own deadline bounds a command, and so does its end.
func TestDockerIsCutOff(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	mustFailIn(t, 4*time.Second, "running sleep 600: did not end within", func(t seatrial.T) {
		seatrial.Docker(t, spec.Command{Program: "sleep", Args: []string{"600"}})
	})
	mustFailBy(t, time.Now().Add(time.Minute), "a TimeLimit of 2m0s does not fit", func(t seatrial.T) {
		seatrial.StartDocker(t, spec.Command{Program: "sleep", Args: []string{"60"}, TimeLimit: 2 * time.Minute})
	})
	r := mustFail(t, "running sh: exited with code 3", func(t seatrial.T) {
		seatrial.Together(t,
			func(t seatrial.T) { seatrial.Docker(t, sh("sleep 0.3; exit 3")) },
			func(t seatrial.T) { seatrial.Docker(t, spec.Command{Program: "sleep", Args: []string{"60"}}) })
	})
	if !strings.Contains(r.Logs(), "function 2 of Together failed, too: running sleep 60: was ended: another function of Together failed") {
		t.Errorf("the log is\n%s", r.Logs())
	}
}

func TestDockerHidesSecrets(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	const password, token = "hunter2's \"horse\"", "tok=en+/1"
	var err error
	var printed *seatrial.Result
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		printed = seatrial.Docker(t, spec.Command{Program: "sh", Args: []string{"-c", `printf 'a%s\nb' "$1"; cat; echo "$2" >&2`, "sh", password, token}, Stdin: password, Secrets: []string{password, token}})
		// From then on, whoever says it.
		err = seatrial.Try(t, func(t seatrial.T) {
			seatrial.Docker(t, spec.Command{Program: "sh", Args: []string{"-c", `echo "no access: $0" >&2; exit 1`, token}, Name: "login " + token})
		})
		c := seatrial.StartDocker(t, sh(`echo "token: `+token+`"; exit 4`))
		t.Errorf("%v", seatrial.Try(t, func(t seatrial.T) { c.Result(t) }))
		err = errors.Join(err, seatrial.Try(t, func(t seatrial.T) { seatrial.Docker(t, spec.Command{Program: "/none/" + token}) }))
		for name, content := range artifacts(t) {
			t.Logf("%s: %s", name, content)
		}
	})
	discard(t, r)
	if want := "a" + password + "\nb" + password; printed.Stdout != want || printed.Stderr != token+"\n" {
		t.Errorf("the result is %+v, want it as it was printed", *printed)
	}
	var command *seatrial.CommandError
	if !errors.As(err, &command) {
		t.Fatalf("%v has no type", err)
	}
	said := r.Errors() + r.Logs() + err.Error() + command.Command + strings.Join(command.Stderr, "\n")
	for _, part := range []string{"hunter2", "horse", token} {
		if strings.Contains(said, part) {
			t.Errorf("%q is said:\n%s", part, said)
		}
	}
	if n := strings.Count(said, "[hidden]"); n < 10 {
		t.Errorf("[hidden] stands there %d times:\n%s", n, said)
	}
}
