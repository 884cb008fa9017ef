// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/chromium"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var update = flag.Bool("update", false, "write what the failures leave to docs/failures.md")

// Secrets are searched for in all notations of programs, so they contain characters that
// these write differently.
const (
	declared = `c4nary <one> & "ä/+=`
	filed    = `c4nary two % \ ß?`
	shipped  = "c4nary-three" // a literal of a shipped file
)

// forms returns the notations of a secret that a program may print.
func forms(value string) []string {
	return []string{value, base64.StdEncoding.EncodeToString([]byte(value)), url.QueryEscape(value), url.PathEscape(value), "a " + value + "b"}
}

// docs/failures.md lists the artifacts of a failed test, for each verb, with the first line
// of each file. The first line says what the file is for, and no file contains a secret.
func TestEvidence(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, test := range []struct {
		verb string
		fail func(t *testing.T, r seatrial.T)
		has  map[string]string // what is in the files
		may  func(name string) bool
	}{
		{"Build", func(t *testing.T, r seatrial.T) { failToBuild(t, r, img) }, map[string]string{
			"failure.txt": "exit code 3", "build-shop.Dockerfile": "RUN --mount=type=secret", "build-shop.log": "[hidden]", "about.txt": "TestEvidence/Build",
			"timeline.txt": "FAILED: evidence_test.go:",
		}, func(name string) bool { return name == "build-shop.Dockerfile" }},
		{"Run", func(t *testing.T, r seatrial.T) { failToRun(t, r, img) }, map[string]string{
			"srv.err": "no licence for this machine\n", "srv.inspect.json": `"DB_PASSWORD=[hidden]"`, "timeline.txt": "container srv has ended with code 2\n",
			"failure.txt": ": srv ", "merged.log": "Z srv err no licence", "report.html": "exited with code 2", "srv.stats.txt": "exited",
		}, func(name string) bool { return name == "srv.out" }},
		{"a wait", func(t *testing.T, r seatrial.T) {
			c := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "worker", Command: []string{"-print", "order packed id=16", "-serve", ":80"}, Ready: wait.Log("listening")})
			c.Wait(r, wait.Within(time.Second, wait.Log("packed id=17")))
		}, map[string]string{
			"timeline.txt": `the test waits for worker: log "packed id=17"`, "worker.stats.txt": "listens on",
		}, nil},
		{"Exec", func(t *testing.T, r seatrial.T) {
			c := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "db", Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
			seatrial.Docker(r, spec.Command{Program: "true", Secrets: []string{declared}})
			c.Exec(r, spec.Exec{Command: append([]string{"/probe", "-print"}, strings.Join(forms(declared), " "))})
			c.Exec(r, spec.Exec{Command: []string{"/probe", "-print", "!no such table: orders", "-exit", "4"}})
		}, map[string]string{"timeline.txt": `the test has run "/probe -print !no such table: orders -exit 4" in db: exit code 4`}, nil},
		{"RunToEnd", func(t *testing.T, r seatrial.T) {
			seatrial.RunToEnd(r, spec.Container{Image: img.Ref, Name: "job", Command: []string{"-print", "!no such table: orders", "-exit", "4"}})
		}, map[string]string{"job.err": "no such table", "timeline.txt": "container job has ended with code 4"}, nil},
		{"CopyIn", func(t *testing.T, r seatrial.T) {
			c := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "db", Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
			c.CopyIn(r, filepath.Join(t.TempDir(), "orders.csv"), "/data/")
		}, map[string]string{"failure.txt": "no such file", "db.inspect.json": "State"}, nil},
		{"Project.Run", func(t *testing.T, r seatrial.T) { failToRunService(t, r, img) }, map[string]string{
			"timeline.txt": "container migrate-run has ended with code 3", "shipped-1-compose.yaml": "profiles: [tools]",
		}, nil},
		{"Docker", func(t *testing.T, r seatrial.T) {
			seatrial.Docker(r, spec.Command{Program: "sh", Name: "migrate", Args: []string{"-c", "echo 0041 ok; echo 'column sku already exists' >&2; exit 3"}})
		}, map[string]string{"migrate.err": "column sku", "migrate.out": "0041 ok\n"}, nil},
		{"Up", func(t *testing.T, r seatrial.T) { failToUp(t, r, img) }, map[string]string{
			"model.json": `"DB_PASSWORD": "[hidden]"`, "shipped-1-compose.yaml": shipped, "shipped-2-db.yaml": "# the database", "plan.txt": "8080", "plan.diff": "+",
			"web.inspect.json": `"DB_PASSWORD=[hidden]"`, "web.out": "[hidden]", "merged.log": " db out ", "about.txt": "docker compose",
		}, func(name string) bool { return name == "shipped-1-compose.yaml" }},
		{"Update", func(t *testing.T, r seatrial.T) { failToUpdate(t, r, img) }, map[string]string{
			"shipped-1-compose.yaml": "# the first", "shipped-1-compose~2.yaml": "# the next", "plan~2.diff": "9090", "timeline.txt": "container web was stopped, code ",
			"failure.txt": "KEY_NEXT is not set",
		}, nil},
	} {
		t.Run(test.verb, func(t *testing.T) {
			t.Parallel()
			r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { test.fail(t, r) })
			dir := enginetest.ArtifactsOf(t, r)
			rename := strings.NewReplacer(t.TempDir(), "…", filepath.Dir(t.TempDir()), "…")
			if differs := enginetest.Listed(t, test.verb, r.Errors(), dir, rename, *update); differs != "" {
				t.Error(differs)
			}
			for name, want := range test.has {
				content, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil || !strings.Contains(string(content), want) {
					t.Errorf("%s = %.1500q, %v, want %q in it", name, content, err, want)
				}
			}
			may := func(name string) bool { return test.may != nil && test.may(name) }
			leaks := append(enginetest.Leaks(t, dir, declared, may), enginetest.Leaks(t, dir, filed, may)...)
			leaks = append(leaks, enginetest.Leaks(t, dir, shipped, func(name string) bool {
				return may(name) || name == "report.html" // the page has a copy of the file
			})...)
			for _, leak := range leaks {
				t.Error(leak)
			}
			if said := r.Errors() + r.Logs(); strings.Contains(said, "c4nary") {
				t.Errorf("a secret is said:\n%s", said)
			}
			failure, _ := os.ReadFile(filepath.Join(dir, "failure.txt"))
			if strings.Contains(string(failure), "seatrial/none") {
				t.Errorf("a failure that Try returned is told as one of the test:\n%s", failure)
			}
		})
	}
}

