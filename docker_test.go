// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"context"
	"errors"
	"net"
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
	"github.com/seatrial/seatrial/wait"
)

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
	r.Discard(t)
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
		{"a bad file name", `Stderr: "../x" is not a plain file name`, spec.Command{Args: []string{"ps"}, Stderr: "../x"}, nil},
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

// The test's own deadline ends a command, and so does the test's end.
func TestDockerIsCutOff(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	mustFailIn(t, 4*time.Second, "running sleep 600: did not end within", func(t seatrial.T) {
		seatrial.Docker(t, spec.Command{Program: "sleep", Args: []string{"600"}})
	})
	mustFailBy(t, time.Now().Add(time.Minute), "TimeLimit (2m) exceeds the ", func(t seatrial.T) {
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
		// The secret is hidden from then on, whichever verb prints it.
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
	r.Discard(t)
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

func TestStartDocker(t *testing.T) {
	t.Parallel()
	img := probe(t)
	events := seatrial.StartDocker(t, spec.Command{Args: []string{"events", "--since", "5m", "--filter", "type=volume", "--format", "{{.Action}} {{.Actor.ID}}"}, Name: "events"})
	vol := seatrial.CreateVolume(t, spec.Volume{})
	events.Wait(t, wait.Log("create "+vol.Name))
	if r := events.Stop(t); !strings.Contains(r.Stdout, "create "+vol.Name+"\n") {
		t.Errorf("events printed %+v", r)
	}
	events.Stop(t)
	if r := events.Result(t); !strings.Contains(r.Stdout, vol.Name) {
		t.Errorf("after Stop the result is %+v", r)
	}

	// A server, in the foreground of docker run.
	name, labels := seatrial.Own(t, "container", "web")
	args := append([]string{"run", "--name", name, "--publish", "127.0.0.1::80"}, labels...)
	web := seatrial.StartDocker(t, spec.Command{Args: append(args, img.Ref, "-serve", ":80"), Name: "web"})
	web.Wait(t, wait.Log("listening"))
	c := seatrial.WrapContainer(t, spec.Existing{Name: name, As: "wrapped"})
	c.Wait(t, wait.HTTP(80, "/health"))
	if r := web.Stop(t); r.ExitCode != 0 {
		t.Errorf("docker run ended with %+v", r)
	}
	c.Wait(t, wait.Exit(0)) // the signal was passed on
}

func TestStartDockerEnds(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	ok := seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", "echo out; echo err >&2; printf end; exit 5"}, ExitCodes: []int{5}})
	ok.Wait(t, wait.Log("^err$"), wait.Exit(5), wait.Log("^end$"))
	if diff := cmp.Diff(seatrial.Result{ExitCode: 5, Stdout: "out\nend", Stderr: "err\n"}, *ok.Result(t)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}

	asks := seatrial.StartDocker(t, sh("printf 'Password: '; sleep 60"))
	var err error
	for want := `and "Password:", a line that has not ended`; ; {
		err = seatrial.Try(t, func(t seatrial.T) { asks.Wait(t, wait.Within(time.Second, wait.Log("^Password: $"))) })
		if err != nil && strings.Contains(err.Error(), want) {
			break
		}
		if text := errorText(err); !strings.Contains(text, "logged no line") { // on a slow machine it has not printed anything yet
			t.Errorf("waiting for a prompt: %s, want that it says %q", text, want)
			break
		}
	}
	asks.Stop(t)

	bad := seatrial.StartDocker(t, sh("echo no licence; exit 6"))
	err = seatrial.Try(t, func(t seatrial.T) { bad.Wait(t, wait.Log("ready")) })
	var exit *wait.ExitError
	if !errors.As(err, &exit) || exit.State.ExitCode != 6 || !strings.HasPrefix(err.Error(), `sh exited with code 6 before logging "ready": no licence`) {
		t.Errorf("waiting for an event that never comes: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { bad.Result(t) })
	var command *seatrial.CommandError
	if !errors.As(err, &command) || command.ExitCode != 6 {
		t.Errorf("the result of one that failed: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { bad.Wait(t, wait.HTTP(1, "/")) })
	if !errors.As(err, &exit) {
		t.Errorf("a port of one that ended: %v", err)
	}

	// A port of this machine.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	l.Close()
	server := seatrial.StartDocker(t, spec.Command{Program: filepath.Join(enginetest.ProbeContext(t), "probe"), Args: []string{"-after", "300ms", "-serve", addr.String()}})
	server.Wait(t, wait.Listening(addr.Port), wait.HTTP(addr.Port, "/health"))
	if r := server.Stop(t); r.ExitCode != 0 {
		t.Errorf("the server ended with %+v", r)
	}

	late := seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", "sleep 60"}, TimeLimit: 300 * time.Millisecond})
	err = seatrial.Try(t, func(t seatrial.T) { late.Result(t) })
	if !errors.As(err, &command) || command.ExitCode != -1 || !strings.Contains(err.Error(), "did not end within") {
		t.Errorf("one that is late: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { seatrial.StartDocker(t, spec.Command{Program: "none-such"}) })
	if err == nil || !strings.Contains(err.Error(), "executable file not found") {
		t.Errorf("no such program: %v", err)
	}
}

// marked lists the processes whose environment has this MARKER.
func marked(marker string) []string {
	var all []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, _ := os.ReadFile(file) // fails for a process of another user, and for one that is gone
		if bytes.Contains(env, []byte("MARKER="+marker+"\x00")) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			all = append(all, string(command))
		}
	}
	return all
}

// A command in the background outlives the T that started it, and ends with the
// test, together with its process group.
func TestStartDockerEndsWithTheTest(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("processes are looked for in /proc: ", err)
	}
	marker := t.TempDir()
	var ran, cleaned bool
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		var c *seatrial.Command
		t.Cleanup(func() { cleaned = true })
		seatrial.Together(t, func(t seatrial.T) {
			// Both ignore SIGTERM.
			c = seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", `trap "" TERM; (sleep 60; :) & echo up; wait; sleep 60`}, Env: map[string]string{"MARKER": marker}})
		})
		_ = seatrial.Try(t, func(t seatrial.T) { c.Wait(t, wait.Log("up")); t.FailNow() })
		time.Sleep(100 * time.Millisecond)
		ran = len(marked(marker)) > 1
	})
	if !ran || !cleaned || r.Failed() {
		t.Errorf("ran = %v, cleaned = %v: %s", ran, cleaned, r.Errors())
	}
	for end := time.Now().Add(10 * time.Second); len(marked(marker)) > 0 && time.Now().Before(end); { // no process waits for a grandchild
		time.Sleep(10 * time.Millisecond)
	}
	if left := marked(marker); len(left) > 0 {
		t.Errorf("these are left: %q", left)
	}
	if !strings.Contains(r.Logs(), ": was ended: the test has ended, after ") {
		t.Errorf("the log is\n%s", r.Logs())
	}
}
