// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestUpTwoCopies(t *testing.T) {
	t.Parallel()
	img := probe(t)
	shipped, err := os.ReadFile("testdata/shop/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var copies [2]*seatrial.Project
	t.Run("start", func(t *testing.T) { // projects of subtests would end with them
		for i := range copies {
			copies[i] = seatrial.Up(t, shop(img))
		}
		for i, app := range copies {
			store, name := app.Service(t, "store"), []string{"first", "second"}[i]
			enginetest.Put(t, store.URL(t, 19000)+"/file/name", name) // by the file's number
		}
		for i, app := range copies {
			name := []string{"first", "second"}[i]
			if got := enginetest.Get(t, app.Service(t, "store").URL(t, 9000)+"/file/name"); got != name { // by the container's number
				t.Errorf("store of copy %d has %q, want %q", i, got, name)
			}
			// From inside, by the file's container name.
			web := app.Service(t, "web")
			if got := enginetest.Get(t, web.URL(t, 18080)+"/fetch?http://shop-store:9000/file/name"); got != name {
				t.Errorf("copy %d sees the store of %q, want its own, %q", i, got, name)
			}
			if got, want := enginetest.Get(t, web.URL(t, 18080)+"/env?TITLE")+" "+enginetest.Get(t, web.URL(t, 18080)+"/env?PRICE"), "Shop $5"; got != want {
				t.Errorf("TITLE and PRICE of copy %d = %q, want %q", i, got, want)
			}
		}
		for _, app := range copies { // a restart keeps the volume and changes the port
			store := app.Service(t, "store")
			store.Restart(t)
			store.Wait(t, wait.Healthy())
		}
		for i, app := range copies {
			if got, want := enginetest.Get(t, app.Service(t, "store").URL(t, 19000)+"/file/name"), []string{"first", "second"}[i]; got != want {
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
	if got, want := enginetest.Get(t, app.Service(t, "web").URL(t, 8080)+"/env?TITLE"), "It's $HOME"; got != want {
		t.Errorf("TITLE = %q, want %q", got, want)
	}
	if !strings.Contains(app.Plan(), "testdata/shop/compose.yaml:7") || !strings.Contains(app.Plan(), "shop-web") {
		t.Errorf("the plan does not name the place of shop-web's container name:\n%s", app.Plan())
	}
	var at []int // in the order of depends_on
	timeline, _ := os.ReadFile(filepath.Join(seatrial.Artifacts(t), "timeline.txt"))
	for _, event := range []string{"store has started", "store is healthy", "web has started"} {
		at = append(at, bytes.Index(timeline, []byte("container "+event)))
	}
	if done := bytes.Index(timeline, []byte("container migrate has ended")); !slices.IsSorted(at) || at[0] < 0 || done < 0 || done > at[2] {
		t.Errorf("web was not started when store was healthy and migrate had ended:\n%s", timeline)
	}
	for _, file := range []string{"web.out", "store.out", "migrate.out", "tailored.yaml", "plan.txt", "compose-up.log"} {
		if _, err := os.Stat(filepath.Join(seatrial.Artifacts(t), file)); err != nil {
			t.Errorf("artifact: %v", err)
		}
	}
}

func TestUpBuildsImages(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.ProbeContext(t)
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
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
		t.Errorf("images left of project %s:\n%s", name, images)
	}
}

func TestUpFails(t *testing.T) {
	t.Parallel()
	img := probe(t)
	const head = "services:\n  web:\n    image: " + "example/probe:1\n"
	tests := []struct{ about, want, file string }{
		{"exits", "web exited with code 4", head + `    command: ["-print", "no database", "-exit", "4"]`},
		{"unhealthy", "web is unhealthy", head + "    command: ['-after', '1m']\n" +
			"    healthcheck: {test: [CMD, /probe, -check, 'http://127.0.0.1/'], interval: 100ms, retries: 1}\n"},
		{"needed service fails", "db exited with code 5 before becoming ready", head +
			"    depends_on: {db: {condition: service_completed_successfully}}\n  db:\n    image: example/probe:1\n    command: ['-exit', '5']\n"},
		{"needed service is unhealthy", "db is unhealthy", head +
			"    depends_on: {db: {condition: service_healthy}}\n  db:\n    image: example/probe:1\n    command: ['-after', '1m']\n" +
			"    healthcheck: {test: [CMD, /probe, -check, 'http://127.0.0.1/'], interval: 100ms, retries: 1}\n"},
		{"command missing", "no such file", head + "    entrypoint: [/no/such]\n"},
		{"refused by the engine", "compose.yaml:5 service web: runtime: docker compose up: ", head + "    tty: true\n    runtime: none\n"},
		{"refused by docker compose", "compose.yaml:5 service web: dns[0]: docker compose up: ", head + "    tty: true\n    dns: [nope]\n"},
		{"not started by the engine", "web did not start: unable to find user nosuch: no matching entries in passwd file (user, ", head + "    tty: true\n    user: nosuch\n"},
		{"file missing", "web did not start: ./nginx/shop.conf, which it mounts at /probe, does not exist, and", head + "    volumes: ['./nginx/shop.conf:/probe']\n"},
		{"file missing that is read", "web did not start: ./nginx/shop.conf, which it mounts at /probe, does not exist, and", head + "    volumes: ['./nginx/shop.conf:/probe:ro']\n"},
		{"directory over a file", ", which it mounts at /probe, is a directory, and the image has a file there (", head + "    volumes: ['.:/probe:ro']\n"},
		{"file over a directory", "web did not start: ./compose.yaml, which it mounts at /etc, is a file, and the image has a directory there (", head + "    volumes: ['./compose.yaml:/etc']\n"},
		{"image missing", "localhost/none", head + "  other:\n    image: localhost/none:1\n"},
		{"all off", "all services are off", head + "    profiles: [a, b]\n"},
		{"broken file", "compose.yaml:4", head + "\t- x\n"},
		{"image that no service has", "example/probe:1", "services:\n  web:\n    image: other\n"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), test.file)
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

// Services often do not wait for their database, but fail and are restarted.
func TestUpOfServiceThatNeedsRestarts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
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
	if got := enginetest.Get(t, app.Service(t, "web").URL(t, 80)+"/health"); got != "ok\n" {
		t.Errorf("/health = %q", got)
	}
}

func TestUpAddressesOfPorts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
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

// Variables of the user's shell do not reach the files, except those that the plan
// was made with.
func TestUpEnvironmentOfFiles(t *testing.T) {
	img := probe(t)
	t.Setenv("TZ", "Mars/Base")
	t.Setenv("MINE", "from the shell")
	t.Setenv("COMPOSE_PROFILES", "extra")
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, ".env"), "FROM_FILE=yes\nGIVEN=no\n")
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
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
	if got, want := enginetest.Get(t, app.Service(t, "web").URL(t, 80)+"/env?SEEN"), "none none yes a $b"; got != want {
		t.Errorf("SEEN = %q, want %q", got, want)
	}
	mustFail(t, `looking up service "extra"`, func(t seatrial.T) { app.Service(t, "extra") })
}

func TestUpThatTakesTooLongNamesTheService(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
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
	// On a slow machine time may be up before it prints anything.
	if !strings.Contains(r.Errors(), "| still thinking") && !strings.Contains(r.Errors(), "no line of the log of db has come so far") {
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
		if !strings.Contains(r.Errors(), "within") && !strings.Contains(r.Errors(), "time is up") && !strings.Contains(r.Errors(), "time was up") {
			t.Errorf("limit %v: the error does not say that time is up:\n%s", limit, r.Errors())
		}
	}
	for _, kind := range [][]string{{"ps", "--all"}, {"network", "ls"}, {"volume", "ls"}} {
		if left := enginetest.Docker(t, append(kind, "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{json .}}")...); left != "" {
			t.Errorf("after starts that were cut off, docker %s finds\n%s", strings.Join(kind, " "), left)
		}
	}
}

// Two keys with the same name are one network or volume, which is found by both.
func TestUpOneNameIsOneObject(t *testing.T) {
	t.Parallel()
	app := seatrial.Up(t, project(t, probe(t), `services:
  a: {image: "example/probe:1", command: ["-write", "/data/said=by a", "-serve", ":80"], networks: [front], volumes: ["one:/data"]}
  b: {image: "example/probe:1", command: ["-serve", ":80"], networks: [back], volumes: ["two:/data"]}
networks:
  front: {name: shop_net}
  back: {name: shop_net}
volumes:
  one: {name: shop_data}
  two: {name: shop_data}
`))
	if front, back := app.Network(t, "front"), app.Network(t, "back"); front != back {
		t.Errorf("the networks are %s and %s, want one", front, back)
	}
	if one, two := app.Volume(t, "one"), app.Volume(t, "two"); one != two {
		t.Errorf("the volumes are %s and %s, want one", one, two)
	}
	r := app.Service(t, "b").Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/data/said", "-check", "http://a/health"}})
	if !strings.Contains(r.Stdout, "by a") {
		t.Errorf("b has %q, want what a wrote", r.Stdout)
	}
}

// The content of a project's secrets, from files or variables, is in no artifact of
// its test, whatever the containers print. For a failed test see TestEvidence.
func TestUpHidesSecrets(t *testing.T) {
	t.Parallel()
	img := probe(t)
	const text = `services:
  web:
    image: example/probe:1
    command: ["-stat", "/run/secrets/file", "-stat", "/run/secrets/variable", "-print", "ready", "-serve", ":80"]
    secrets: [file, variable]
secrets:
  file: {file: ./key.txt}
  variable: {environment: LICENCE}
`
	s := project(t, img, text)
	enginetest.WriteFile(t, filepath.Join(s.Files[0], "key.txt"), "not-for-eyes\n")
	s.Env = map[string]string{"LICENCE": "nor-this-one"}
	web := seatrial.Up(t, s).Service(t, "web")
	web.Wait(t, wait.Log("ready"))
	all := artifacts(t)
	for name, content := range all {
		for _, secret := range []string{"not-for-eyes", "nor-this-one"} {
			if strings.Contains(content, secret) {
				t.Errorf("%s: %q", name, content)
			}
		}
	}
}

// Names that files derive from the project's name are kept, and their objects are removed
// with the test.
func TestUpNamesOfProjects(t *testing.T) {
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
		enginetest.WriteFile(t, s.Files[1], "services: {web: {environment: [NEXT]}}\n")
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

// Missing mounts are not made in the checkout, and not replaced by empty ones if the
// file forbids that.
func TestUpMissingMounts(t *testing.T) {
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
		t.Errorf("the checkout has %v, %v; want only its file", entries, err)
	}
	s = project(t, img, `services:
  web:
    image: example/probe:1
    volumes: [{type: bind, source: ./none, target: /none, bind: {create_host_path: false}}]
`)
	mustFail(t, "compose.yaml:4 service web: ./none is mounted, and is missing", func(t seatrial.T) { seatrial.Up(t, s) })
}

// BenchmarkUp measures how long a project of eight services in three levels takes
// to be ready, and then to be removed, beside docker compose up --detach --wait and
// docker compose down --volumes. Compare the ratios of the medians:
//
//	go test -run '^$' -bench Project -benchtime 10x .
func BenchmarkUp(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: enginetest.ProbeContext(b)})
	const file = "testdata/levels/compose.yaml"
	image := filepath.Join(b.TempDir(), "image.yaml")
	names := []string{"db", "cache", "queue", "api", "worker", "mailer", "web", "admin"}
	content := "services:\n"
	for _, name := range names {
		content += "  " + name + ": {image: '" + img.Ref + "', pull_policy: never}\n"
	}
	if err := os.WriteFile(image, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	s := spec.Project{Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}}
	var ours, theirs struct{ ready, gone []time.Duration }
	took := func(all *[]time.Duration, f func()) {
		began := time.Now()
		f()
		*all = append(*all, time.Since(began))
	}
	seatrialDoes := func() {
		var ready time.Time
		r := enginetest.Record(b.Name(), time.Time{}, func(r *enginetest.Recorder) {
			took(&ours.ready, func() { seatrial.Up(r, s) })
			ready = time.Now()
		})
		ours.gone = append(ours.gone, time.Since(ready))
		if r.Failed() {
			b.Fatal(r.Errors())
		}
	}
	composeDoes := func() {
		name := seatrial.Name(b, "")
		compose := func(args ...string) {
			args = append([]string{"compose", "--project-name", name, "--file", file, "--file", image}, args...)
			if out, err := exec.Command("docker", args...).CombinedOutput(); err != nil {
				b.Errorf("docker %q: %v\n%s", args, err, out)
			}
		}
		took(&theirs.ready, func() { compose("up", "--detach", "--wait") })
		took(&theirs.gone, func() { compose("down", "--volumes") })
	}
	for n := 0; b.Loop(); n++ { // they take turns at being first
		if n%2 == 0 {
			seatrialDoes()
			composeDoes()
		} else {
			composeDoes()
			seatrialDoes()
		}
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)/2].Seconds()
	}
	for what, both := range map[string][2][]time.Duration{"ready": {ours.ready, theirs.ready}, "gone": {ours.gone, theirs.gone}} {
		b.ReportMetric(median(both[0])*1000, "seatrial-"+what+"-ms")
		b.ReportMetric(median(both[1])*1000, "compose-"+what+"-ms")
		b.ReportMetric(median(both[0])/median(both[1]), what+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

// Objects of one project can be used by another one, and by containers of the test.
func TestUpJoinsProjects(t *testing.T) {
	t.Parallel()
	img := probe(t)
	proxy := seatrial.Up(t, project(t, img, `services:
  proxy: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8080:80"], networks: [front]}
networks: {front: {name: fixed-front}}
`))
	s := project(t, img, `services:
  shop: {image: "example/probe:1", command: ["-serve", ":80"], networks: [outer], environment: {WHO: shop}}
networks: {outer: {external: true, name: fixed-front}}
`)
	s.Networks = map[string]string{"outer": proxy.Network(t, "front")}
	seatrial.Up(t, s).Service(t, "shop").Wait(t, wait.Log("listening"))
	seatrial.Run(t, spec.Container{Image: img.Ref, Name: "guest", Command: []string{"-serve", ":80"}, Env: map[string]string{"WHO": "guest"},
		Networks: []spec.Endpoint{{Network: proxy.Network(t, "front"), Aliases: []string{"guest"}}}, Ready: wait.Log("listening")})
	for _, name := range []string{"shop", "guest"} {
		if got := enginetest.Get(t, proxy.Service(t, "proxy").URL(t, 8080)+"/fetch?http://"+name+"/env?WHO"); got != name {
			t.Errorf("the proxy reaches %q under the name %s", got, name)
		}
	}
	if err := seatrial.Try(t, func(t seatrial.T) { proxy.Network(t, "fornt") }); !strings.Contains(errorText(err), `network "fornt"`) || !strings.Contains(errorText(err), "there is front") {
		t.Errorf("a network that there is not: %v", err)
	}
}

func TestUpPublishes(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8080:80"]}
  db: {image: "example/probe:1", command: ["-serve", ":5432"], environment: {WHO: db}}
`)
	s.Publish = map[string][]int{"db": {5432}}
	for _, s.StablePorts = range []bool{false, true} {
		db := seatrial.Up(t, s).Service(t, "db")
		db.Wait(t, wait.HTTP(5432, "/health"))
		before := db.Port(t, 5432)
		db.Restart(t)
		db.Wait(t, wait.HTTP(5432, "/health"))
		if after := db.Port(t, 5432); s.StablePorts && after != before {
			t.Errorf("the leased port moves from %d to %d", before, after)
		}
		if got := enginetest.Get(t, db.URL(t, 5432)+"/env?WHO"); got != "db" {
			t.Errorf("at the published port answers %q", got)
		}
	}
}
