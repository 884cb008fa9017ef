// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// go test prints a failure with the line that called the user's own helper, whatever verb
// failed in it: in a test, and in a function of Together.
func TestLines(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "lines") // paths of t.TempDir are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	fake := enginetest.NewFake("fake", "1.47")
	fake.Answer("/containers/box/json", map[string]any{"Id": "b0c5", "Name": "/box", "State": map[string]any{"Status": "created"}, "Config": map[string]any{}})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY nothing /\n")
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), "services: {web: {image: none}}\n")
	cmd := exec.Command(os.Args[0], "-test.run=^TestLinesOfFailures$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+filepath.Join(dir, "s"), "DOCKER_CONTEXT=", "TMPDIR="+dir, "SEATRIAL_TEST_CHILD=1", "SEATRIAL_TEST_LINES=1", "SEATRIAL_REQUIRE=1")
	out, _ := cmd.CombinedOutput()
	source, err := os.ReadFile("lines_test.go")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{}
	for i, line := range bytes.Split(source, []byte("\n")) {
		if bytes.HasSuffix(line, []byte("// here")) {
			ours[fmt.Sprintf("lines_test.go:%d", i+1)] = true
		}
	}
	test, said := "", map[string]int{}
	for line := range strings.Lines(string(out)) { // with -v in the order of printing
		if m := regexp.MustCompile(`^=== RUN +TestLinesOfFailures/(\S+)`).FindStringSubmatch(line); m != nil {
			test = m[1]
		}
		if m := regexp.MustCompile(`^ +(\S+\.go:\d+): (.*)`).FindStringSubmatch(line); m != nil {
			if said[test]++; !ours[m[1]] {
				t.Errorf("%s says at %s: %s", test, m[1], m[2])
			}
		}
	}
	for _, verb := range failures {
		for _, where := range []string{"", "_together"} {
			if said[verb.name+where] == 0 {
				t.Errorf("%s%s says nothing", verb.name, where)
			}
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

// TestLinesOfFailures is run by TestLines: a user's test, in which everything fails.
func TestLinesOfFailures(t *testing.T) {
	if os.Getenv("SEATRIAL_TEST_LINES") == "" {
		t.Skip("TestLines runs it")
	}
	for _, verb := range failures {
		t.Run(verb.name, func(t *testing.T) {
			verb.fails(t) // here
		})
		t.Run(verb.name+"_together", func(t *testing.T) {
			seatrial.Together(t, func(seatrial.T) {}, func(t seatrial.T) {
				verb.fails(t) // here
			})
		})
	}
}

// A failure is a user's helper in which a verb fails.
type failure struct {
	name  string
	fails func(t seatrial.T)
}

var shares = seatrial.Share("lines", func(t seatrial.T) int {
	t.Errorf("no") // here
	t.FailNow()
	return 0
})

// failures are all verbs that begin something. Those of handles are methods of Container,
// which has the most, and is the only handle that a fake engine can provide.
var failures = append([]failure{

	{"Own", func(t seatrial.T) { t.Helper(); seatrial.Own(t, "boat", "x") }},
	{"Need", func(t seatrial.T) { t.Helper(); seatrial.Need(t, spec.Need{Manager: true}) }},
	{"Share", func(t seatrial.T) { t.Helper(); shares(t) }},
	{"Try", func(t seatrial.T) {
		t.Helper()
		if err := seatrial.Try(t, func(t seatrial.T) { seatrial.Run(t, spec.Container{}) }); err != nil { // here
			t.Errorf("%v", err)
			t.FailNow()
		}
	}},
	{"StartDocker", func(t seatrial.T) { t.Helper(); seatrial.StartDocker(t, spec.Command{Program: "/nowhere"}) }},
	{"Command.Wait", func(t seatrial.T) {
		t.Helper()
		seatrial.StartDocker(t, spec.Command{Program: "false"}).Wait(t, wait.Log("x"))
	}},
	{"Docker", func(t seatrial.T) { t.Helper(); seatrial.Docker(t, spec.Command{Program: "/nowhere"}) }},
	{"CreateConfig", func(t seatrial.T) { t.Helper(); seatrial.CreateConfig(t, spec.Secret{Name: "x"}) }},
	{"CreateSecret", func(t seatrial.T) { t.Helper(); seatrial.CreateSecret(t, spec.Secret{Name: "x"}) }},
	{"CreateNetwork", func(t seatrial.T) { t.Helper(); seatrial.CreateNetwork(t, spec.Network{Name: "x"}) }},
	{"CreateVolume", func(t seatrial.T) { t.Helper(); seatrial.CreateVolume(t, spec.Volume{Name: "x"}) }},
	{"Run", func(t seatrial.T) { t.Helper(); seatrial.Run(t, spec.Container{Image: "none"}) }},
	{"RunToEnd", func(t seatrial.T) { t.Helper(); seatrial.RunToEnd(t, spec.Container{Image: "none"}) }},
	{"WrapContainer", func(t seatrial.T) { t.Helper(); seatrial.WrapContainer(t, spec.Existing{Name: "none"}) }},
	{"WrapService", func(t seatrial.T) { t.Helper(); seatrial.WrapService(t, spec.Existing{Name: "none"}) }},
	{"WrapImage", func(t seatrial.T) {
		t.Helper()
		seatrial.WrapImage(t, spec.ExistingImage{Ref: "none", Pull: spec.PullNever})
	}},
	{"Build", func(t seatrial.T) { t.Helper(); seatrial.Build(t, spec.Image{Context: "."}) }},
	{"Load", func(t seatrial.T) { t.Helper(); seatrial.On(spec.Engine{}).Load(t, &seatrial.Image{Ref: "none"}) }},
	{"Shared", func(t seatrial.T) {
		t.Helper()
		seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"compose.yaml"}}})
	}},
	{"Up", func(t seatrial.T) { t.Helper(); seatrial.Up(t, spec.Project{Files: []string{"compose.yaml"}}) }},
	{"Serve", func(t seatrial.T) { t.Helper(); seatrial.Serve(t, spec.Service{Image: "none"}) }},
	{"Deploy", func(t seatrial.T) { t.Helper(); seatrial.Deploy(t, spec.Stack{Files: []string{"compose.yaml"}}) }},
}, ofContainers()...)

func ofContainers() (all []failure) {
	for name, does := range map[string]func(t seatrial.T, c *seatrial.Container){
		"Addr":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Addr(t, 80) },
		"AddrOf":   func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.AddrOf(t, "80/udp") },
		"Commit":   func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Commit(t) },
		"CopyIn":   func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.CopyIn(t, "Dockerfile", "/") },
		"CopyOut":  func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.CopyOut(t, "/x", "x") },
		"Exec":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Exec(t, spec.Exec{Command: []string{"x"}}) },
		"ExitCode": func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.ExitCode(t) },
		"IP":       func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.IP(t, "none") },
		"Kill":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Kill(t, "KILL") },
		"Pause":    func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Pause(t) },
		"Port":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Port(t, 80) },
		"PortOf":   func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.PortOf(t, "80/udp") },
		"Restart":  func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Restart(t) },
		"Start":    func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Start(t) },
		"Stop":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Stop(t) },
		"URL":      func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.URL(t, 80) },
		"Unpause":  func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Unpause(t) },
		"Wait":     func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Wait(t, wait.Log("(")) },
		"Health":   func(t seatrial.T, c *seatrial.Container) { t.Helper(); c.Health(t) },
	} {
		all = append(all, failure{"Container." + name, func(t seatrial.T) {
			t.Helper()
			does(t, seatrial.WrapContainer(t, spec.Existing{Name: "box"}))
		}})
	}
	return all
}
