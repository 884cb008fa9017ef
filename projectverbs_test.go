// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
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
	"github.com/seatrial/seatrial/wait"
)

const storeAndJob = `services:
  store:
    image: example/probe:1
    command: ["-farewell", "bye", "-serve", ":80"]
    ports: ["8080:80"]
    volumes: [stock:/data]
    healthcheck: {test: [CMD, /probe, -check, "http://127.0.0.1/health"], interval: 100ms}
  job:
    image: example/probe:1
    command: ["-print", "job done"]
    depends_on: {store: {condition: service_healthy}}
volumes: {stock: {}}
`

func TestProjectStopsAndStarts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, storeAndJob))
	store, job := app.Service(t, "store"), app.Service(t, "job")
	put(t, store.URL(t, 8080)+"/file/name", "kept")

	app.Stop(t)
	for _, c := range []*seatrial.Container{store, job} {
		if s := c.State(t); !s.Ended() {
			t.Errorf("after Stop, %s is %s", c.Name, s)
		}
	}
	if got := store.Logs(t); !strings.Contains(got, "bye") {
		t.Errorf("the store was not asked to stop: its log is %q", got)
	}
	app.Start(t)
	if got := get(t, store.URL(t, 8080)+"/file/name"); got != "kept" || store.Health(t) != "healthy" {
		t.Errorf("after Start, the store has %q and is %s, want kept and healthy", got, store.Health(t))
	}
	got := 0
	for end := time.Now().Add(2 * time.Minute); got < 2 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = strings.Count(job.Logs(t), "job done") // its last line may still be on the way
	}
	if got != 2 {
		t.Errorf("the job was done %d times, want 2", got)
	}
	app.Stop(t, "store")
	if s := store.State(t); !s.Ended() {
		t.Errorf("the store is %s", s)
	}
	app.Start(t, "store")
	before := store.State(t).StartID
	app.Restart(t, "store")
	if s := store.State(t); s.StartID == before || s.Health != "healthy" {
		t.Errorf("after Restart the store is %+v, in life %s before", s, before)
	}
	if got := strings.Count(job.Logs(t), "job done"); got != 2 {
		t.Errorf("restarting the store did the job again: %d times in all", got)
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.Stop(t, "stoer") }); !strings.Contains(errorText(err), `service "stoer" has no container; there are job, store`) {
		t.Errorf("stopping a service that there is not: %v", err)
	}
}

