// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// Names that files make of the project's stay, and what has them goes with the test.
func TestNamesOfTheProjects(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web:
    image: "${COMPOSE_PROJECT_NAME}/own:1"
    build: {dockerfile_inline: "FROM example/probe:1"}
    container_name: "${COMPOSE_PROJECT_NAME}-web"
    command: ["-serve", ":80"]
    networks: [front]
networks: {front: {name: "${COMPOSE_PROJECT_NAME}-front"}}
`)
	var name string
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app := seatrial.Up(r, s)
		name = app.Name
		app.Run(r, "web", spec.Exec{Command: []string{"-exit", "0"}})
		if got := strings.TrimSpace(enginetest.Docker(t, "ps", "--format", "{{.Names}}", "--filter", "name="+name)); got != name+"-web" {
			t.Errorf("docker ps has %q", got)
		}
		if ip := app.Service(r, "web").IP(r, "front"); ip == "" {
			t.Error("it has no address in its network")
		}
		s.Env = map[string]string{"NEXT": "1"}
		s.Files = append(s.Files, s.Files[0]+"/next.yaml")
		writeFile(t, s.Files[1], "services: {web: {environment: [NEXT]}}\n")
		app.Update(r, s)
	})
	if r.Failed() {
		t.Errorf("%s", r.Errors())
	}
	left := enginetest.Docker(t, "ps", "--all", "--format", "{{.Names}}", "--filter", "name="+name) + enginetest.Docker(t, "network", "ls", "--format", "{{.Name}}", "--filter", "name="+name) +
		enginetest.Docker(t, "image", "ls", "--format", "{{.Repository}}", "--filter", "reference="+name+"/*")
	if left != "" {
		t.Errorf("left: %q", left)
	}
}

// A restart that fails names the service that is to blame, and not one that it has
// stopped itself, with SIGKILL.
func TestRestartBlamesTheUnhealthy(t *testing.T) {
	t.Parallel()
	app := seatrial.Up(t, project(t, probe(t), `services:
  a:
    image: example/probe:1
    command: ["-deaf", "-serve", ":80"]
    stop_grace_period: 100ms
    depends_on: {b: {condition: service_healthy}}
  b:
    image: example/probe:1
    command: ["-serve", ":80"]
    healthcheck: {test: [CMD, /probe, -check, "http://c/health"], interval: 200ms, retries: 1, start_period: 1m} # until c listens
  c: {image: "example/probe:1", command: ["-serve", ":80"]}
`))
	app.Stop(t, "c")
	b := app.Service(t, "b")
	for end := time.Now().Add(time.Minute); b.Health(t) != "unhealthy"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("b does not turn unhealthy")
		}
	}
	err := seatrial.Try(t, func(t seatrial.T) { app.Restart(t, "a") })
	if first, _, _ := strings.Cut(errorText(err), "\n"); !strings.Contains(first, "of b: unhealthy") {
		t.Errorf("it fails with %q, want b, which is unhealthy", errorText(err))
	}
}

// Compose does not notice that what secrets and configs without a file hold changes.
func TestUpdateOfContents(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], configs: [greeting], secrets: [key]}
  other: {image: "example/probe:1", command: ["-serve", ":80"]}
configs: {greeting: {content: "hello ${WHO}"}}
secrets: {key: {environment: KEY}}
`)
	s.Env = map[string]string{"WHO": "you", "KEY": "first key"}
	app := seatrial.Up(t, s)
	for _, step := range []struct {
		env           map[string]string
		greeting, key string
		recreated     []string
	}{
		{map[string]string{"WHO": "you", "KEY": "first key"}, "hello you", "first key", nil},
		{map[string]string{"WHO": "all", "KEY": "first key"}, "hello all", "first key", []string{"web"}},
		{map[string]string{"WHO": "all", "KEY": "next key"}, "hello all", "next key", []string{"web"}},
	} {
		s.Env = step.env
		if got := app.Update(t, s).Recreated; !slices.Equal(got, step.recreated) {
			t.Errorf("with %v recreated are %v, want %v", step.env, got, step.recreated)
		}
		r := app.Service(t, "web").Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/greeting", "-stat", "/run/secrets/key"}})
		if !strings.Contains(r.Stdout, step.greeting) || !strings.Contains(r.Stdout, step.key) {
			t.Errorf("with %v the container has %q", step.env, r.Stdout)
		}
	}
}

// What is to be mounted and is not there is not made in the checkout, and not made up
// where the file forbids it.
func TestMissingMounts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    volumes: ["./none.conf:/none.conf:ro"]
`)
	web := seatrial.Up(t, s).Service(t, "web")
	if r := web.Exec(t, spec.Exec{Command: []string{"/probe", "-exists", "/none.conf"}}); r.ExitCode != 0 {
		t.Errorf("nothing is mounted: %+v", r)
	}
	if entries, err := os.ReadDir(s.Files[0]); err != nil || len(entries) != 1 {
		t.Errorf("the checkout has %v, %v; want its file alone", entries, err)
	}
	s = project(t, img, `services:
  web:
    image: example/probe:1
    volumes: [{type: bind, source: ./none, target: /none, bind: {create_host_path: false}}]
`)
	mustFail(t, "compose.yaml:4 service web: ./none is mounted, and is missing", func(t seatrial.T) { seatrial.Up(t, s) })
}
