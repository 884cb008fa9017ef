// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var t *testing.T // in a test, its argument

// Start a project from the shipped file, with one of its images replaced by one
// that the test builds.
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

// Run a container that logs when it is ready, and restart it.
func ExampleRun() {
	db := seatrial.Run(t, spec.Container{
		Image: "postgres:17",
		Env:   map[string]string{"POSTGRES_PASSWORD": "only-for-tests"},
		Ports: []int{5432},
		Ready: wait.Log("ready to accept connections").Times(2), // the first is from its own set-up
	})
	t.Log("the database is at", db.Addr(t, 5432))

	db.Restart(t)
	db.Wait(t, wait.Log("ready to accept connections"))
	t.Log("and now at", db.Addr(t, 5432))
}

// Wait until a container has ended with exit code 0. Otherwise the test fails with
// its last lines.
func ExampleContainer_Wait() {
	migrate := seatrial.Run(t, spec.Container{Image: "example/migrate:2", Command: []string{"up"}})
	migrate.Wait(t, wait.Exit(0))
}

// Expect a failure, and check its cause.
func ExampleTry() {
	err := seatrial.Try(t, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{
			Image: "example/orders:2",
			Env:   map[string]string{"LICENCE": "expired"},
			Ready: wait.Log("listening"),
		})
	})
	var exit *wait.ExitError
	if !errors.As(err, &exit) || exit.State.ExitCode != 3 {
		t.Errorf("with an expired licence: %v; want exit code 3", err)
	}
}

// Run a docker command for which there is no verb, and another program.
func ExampleDocker() {
	img := seatrial.Build(t, spec.Image{Context: "../orders"})
	history := seatrial.Docker(t, spec.Command{Args: []string{"image", "history", "--quiet", img.Ref}})
	if n := strings.Count(history.Stdout, "\n"); n > 20 {
		t.Errorf("the image has %d layers", n)
	}

	seatrial.Docker(t, spec.Command{
		Program: "trivy", Args: []string{"image", "--exit-code", "1", img.Ref},
		Name: "scan", TimeLimit: 5 * time.Minute,
	})
}

// Run a program in the background on this machine. Wait works as for a container,
// and the program ends with the test.
func ExampleStartDocker() {
	tunnel := seatrial.StartDocker(t, spec.Command{
		Program: "ssh", Args: []string{"-N", "-L", "15432:db.staging:5432", "ci@bastion"},
	})
	tunnel.Wait(t, wait.Listening(15432))
}

var (
	m  *testing.M // in TestMain, its argument
	db *seatrial.Container
)

// Make what the tests of a package share. This is the body of its TestMain.
func ExampleMain() {
	seatrial.Main(m, func(t seatrial.T) {
		db = seatrial.Run(t, spec.Container{
			Image: "postgres:17",
			Env:   map[string]string{"POSTGRES_PASSWORD": "only-for-tests"},
			Ports: []int{5432},
			Ready: wait.Log("ready to accept connections").Times(2),
		})
	})
}

// Build a sample on an image of the test, and run it as a service that reads a
// secret. The secret's content is in no log and no artifact, and both the service
// and the secret are removed at the end of the test.
func ExampleServe() {
	base := seatrial.Build(t, spec.Image{Context: "../base"})
	sample := seatrial.Build(t, spec.Image{Context: "../samples/props", Images: map[string]string{"example/base:1": base.Ref}})
	secret := seatrial.CreateSecret(t, spec.Secret{Name: "app.properties", Content: "KEY=value"})
	app := seatrial.Serve(t, spec.Service{
		Image: sample.Ref, Secrets: spec.Files(secret.Name), // the file /run/secrets/<secret.Name>
		Env: map[string]string{"PROPERTIES": "/run/secrets/" + secret.Name},
	})
	app.Wait(t, wait.Log("read KEY from /run/secrets/"))
	if log := app.Logs(t); strings.Contains(log, "warning") {
		t.Errorf("the log warns: %s", log)
	}
}

// Deploy a stack from the shipped file, and update it from version 1 to version 2,
// which keeps its data.
func ExampleDeploy() {
	file := []string{"../deploy/stack.yaml"}
	shop := seatrial.Deploy(t, spec.Stack{Files: file, Images: map[string]string{"example/orders:2": "example/orders:1"}})
	api := shop.Service(t, "api")
	api.Scale(t, 3)
	for _, task := range api.Tasks(t) {
		t.Log(task.Name, "runs on", task.Node, "at", task.Addr(t, 8080)) // 8080 as the file says it
	}

	err := seatrial.Try(t, func(t seatrial.T) { shop.Update(t, spec.Stack{Files: file}) })
	var failed *seatrial.TaskError
	if errors.As(err, &failed) {
		t.Errorf("the update was not done: %s of task %s", failed.Cause, failed.Task)
	}
}
