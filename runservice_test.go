// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"errors"
	"os"
	"os/exec"
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

func TestRunService(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, `services:
  store:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    volumes: [stock:/data]
  tool:
    image: example/probe:1
    profiles: [tools]
    depends_on: [store]
    command: ["-print", "its own", "-print", "!aside"]
    volumes: [stock:/data]
  other: {image: "example/probe:1", profiles: [tools], command: ["-after", "1m"]}
volumes: {stock: {}}
`))
	app.Service(t, "store").Wait(t, wait.Log("listening"))
	enginetest.Put(t, app.Service(t, "store").URL(t, 8080)+"/file/name", "stored")

	got := app.Run(t, "tool", spec.Exec{})
	if diff := cmp.Diff(&seatrial.Result{Stdout: "its own\n", Stderr: "aside\n"}, got); diff != "" {
		t.Errorf("a service of a profile that is off (-want +got):\n%s", diff)
	}
	got = app.Run(t, "store", spec.Exec{Command: []string{"-stat", "/data/name", "-env", "WORD", "-id", "-cat", "-exit", "3"},
		Env: map[string]string{"WORD": "two words"}, User: "1:2", Dir: "/data", Stdin: "typed", ExitCodes: []int{3}})
	if !strings.Contains(got.Stdout, "stored") || !strings.Contains(got.Stdout, "two words") || !strings.HasSuffix(got.Stdout, "typed") || got.ExitCode != 3 {
		t.Errorf("with everything: %+v", got)
	}
	if _, err := os.Stat(filepath.Join(seatrial.Artifacts(t), "tool-run.out")); err != nil {
		t.Errorf("artifact: %v", err)
	}
	var running []string
	for _, c := range app.Running(t).Containers {
		running = append(running, strings.TrimPrefix(c.Name, app.Name+"-"))
	}
	if !slices.ContainsFunc(running, func(name string) bool { return strings.HasPrefix(name, "tool-run-") }) || slices.Contains(running, "other-1") || slices.Contains(running, "tool-1") {
		t.Errorf("there are %q, want runs of tool, and no other of its profile", running)
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.Service(t, "other") }); !strings.Contains(errorText(err), "the service is off") {
		t.Errorf("the other of its profile, which no later verb must start: %v", err)
	}
	for _, test := range []struct {
		about, service, want string
		x                    spec.Exec
	}{
		{"exit code", "store", "exited with code 7, not 0: cannot go on", spec.Exec{Command: []string{"-print", "!cannot go on", "-exit", "7"}}},
		{"no such service", "stoer", `running stoer of `, spec.Exec{}},
		{"late", "store", "did not end within", spec.Exec{Command: []string{"-print", "working", "-deaf", "-after", "1h"}, TimeLimit: 4 * time.Second}},
		{"user", "store", "nobodyhere", spec.Exec{Command: []string{"-id"}, User: "nobodyhere"}},
	} {
		err := seatrial.Try(t, func(t seatrial.T) { app.Run(t, test.service, test.x) })
		first, _, _ := strings.Cut(errorText(err), "\n")
		if !strings.Contains(first, test.want) {
			t.Errorf("%s: %v, want %q", test.about, err, test.want)
		}
		var exit *wait.ExitError
		if test.about == "exit code" && (!errors.As(err, &exit) || exit.State.ExitCode != 7) {
			t.Errorf("%s: %v is no *wait.ExitError with 7", test.about, err)
		}
		out, err := exec.Command("docker", "ps", "--quiet", "--filter", "label=com.docker.compose.project="+app.Name, "--filter", "label=com.docker.compose.oneoff=True").Output()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: after it there run %q, %v", test.about, out, err)
		}
	}
}

// A service that is off and cannot be built does not end the project.
func TestRunServiceThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, oneServer+`  tool:
    build: {context: ., dockerfile: tool.Dockerfile}
    profiles: [tool]
`)
	enginetest.WriteFile(t, filepath.Join(s.Files[0], "tool.Dockerfile"), "FROM "+img.Ref+"\nRUN [\"/none\"]\n")
	app := seatrial.Up(t, s)
	mustFail(t, "running tool of ", func(t seatrial.T) { app.Run(t, "tool", spec.Exec{}) })
	if web := app.Service(t, "web"); web.State(t).Ended() {
		t.Errorf("web is %s", web.State(t))
	}
}
