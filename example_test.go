// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"net/http"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var t *testing.T // in a test, its argument

// A project from the file that is shipped, with one of its images replaced by
// one that the test builds.
func ExampleUp() {
	worker := seatrial.Build(t, spec.Image{Context: "..", Dockerfile: "worker.Dockerfile"})
	app := seatrial.Up(t, spec.Project{
		Files:  []string{"../compose.yaml"},
		Images: map[string]string{"example/orders-worker:2": worker.Ref},
		Env:    map[string]string{"DB_PASSWORD": "only-for-tests"},
		Ready:  map[string]wait.Condition{"api": wait.HTTP(8080, "/health")},
	})
	api := app.Service(t, "api")
	resp, err := http.Get(api.URL(t, 8080) + "/orders") // 8080 as the file says it
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// A container that is ready when it says so, and that survives a restart.
func ExampleRun() {
	db := seatrial.Run(t, spec.Container{
		Image: "postgres:17",
		Env:   map[string]string{"POSTGRES_PASSWORD": "only-for-tests"},
		Ports: []int{5432},
		Ready: wait.Log("ready to accept connections").Times(2), // once for its own set-up
	})
	t.Log("the database is at", db.Addr(t, 5432))

	db.Restart(t)
	db.Wait(t, wait.Log("ready to accept connections"))
	t.Log("and now at", db.Addr(t, 5432))
}

// A container that does its work and ends: with exit code 0, or the test fails
// with the last lines that it printed.
func ExampleContainer_Wait() {
	migrate := seatrial.Run(t, spec.Container{Image: "example/migrate:2", Command: []string{"up"}})
	migrate.Wait(t, wait.Exit(0))
}
