// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestAddProfiles(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8080:80"]}
  debug: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["8081:80"], profiles: [debug], depends_on: [db]}
  db: {image: "example/probe:1", command: ["-serve", ":80"]}
  job: {image: "example/probe:1", command: ["-print", "job done"]}
  broken: {image: "example/probe:1", entrypoint: [/no/such], profiles: [broken]}
  meddling: {image: "example/probe:1", pid: host, profiles: [meddling]}
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
	for what, f := range map[string]func(t seatrial.T){ // as long as the service was off, its obstacle to isolation was only a note
		"AddProfiles": func(t seatrial.T) { app.AddProfiles(t, "meddling") },
		"Run":         func(t seatrial.T) { app.Run(t, "meddling", spec.Exec{}) },
	} {
		if err := seatrial.Try(t, f); !strings.Contains(errorText(err), "service meddling: pid: host") {
			t.Errorf("%s of a service that is refused: %v", what, err)
		}
	}
	app.Scale(t, "web", 2) // a service that AddProfiles does not start
	app.Scale(t, "db", 2)  // a service that others need
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
		t.Errorf("running containers were not left alone: web is %v, and the job says %q", app.Service(t, "web"), job.Logs(t))
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.AddProfiles(t, "none") }); !strings.Contains(errorText(err), "Profiles has \"none\", which no service has") {
		t.Errorf("a profile that nobody has: %v", err)
	}
}
