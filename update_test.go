// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
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

// Compose does not notice changes of secrets and configs without a file, but Update does.
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
			t.Errorf("with %v, recreated = %v, want %v", step.env, got, step.recreated)
		}
		r := app.Service(t, "web").Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/greeting", "-stat", "/run/secrets/key"}})
		if !strings.Contains(r.Stdout, step.greeting) || !strings.Contains(r.Stdout, step.key) {
			t.Errorf("with %v the container has %q", step.env, r.Stdout)
		}
	}
}

// Messages of a successful docker compose are in the test's log. A volume that
// cannot be changed to what the next files say fails the update.
func TestUpdateTellsWhatComposeSays(t *testing.T) {
	t.Parallel()
	img := probe(t)
	text := func(volume, command string) string {
		return `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80", "-print", "` + command + `"]
    ports: ["18080:80"]
    volumes: ["data:/data", "cache:/cache", "./gone:/gone:ro"]
    secrets: [{source: key, uid: "1000", mode: 0o400}]
secrets: {key: {file: key.txt}}
volumes:
  cache: {driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}}
  data: ` + volume + "\n"
	}
	s := project(t, img, text("{labels: {version: one}}", "first"))
	file := filepath.Join(s.Files[0], "compose.yaml")
	enginetest.WriteFile(t, filepath.Join(filepath.Dir(file), "key.txt"), "key")
	var app *seatrial.Project
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app = seatrial.Up(r, s)
		enginetest.Put(t, app.Service(r, "web").URL(r, 18080)+"/file/mark", "here")

		enginetest.WriteFile(t, file, strings.Replace(text("{labels: {version: one}}", "second"), "size=1m", "size=8m", 1))
		err := seatrial.Try(r, func(r seatrial.T) { app.Update(r, s) })
		if err == nil || !strings.Contains(err.Error(), "volume cache has the options ") || !strings.Contains(err.Error(), "size=8m") {
			t.Errorf("the update to another volume: %v", err)
		}

		enginetest.WriteFile(t, file, text("{labels: {version: two}}", "third"))
		app.Update(r, s)
		if got := enginetest.Get(t, app.Service(r, "web").URL(r, 18080)+"/file/mark"); got != "here" {
			t.Errorf("after the update the volume has %q, want what was there", got)
		}
	})
	if r.Failed() {
		t.Fatal(r.Errors())
	}
	for _, want := range []string{
		"warning: docker compose up: secrets `uid`, `gid` and `mode` are not supported, they will be ignored",
		"service web: ./gone is mounted read-only, and is missing (", // the plan's warning
		`warning: volume data keeps its labels, which the files change to {"version":"two"}`,
	} {
		if strings.Count(r.Logs(), want) != 1 {
			t.Errorf("the log does not have %q exactly once:\n%s", want, r.Logs())
		}
	}
	if again := "exists but doesn't match configuration"; strings.Contains(r.Logs(), again) {
		t.Errorf("the log has %q, too:\n%s", again, r.Logs())
	}
}

// An update that keeps a container may take away its names or ports.
func TestUpdateTellsWhatKeptContainersLose(t *testing.T) {
	t.Parallel()
	img := probe(t)
	text := func(network string) string {
		return `services:
  web: {image: example/probe:1, command: ["-serve", ":80"], ports: ["18080:80"], networks: {front: {aliases: [shop]}}}
networks: {front: ` + network + "}\n"
	}
	s := project(t, img, text("{}"))
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app := seatrial.Up(r, s)
		enginetest.WriteFile(t, filepath.Join(s.Files[0], "compose.yaml"), text("{internal: true}"))
		app.Update(r, s)
	})
	r.Discard(t)
	if strings.Contains(r.Logs(), "docker compose did not make it anew") {
		return // an older docker compose
	}
	for _, want := range []string{
		"warning: web is kept, and is not reached as shop, web any more in network front: docker compose made the network anew",
		"warning: web is kept, and does not publish its port 80 any more: nothing leads out of its networks (",
	} {
		if r.Failed() || !strings.Contains(r.Logs(), want) {
			t.Errorf("the log is\n%s%s\nwant in it %q", r.Logs(), r.Errors(), want)
		}
	}
}

const v1 = `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    environment: {PUBLIC_URL: "http://localhost:8080", VERSION: "1"}
    volumes: ["./data:/data", /scratch]
  store:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["9000:80"]
    volumes: [stock:/data]
  cache:
    image: example/probe:1
    command: ["-serve", ":80"]
volumes: {stock: {}}
`

const v2 = `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    environment: {PUBLIC_URL: "http://localhost:8080", VERSION: "2"}
    volumes: ["./data:/data", /scratch]
  store:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["9000:80"]
    volumes: [stock:/data]
  queue:
    image: example/probe:1
    command: ["-serve", ":80"]
    depends_on: [store]
volumes: {stock: {}}
`

func TestUpdate(t *testing.T) {
	t.Parallel()
	img := probe(t)
	if t.Run("update", func(t *testing.T) { updates(t, img) }) {
		if left := enginetest.Left(t, t.Name()+"/update"); left != "" {
			t.Errorf("left behind:\n%s", left)
		}
	}
}

