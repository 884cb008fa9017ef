// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func shop(img *seatrial.Image) spec.Project {
	return spec.Project{Files: []string{"testdata/shop/compose.yaml"}, Images: map[string]string{"example/probe:1": img.Ref}}
}

func TestTwoCopiesOfAProject(t *testing.T) {
	t.Parallel()
	img := probe(t)
	shipped, err := os.ReadFile("testdata/shop/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var copies [2]*seatrial.Project
	t.Run("start", func(t *testing.T) { // the subtests' projects would go with them
		for i := range copies {
			copies[i] = seatrial.Up(t, shop(img))
		}
		for i, app := range copies {
			store, name := app.Service(t, "store"), []string{"first", "second"}[i]
			put(t, store.URL(t, 19000)+"/file/name", name) // by the number in the file
		}
		for i, app := range copies {
			name := []string{"first", "second"}[i]
			if got := get(t, app.Service(t, "store").URL(t, 9000)+"/file/name"); got != name { // by that of the container
				t.Errorf("store of copy %d has %q, want %q", i, got, name)
			}
			// From inside, by the container name that the file gives.
			web := app.Service(t, "web")
			if got := get(t, web.URL(t, 18080)+"/fetch?http://shop-store:9000/file/name"); got != name {
				t.Errorf("copy %d sees the store of %q, want its own, %q", i, got, name)
			}
			if got, want := get(t, web.URL(t, 18080)+"/env?TITLE")+" "+get(t, web.URL(t, 18080)+"/env?PRICE"), "Shop $5"; got != want {
				t.Errorf("TITLE and PRICE of copy %d = %q, want %q", i, got, want)
			}
		}
		for _, app := range copies { // a restart keeps the volume and moves the port
			store := app.Service(t, "store")
			store.Restart(t)
			store.Wait(t, wait.Healthy())
		}
		for i, app := range copies {
			if got, want := get(t, app.Service(t, "store").URL(t, 19000)+"/file/name"), []string{"first", "second"}[i]; got != want {
				t.Errorf("after a restart, store of copy %d has %q, want %q", i, got, want)
			}
		}
	})
	for _, app := range copies {
		for _, kind := range [][]string{{"ps", "--all"}, {"network", "ls"}, {"volume", "ls"}} {
			if left := enginetest.Docker(t, append(kind, "--format", "{{json .}}", "--filter", "label=com.docker.compose.project="+app.Name)...); left != "" {
				t.Errorf("after the test, docker %s finds\n%s", strings.Join(kind, " "), left)
			}
		}
	}
	now, err := os.ReadFile("testdata/shop/compose.yaml")
	if err != nil || !bytes.Equal(shipped, now) {
		t.Errorf("the shipped file changed (%v)", err)
	}
}

func TestUpWithEnvProfilesAndReady(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := shop(img)
	s.Env = map[string]string{"TITLE": "It's $HOME"}
	s.Ready = map[string]wait.Condition{"web": wait.HTTP(8080, "/health"), "migrate": wait.Log("0001 ok")}
	app := seatrial.Up(t, s)
	if got, want := get(t, app.Service(t, "web").URL(t, 8080)+"/env?TITLE"), "It's $HOME"; got != want {
		t.Errorf("TITLE = %q, want %q", got, want)
	}
	if !strings.Contains(app.Plan(), "testdata/shop/compose.yaml:7") || !strings.Contains(app.Plan(), "shop-web") {
		t.Errorf("the plan does not name the place of shop-web's container name:\n%s", app.Plan())
	}
	for _, file := range []string{"web.out", "store.out", "migrate.out", "tailored.yaml", "plan.txt", "compose-up.log"} {
		if _, err := os.Stat(filepath.Join(seatrial.Artifacts(t), file)); err != nil {
			t.Errorf("artifact: %v", err)
		}
	}
}

func TestProjectBuildsImages(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.ProbeContext(t)
	writeFile(t, filepath.Join(dir, "compose.yaml"), `services:
  my_web.app:
    build: .
    command: ["-serve", ":80"]
    ports: ["80:80"]
  other:
    build: .
    image: example/shared:1
    command: ["-serve", ":80"]
  follows:
    image: example/shared:1
    command: ["-serve", ":80"]
    depends_on: [other]
`)
	var name string
	t.Run("up", func(t *testing.T) {
		app := seatrial.Up(t, spec.Project{Files: []string{dir}})
		name = app.Name
		app.Service(t, "my_web.app").Wait(t, wait.HTTP(80, "/health"))
		app.Service(t, "follows").Wait(t, wait.Log("listening"))
	})
	if images := enginetest.Images(t); name != "" && strings.Contains(images, name) {
		t.Errorf("of project %s there are left among the images\n%s", name, images)
	}
}

func TestUpFails(t *testing.T) {
	t.Parallel()
	img := probe(t)
	const head = "services:\n  web:\n    image: " + "example/probe:1\n"
	tests := []struct{ about, want, file string }{
		{"exits", "of web: exited with code 4", head + `    command: ["-print", "no database", "-exit", "4"]`},
		{"unhealthy", "of web: unhealthy", head + "    command: ['-after', '1m']\n" +
			"    healthcheck: {test: [CMD, /probe, -check, 'http://127.0.0.1/'], interval: 100ms, retries: 1}\n"},
		{"needed service fails", "waiting for ready of db: exited with code 5", head +
			"    depends_on: {db: {condition: service_completed_successfully}}\n  db:\n    image: example/probe:1\n    command: ['-exit', '5']\n"},
		{"needed service is unhealthy", "of db: unhealthy", head +
			"    depends_on: {db: {condition: service_healthy}}\n  db:\n    image: example/probe:1\n    command: ['-after', '1m']\n" +
			"    healthcheck: {test: [CMD, /probe, -check, 'http://127.0.0.1/'], interval: 100ms, retries: 1}\n"},
		{"command missing", "no such file", head + "    entrypoint: [/no/such]\n"},
		{"image missing", "localhost/none", head + "  other:\n    image: localhost/none:1\n"},
		{"all off", "all services are off", head + "    profiles: [a, b]\n"},
		{"broken file", "compose.yaml:3", head + "\t- x\n"},
		{"image that no service has", "example/probe:1", "services:\n  web:\n    image: other\n"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "compose.yaml"), test.file)
			mustFail(t, test.want, func(t seatrial.T) {
				seatrial.Up(t, spec.Project{
					Files:  []string{filepath.Join(dir, "compose.yaml")},
					Images: map[string]string{"example/probe:1": img.Ref},
					Ready:  map[string]wait.Condition{"web": wait.Log("never")},
				})
			})
		})
	}
	t.Run("no such file", func(t *testing.T) {
		mustFail(t, "no-such.yaml", func(t seatrial.T) { seatrial.Up(t, spec.Project{Files: []string{"no-such.yaml"}}) })
	})
	t.Run("no such service", func(t *testing.T) {
		mustFail(t, `no service "wbe"; there are migrate, store, web`, func(t seatrial.T) {
			s := shop(img)
			s.Ready = map[string]wait.Condition{"wbe": wait.Healthy()}
			seatrial.Up(t, s)
		})
	})
}