func TestProjectScales(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
  told:
    image: example/probe:1
    command: ["-serve", ":81"]
    environment: {PUBLIC_URL: "http://localhost:8081"}
    ports: ["8081:81"]
`))
	first := app.Service(t, "web")
	all := app.Scale(t, "web", 3)
	seen := map[int]bool{}
	for i, c := range all {
		c.Wait(t, wait.HTTP(8080, "/health"))
		seen[c.Port(t, 8080)] = true
		if want := []string{"web", "web-2", "web-3"}[i]; c.Name != want {
			t.Errorf("replica %d is called %s, want %s", i+1, c.Name, want)
		}
	}
	if len(all) != 3 || len(seen) != 3 || all[0] != first {
		t.Errorf("after Scale there are %v with ports %v, want 3 of each, and the first as it was", all, seen)
	}
	if got := app.Scale(t, "web", 1); len(got) != 1 || len(app.Replicas(t, "web")) != 1 {
		t.Errorf("after Scale back there are %v and %v", got, app.Replicas(t, "web"))
	}
	for _, test := range []struct{ service, want string }{
		{"told", "its host port 8081 is fixed or leased, and several containers cannot share it"},
		{"wbe", "there is no such service; there are told, web"},
	} {
		if err := seatrial.Try(t, func(t seatrial.T) { app.Scale(t, test.service, 2) }); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("scaling %s: %v, want %q", test.service, err, test.want)
		}
	}
}

func TestProjectRuns(t *testing.T) {
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
	put(t, app.Service(t, "store").URL(t, 8080)+"/file/name", "stored")

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
	for _, test := range []struct {
		about, service, want string
		x                    spec.Exec
	}{
		{"exit code", "store", "exited with code 7: cannot go on", spec.Exec{Command: []string{"-print", "!cannot go on", "-exit", "7"}}},
		{"no such service", "stoer", `running stoer of `, spec.Exec{}},
		{"late", "store", "did not end within", spec.Exec{Command: []string{"-print", "working", "-after", "1m"}, TimeLimit: 4 * time.Second}},
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
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
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

func TestProjectUpdates(t *testing.T) {
	t.Parallel()
	img := probe(t)
	if t.Run("update", func(t *testing.T) { updates(t, img) }) {
		if left := enginetest.Left(t, t.Name()+"/update"); left != "" {
			t.Errorf("left are\n%s", left)
		}
	}
}

func updates(t *testing.T, img *seatrial.Image) {
	old, next := project(t, img, v1), project(t, img, v2) // in another directory, as the next version would be
	app := seatrial.Up(t, old)
	web, store := app.Service(t, "web"), app.Service(t, "store")
	web.Wait(t, wait.Log("listening"))
	store.Wait(t, wait.Log("listening"))
	put(t, web.URL(t, 8080)+"/file/name", "of web")
	put(t, store.URL(t, 9000)+"/file/name", "of store")
	url := web.URL(t, 8080)

	expect := func(about string, got *seatrial.Changes, want seatrial.Changes, version string) {
		t.Helper()
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
		web := app.Service(t, "web")
		web.Wait(t, wait.HTTP(8080, "/health"))
		if got := get(t, web.URL(t, 8080)+"/env?VERSION"); got != version {
			t.Errorf("%s: web is version %s, want %s", about, got, version)
		}
		for at, want := range map[string]string{web.URL(t, 8080): "of web", app.Service(t, "store").URL(t, 9000): "of store"} {
			if got := get(t, at+"/file/name"); got != want {
				t.Errorf("%s: there is %q, want %q", about, got, want)
			}
		}
		if got := web.URL(t, 8080); got != url || get(t, url+"/env?PUBLIC_URL") != strings.Replace(url, "127.0.0.1", "localhost", 1) {
			t.Errorf("%s: the leased port is at %s, and web says %s; want %s as before", about, got, get(t, url+"/env?PUBLIC_URL"), url)
		}
	}
	expect("forth", app.Update(t, next), seatrial.Changes{Created: []string{"queue"}, Recreated: []string{"web"}, Kept: []string{"store"}, Removed: []string{"cache"}}, "2")
	if err := seatrial.Try(t, func(t seatrial.T) { web.State(t) }); !strings.Contains(errorText(err), "it is gone: replaced by an update of its project") {
		t.Errorf("a handle of before says %v", err)
	}
	if !strings.Contains(web.Logs(t), "listening") {
		t.Errorf("the log of the one before is %q", web.Logs(t))
	}
	if got := enginetest.Docker(t, "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project="+app.Name); len(strings.Fields(got)) != 3 {
		t.Errorf("there are containers %q, want 3", got)
	}
	expect("nothing new", app.Update(t, next), seatrial.Changes{Kept: []string{"queue", "store", "web"}}, "2")

	broken := project(t, img, strings.Replace(strings.Replace(v2, `VERSION: "2"`, `VERSION: "3"`, 1), `["-serve", ":80"]`, `["-print", "no such table", "-exit", "4"]`, 1))
	broken.Ready = map[string]wait.Condition{"web": wait.Log("listening")}
	if err := seatrial.Try(t, func(t seatrial.T) { app.Update(t, broken) }); !strings.Contains(errorText(err), "of web: exited with code 4: no such table") {
		t.Errorf("an update that fails says %v", err)
	}
	refused := project(t, img, strings.Replace(v2, "./data", "/srv/elsewhere", 1))
	if err := seatrial.Try(t, func(t seatrial.T) { app.Update(t, refused) }); !strings.Contains(errorText(err), "/srv/elsewhere") {
		t.Errorf("an update that is refused says %v", err)
	}
	expect("back", app.Update(t, old), seatrial.Changes{Created: []string{"cache"}, Recreated: []string{"web"}, Kept: []string{"store"}, Removed: []string{"queue"}}, "1")
	updatesImages(t, app, old, img)
}

// Other images are what is updated most.
func updatesImages(t *testing.T, app *seatrial.Project, s spec.Project, img *seatrial.Image) {
	next := seatrial.Build(t, spec.Image{Dockerfile: inline(t, "FROM "+img.Ref+"\nENV NEXT=yes\n")})
	s.Images = map[string]string{"example/probe:1": next.Ref}
	app.Scale(t, "store", 2)
	got := app.Update(t, s)
	if diff := cmp.Diff(&seatrial.Changes{Recreated: []string{"cache", "store", "store-2", "web"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range append(app.Replicas(t, "store"), app.Service(t, "web")) {
		c.Wait(t, wait.Log("listening"))
	}
	if got := get(t, app.Replicas(t, "store")[1].URL(t, 9000)+"/env?NEXT"); got != "yes" {
		t.Errorf("the second store has NEXT=%q, want that of the next image", got)
	}
}

func inline(t *testing.T, dockerfile string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "Dockerfile")
	writeFile(t, name, dockerfile)
	return name
}

func TestProjectAddsProfiles(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8080:80"]}
  debug: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8081:80"], profiles: [debug], depends_on: [db]}
  db: {image: "example/probe:1", command: ["-serve", ":80"]}
  job: {image: "example/probe:1", command: ["-print", "job done"]}
  broken: {image: "example/probe:1", entrypoint: [/no/such], profiles: [broken]}
`))
	web, job := app.Service(t, "web"), app.Service(t, "job")
	for what, f := range map[string]func(t seatrial.T){
		"Scale":   func(t seatrial.T) { app.Scale(t, "debug", 2) },
		"Service": func(t seatrial.T) { app.Service(t, "debug") },
	} {
		if err := seatrial.Try(t, f); !strings.Contains(errorText(err), `the service is off`) || !strings.Contains(errorText(err), `AddProfiles(t, "debug")`) {
			t.Errorf("%s of a service that is off: %v", what, err)
		}
	}
	app.Scale(t, "web", 2) // which is none that is to be started
	app.Scale(t, "db", 2)  // which is needed
	app.Run(t, "web", spec.Exec{Command: []string{"-exit", "7"}, ExitCodes: []int{7}})
	app.AddProfiles(t, "debug")
	if web, db := len(app.Replicas(t, "web")), len(app.Replicas(t, "db")); web != 2 || db != 2 {
		t.Errorf("there are %d of web and %d of db, want 2 of each, as they were scaled", web, db)
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.AddProfiles(t, "broken") }); !strings.Contains(errorText(err), "/no/such") || strings.Contains(errorText(err), "code 7") {
		t.Errorf("a service that cannot start, after a run that was expected to fail: %v", err)
	}
	app.Service(t, "debug").Wait(t, wait.HTTP(8081, "/health"))
	if app.Service(t, "web") != web || strings.Count(job.Logs(t), "job done") != 1 {
		t.Errorf("what ran was not left alone: web is %v, and the job says %q", app.Service(t, "web"), job.Logs(t))
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.AddProfiles(t, "none") }); !strings.Contains(errorText(err), "Profiles has \"none\", which no service has") {
		t.Errorf("a profile that nobody has: %v", err)
	}
}