func failToBuild(t *testing.T, r seatrial.T, base *seatrial.Image) {
	dir := filepath.Join(t.TempDir(), "shop")
	enginetest.WriteFile(t, filepath.Join(dir, "key"), filed)
	say := []string{`"/probe"`}
	for _, form := range forms("GRtsp8-c4nary") {
		say = append(say, `"-print", "`+form+`"`)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+base.Ref+"\n"+
		"RUN --mount=type=secret,id=three ["+strings.Join(say, ", ")+"]\n"+
		`RUN --mount=type=secret,id=one --mount=type=secret,id=two ["/probe", "-print", "!no licence for this machine", "-stat", "/run/secrets/one", "-stat", "/run/secrets/two", "-exit", "3"]`+"\n")
	seatrial.Build(r, spec.Image{Context: dir, Secrets: map[string]spec.BuildSecret{
		"one": {Value: declared}, "two": {File: filepath.Join(dir, "key")}, "three": {Value: "GRtsp8-c4nary"}}})
}

func failToRun(t *testing.T, r seatrial.T, img *seatrial.Image) {
	tried := seatrial.Try(r, func(t seatrial.T) { seatrial.Run(t, spec.Container{Image: "localhost/seatrial/none:0"}) })
	if tried == nil {
		t.Error("an image that is not there was run")
	}
	command := []string{"-print", "!no licence for this machine"}
	for _, form := range forms(declared) {
		command = append(command, "-print", form)
	}
	said := seatrial.Docker(r, spec.Command{Program: "echo", Name: "echo", Args: forms(declared), Secrets: []string{declared, filed}})
	if !strings.Contains(said.Stdout, declared) {
		t.Errorf("the result is %q", said.Stdout)
	}
	seatrial.Run(r, spec.Container{Image: img.Ref, Name: "srv", Command: append(command, "-exit", "2"), Ready: wait.Log("ready"),
		Env: map[string]string{"DB_PASSWORD": shipped, "LICENCE": filed}, Flags: []string{"--label", "licence=" + filed}})
}