// The usual way of those who don't wait for their database: fail, and be
// started again.
func TestServiceThatNeedsRestarts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "compose.yaml"), `services:
  web:
    image: example/probe:1
    restart: always
    command: ["-needs", "3", "-serve", ":80"]
    volumes: [state:/data]
    ports: ["80:80"]
volumes: {state: {}}
`)
	app := seatrial.Up(t, spec.Project{
		Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref},
		Ready: map[string]wait.Condition{"web": wait.HTTP(80, "/health")},
	})
	if got := get(t, app.Service(t, "web").URL(t, 80)+"/health"); got != "ok\n" {
		t.Errorf("/health = %q", got)
	}
}

func TestAddressesOfPorts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "compose.yaml"), `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["80", "127.0.0.2:8001:81", "0.0.0.0:8002:82", "192.0.2.7:8003:83", "8004-8005:84-85", "8006:86/udp"]
`)
	app := seatrial.Up(t, spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}})
	web := app.Service(t, "web")
	for port, want := range map[int]string{80: "127.0.0.1:", 8001: "127.0.0.2:", 81: "127.0.0.2:", 8002: "127.0.0.1:", 8003: "127.0.0.1:", 8004: "127.0.0.1:", 8005: "127.0.0.1:"} {
		if got := web.Addr(t, port); !strings.HasPrefix(got, want) {
			t.Errorf("Addr(%d) = %q, want one on %s", port, got, want)
		}
	}
	web.Wait(t, wait.HTTP(80, "/health"))
	mustFail(t, "looking up port 8006 of web: it is not published; published are 80/tcp, 81/tcp (8001 in the file)", func(t seatrial.T) { web.Port(t, 8006) })
}