func updates(t *testing.T, img *seatrial.Image) {
	old, next := project(t, img, v1), project(t, img, v2) // in another directory, like a next version
	app := seatrial.Up(t, old)
	web, store := app.Service(t, "web"), app.Service(t, "store")
	web.Wait(t, wait.Log("listening"))
	store.Wait(t, wait.Log("listening"))
	enginetest.Put(t, web.URL(t, 8080)+"/file/name", "of web")
	enginetest.Put(t, store.URL(t, 9000)+"/file/name", "of store")
	url := web.URL(t, 8080)

	expect := func(about string, got *seatrial.Changes, want seatrial.Changes, version string) {
		t.Helper()
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
		web := app.Service(t, "web")
		web.Wait(t, wait.HTTP(8080, "/health"))
		if got := enginetest.Get(t, web.URL(t, 8080)+"/env?VERSION"); got != version {
			t.Errorf("%s: web is version %s, want %s", about, got, version)
		}
		for at, want := range map[string]string{web.URL(t, 8080): "of web", app.Service(t, "store").URL(t, 9000): "of store"} {
			if got := enginetest.Get(t, at+"/file/name"); got != want {
				t.Errorf("%s: there is %q, want %q", about, got, want)
			}
		}
		if got := web.URL(t, 8080); got != url || enginetest.Get(t, url+"/env?PUBLIC_URL") != strings.Replace(url, "127.0.0.1", "localhost", 1) {
			t.Errorf("%s: the leased port is at %s, and web says %s; want %s as before", about, got, enginetest.Get(t, url+"/env?PUBLIC_URL"), url)
		}
	}
	expect("forth", app.Update(t, next), seatrial.Changes{Created: []string{"queue"}, Recreated: []string{"web"}, Kept: []string{"store"}, Removed: []string{"cache"}}, "2")
	if err := seatrial.Try(t, func(t seatrial.T) { web.State(t) }); !strings.Contains(errorText(err), "it is gone: replaced by an update of its project") {
		t.Errorf("a handle of before says %v", err)
	}
	if !strings.Contains(web.Logs(t), "listening") {
		t.Errorf("the log of the previous one is %q", web.Logs(t))
	}
	if got := enginetest.Docker(t, "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project="+app.Name); len(strings.Fields(got)) != 3 {
		t.Errorf("there are containers %q, want 3", got)
	}
	expect("nothing new", app.Update(t, next), seatrial.Changes{Kept: []string{"queue", "store", "web"}}, "2")

	broken := project(t, img, strings.Replace(strings.Replace(v2, `VERSION: "2"`, `VERSION: "3"`, 1), `["-serve", ":80"]`, `["-print", "no such table", "-exit", "4"]`, 1))
	broken.Ready = map[string]wait.Condition{"web": wait.Log("listening")}
	if err := seatrial.Try(t, func(t seatrial.T) { app.Update(t, broken) }); !strings.Contains(errorText(err), "web exited with code 4 before") {
		t.Errorf("an update that fails says %v", err)
	}
	refused := project(t, img, strings.Replace(v2, "./data", "/srv/elsewhere", 1))
	if err := seatrial.Try(t, func(t seatrial.T) { app.Update(t, refused) }); !strings.Contains(errorText(err), "/srv/elsewhere") {
		t.Errorf("an update that is refused says %v", err)
	}
	expect("back", app.Update(t, old), seatrial.Changes{Created: []string{"cache"}, Recreated: []string{"web"}, Kept: []string{"store"}, Removed: []string{"queue"}}, "1")
	updatesImages(t, app, old, img)
}

// Updates mostly change images.
func updatesImages(t *testing.T, app *seatrial.Project, s spec.Project, img *seatrial.Image) {
	next := seatrial.Build(t, spec.Image{Dockerfile: inline(t, "FROM "+img.Ref+"\nENV NEXT=yes\n")})
	s.Images = map[string]string{"example/probe:1": next.Ref}
	app.Scale(t, "store", 2)
	got := app.Update(t, s)
	if diff := cmp.Diff(&seatrial.Changes{Recreated: []string{"cache", "store", "store-2", "web"}}, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff) // there may be no second store
	}
	for _, c := range append(app.Replicas(t, "store"), app.Service(t, "web")) {
		c.Wait(t, wait.Log("listening"))
	}
	if got := enginetest.Get(t, app.Replicas(t, "store")[1].URL(t, 9000)+"/env?NEXT"); got != "yes" {
		t.Errorf("the second store has NEXT=%q, want that of the next image", got)
	}
}

// If the next version of the file publishes the same port by another number, the
// container is kept, and found by the new number.
func TestUpdateRenumbersPorts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, oneServer))
	web := app.Service(t, "web")
	at := web.Addr(t, 8080)
	changes := app.Update(t, project(t, img, strings.Replace(oneServer, "8080:80", "9090:80", 1)))
	if diff := cmp.Diff(&seatrial.Changes{Kept: []string{"web"}}, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := web.Addr(t, 9090); got != at {
		t.Errorf("Addr(9090) = %s, want %s", got, at)
	}
	mustFail(t, "looking up port 8080 of web: it is not published; published are 80/tcp (9090 in the file)", func(t seatrial.T) { web.Addr(t, 8080) })
}