func failToUp(t *testing.T, r seatrial.T, img *seatrial.Image) {
	dir := filepath.Join(t.TempDir(), "shop")
	enginetest.WriteFile(t, filepath.Join(dir, "key.txt"), filed+"\n")
	enginetest.WriteFile(t, filepath.Join(dir, "db.yaml"), "services:\n  db: {image: 'example/probe:1', command: [\"-serve\", \":5432\"]} # the database\n")
	env := map[string]string{"LICENCE": declared}
	var say strings.Builder
	for i, form := range forms(declared) {
		name := "FORM_" + string(rune('A'+i))
		env[name] = form
		say.WriteString(`"-print", "${` + name + `}", `)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `include: [db.yaml]
services:
  web:
    image: example/probe:1
    command: ["-stat", "/run/secrets/file", "-stat", "/run/secrets/variable", `+say.String()+`"-print", "!no licence for this machine", "-after", "1s", "-exit", "3"]
    environment: {DB_PASSWORD: `+shipped+`, ORDER: "${LICENCE}"}
    labels: {licence: "${LICENCE}"}
    ports: ["8080:80"]
    depends_on: [db]
    secrets: [file, variable]
secrets:
  file: {file: ./key.txt}
  variable: {environment: LICENCE}
`)
	seatrial.Up(r, spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}, Env: env,
		Ready: map[string]wait.Condition{"web": wait.Log("open for orders")}})
}

func failToRunService(t *testing.T, r seatrial.T, img *seatrial.Image) {
	file := filepath.Join(t.TempDir(), "shop", "compose.yaml")
	enginetest.WriteFile(t, file, `services:
  web: {image: 'example/probe:1', command: ["-serve", ":80"]}
  migrate: {image: 'example/probe:1', command: ["-print", "!column sku already exists", "-exit", "3"], profiles: [tools]}
`)
	app := seatrial.Up(r, spec.Project{Files: []string{file}, StandIns: map[string]string{"example/probe:1": img.Ref}})
	app.Run(r, "migrate", spec.Exec{})
}

func failToUpdate(t *testing.T, r seatrial.T, img *seatrial.Image) {
	file := filepath.Join(t.TempDir(), "shop", "compose.yaml")
	s := spec.Project{Files: []string{file}, StandIns: map[string]string{"example/probe:1": img.Ref}}
	enginetest.WriteFile(t, file, "# the first\nservices: {web: {image: 'example/probe:1', command: [\"-serve\", \":80\"], ports: [\"8080:80\"]}}\n")
	app := seatrial.Up(r, s)
	enginetest.WriteFile(t, file, "# the next\nservices: {web: {image: 'example/probe:1', command: [\"-print\", \"!KEY_NEXT is not set\", \"-exit\", \"78\"], ports: [\"9090:80\"]}}\n")
	app.Update(r, s)
}