// Nothing of the tester's shell reaches the files, and what does is what the
// plan was made with.
func TestEnvironmentOfFiles(t *testing.T) {
	img := probe(t)
	t.Setenv("TZ", "Mars/Base")
	t.Setenv("MINE", "from the shell")
	t.Setenv("COMPOSE_PROFILES", "extra")
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, ".env"), "FROM_FILE=yes\nGIVEN=no\n")
	writeFile(t, filepath.Join(dir, "compose.yaml"), `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["80:80"]
    environment: ["SEEN=${TZ:-none} ${MINE:-none} ${FROM_FILE} ${GIVEN}"]
  extra: {image: example/probe:1, profiles: [extra]}
`)
	app := seatrial.Up(t, spec.Project{
		Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref},
		Env: map[string]string{"GIVEN": "a $b", "DOCKER_HOST": "tcp://nowhere"},
	})
	if got, want := get(t, app.Service(t, "web").URL(t, 80)+"/env?SEEN"), "none none yes a $b"; got != want {
		t.Errorf("SEEN = %q, want %q", got, want)
	}
	mustFail(t, `looking up service "extra"`, func(t seatrial.T) { app.Service(t, "extra") })
}

func TestUpThatTakesTooLongNamesTheService(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "compose.yaml"), `services:
  web:
    image: example/probe:1
    depends_on: {db: {condition: service_healthy}}
  db:
    image: example/probe:1
    command: ["-print", "still thinking", "-after", "10m"]
    healthcheck: {test: [CMD, /probe, -check, "http://127.0.0.1/"], interval: 1s, retries: 1000}
`)
	r := mustFailIn(t, 10*time.Second, "db is running, starting", func(t seatrial.T) {
		seatrial.Up(t, spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}})
	})
	// On a slow machine time may be up before it says anything.
	if !strings.Contains(r.Errors(), "| still thinking") && !strings.Contains(r.Errors(), "db logged nothing") {
		t.Errorf("the last lines are missing:\n%s", r.Errors())
	}
}

func TestUpCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := shop(img)
	s.Ready = map[string]wait.Condition{"web": wait.Log("never")}
	limits := []time.Duration{300 * time.Millisecond, 700 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second}
	rand.Shuffle(len(limits), func(i, j int) { limits[i], limits[j] = limits[j], limits[i] })
	for _, limit := range limits[:enginetest.Sample(t, "SEATRIAL_CUTOFFS", 2, len(limits), "moments at which a start is cut off")] {
		s.TimeLimit = limit
		r := mustFail(t, "testdata/shop/compose.yaml", func(t seatrial.T) { seatrial.Up(t, s) })
		if !strings.Contains(r.Errors(), "within") && !strings.Contains(r.Errors(), "time was up") {
			t.Errorf("limit %v: the error does not say that time was up:\n%s", limit, r.Errors())
		}
	}
	for _, kind := range [][]string{{"ps", "--all"}, {"network", "ls"}, {"volume", "ls"}} {
		if left := enginetest.Docker(t, append(kind, "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{json .}}")...); left != "" {
			t.Errorf("after starts that were cut off, docker %s finds\n%s", strings.Join(kind, " "), left)
		}
	}
}