// What one project has made, another one of the test can use, and the containers
// of the test.
func TestProjectsJoin(t *testing.T) {
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
		if got := get(t, proxy.Service(t, "proxy").URL(t, 8080)+"/fetch?http://"+name+"/env?WHO"); got != name {
			t.Errorf("the proxy reaches %q under the name %s", got, name)
		}
	}
	if err := seatrial.Try(t, func(t seatrial.T) { proxy.Network(t, "fornt") }); !strings.Contains(errorText(err), `network "fornt"`) || !strings.Contains(errorText(err), "there are front") {
		t.Errorf("a network that there is not: %v", err)
	}
}

func TestProjectRunning(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], container_name: fixed-web, deploy: {replicas: 1}, volumes: ["./data:/data"]}
  job: {image: "example/probe:1", networks: [back]}
  pair: {image: "example/probe:1", command: ["-serve", ":80"], deploy: {replicas: 2}, volumes: [stock:/data]}
networks: {back: {name: fixed-back}}
volumes: {stock: {name: fixed-stock}}
`)
	app := seatrial.Up(t, s)
	stop := seatrial.Up(t, s) // another copy, of which nothing must be seen
	r := app.Running(t)
	var got []string
	for _, c := range r.Containers {
		got = append(got, c.Service+" "+strings.TrimPrefix(c.Name, app.Name)+" "+c.State)
		if c.ID == "" {
			t.Errorf("%s has no id", c.Name)
		}
	}
	for _, all := range [][]seatrial.RunningObject{r.Networks, r.Volumes} {
		for _, o := range all {
			got = append(got, o.Key+" "+strings.TrimPrefix(o.Name, app.Name)+" "+o.Driver)
		}
	}
	want := []string{"job -job-1 exited", "pair -pair-1 running", "pair -pair-2 running", "web -web-1 running",
		"back _back bridge", "default _default bridge", "data -copy-1 local", "stock _stock local"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("running is (-want +got):\n%s", diff)
	}
	if app.Volume(t, "stock") == stop.Volume(t, "stock") {
		t.Error("both copies have one volume")
	}
}

func TestProjectPublishes(t *testing.T) {
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
		if got := get(t, db.URL(t, 5432)+"/env?WHO"); got != "db" {
			t.Errorf("at the published port answers %q", got)
		}
	}
}

// A version of the file may publish the same port by another number: the container
// stays, and is found by the number that the file has now.
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

// A service that is off, and cannot be had, is no end of the project.
func TestRunOfAServiceThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, oneServer+`  tool:
    build: {context: ., dockerfile: tool.Dockerfile}
    profiles: [tool]
`)
	writeFile(t, filepath.Join(s.Files[0], "tool.Dockerfile"), "FROM "+img.Ref+"\nRUN [\"/none\"]\n")
	app := seatrial.Up(t, s)
	mustFail(t, "running tool of ", func(t seatrial.T) { app.Run(t, "tool", spec.Exec{}) })
	if web := app.Service(t, "web"); web.State(t).Ended() {
		t.Errorf("web is %s", web.State(t))
	}
}