// With SEATRIAL_REPORT=always a test that passes also has a page, with the resources that
// its containers used.
func TestEvidenceOfSuccess(t *testing.T) {
	img := probe(t)
	t.Setenv("SEATRIAL_REPORT", "always")
	missing := ""
	for _, runs := range []time.Duration{2500 * time.Millisecond, 20 * time.Second, time.Minute} { // increased until there are two samples
		t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir())
		r := enginetest.Record("TestOrders", time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Run(r, spec.Container{Image: img.Ref, Name: "web", Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
			time.Sleep(runs)
		})
		if r.Failed() {
			t.Fatal(r.Errors())
		}
		missing = ""
		dir := filepath.Join(os.Getenv("SEATRIAL_ARTIFACTS"), "TestOrders")
		for name, want := range map[string]string{"web.usage.csv": "time,memory,processors\n", "report.html": `aria-label="memory, at most `} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || !strings.Contains(string(content), want) {
				missing += fmt.Sprintf("%s = %.300q, %v, want %q in it\n", name, content, err, want)
			}
		}
		if missing == "" {
			break
		}
	}
	if missing != "" {
		t.Error(missing)
	}
	if *update {
		passed, failed := t.TempDir(), t.TempDir()
		t.Setenv("SEATRIAL_ARTIFACTS", passed)
		enginetest.Record("TestOrderIsPacked", time.Time{}, func(r *enginetest.Recorder) { orders(t, r, img, "") })
		t.Setenv("SEATRIAL_ARTIFACTS", failed)
		t.Setenv("SEATRIAL_REPORT", "")
		enginetest.Record("TestOrdersSurviveDatabaseRestart", time.Time{}, func(r *enginetest.Recorder) { orders(t, r, img, "ALTER TABLE orders ADD COLUMN sku text;") })
		browser := chromium.Start(t)
		files := filepath.Join(filepath.Dir(t.TempDir()), "deploy")
		browser.Shoot(t, filepath.Join(passed, "TestOrderIsPacked"), "docs/report-passed.png", files, "../deploy", "evidence_test.go", "orders_test.go")
		browser.Shoot(t, filepath.Join(failed, "TestOrdersSurviveDatabaseRestart"), "docs/report-failed.png", files, "../deploy", "evidence_test.go", "orders_test.go")
	}
}

// orders is a realistic project for screenshots; more is added to the SQL of its
// migration.
func orders(t *testing.T, r seatrial.T, img *seatrial.Image, more string) {
	dir := filepath.Join(filepath.Dir(t.TempDir()), "deploy")
	enginetest.WriteFile(t, filepath.Join(dir, "migrations.sql"), "CREATE TABLE orders (id serial PRIMARY KEY);\nALTER TABLE orders ADD COLUMN sku text;\n"+more+"\n")
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
  db:
    image: postgres:17-bookworm
    container_name: orders-db
    environment: {POSTGRES_PASSWORD: orders}
    ports: ["5432:5432"]
    networks: [backend]
    healthcheck: {test: ["CMD", "pg_isready", "-q", "-h", "127.0.0.1"], interval: 500ms, retries: 60}
  migrate:
    image: postgres:17-bookworm
    command: [psql, "postgresql://postgres:orders@db", -v, ON_ERROR_STOP=1, -f, /migrations.sql]
    volumes: ["./migrations.sql:/migrations.sql:ro"]
    networks: [backend]
    depends_on: {db: {condition: service_healthy}}
  api:
    image: example/orders:2
    command: ["-print", "INFO connected to db:5432", "-print", "DEBUG pool of 8", "-serve", ":8080"]
    ports: ["8080:8080"]
    networks: [frontend, backend]
    depends_on: {db: {condition: service_healthy}}
networks: {frontend: , backend: }
`)
	app := seatrial.Up(r, spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}, Ready: map[string]wait.Condition{"migrate": wait.Exit(0), "api": wait.HTTP(8080, "/health")},
		Images: map[string]string{"example/orders:2": img.Ref, "postgres:17-bookworm": standIn("postgres:17-bookworm")}})
	api := app.Service(r, "api")
	for range 6 {
		enginetest.GetNow(t, api.URL(r, 8080)+"/say?line=INFO+order+accepted")
		time.Sleep(700 * time.Millisecond)
	}
	app.Service(r, "db").Wait(r, wait.Log("ready to accept connections"))
}
