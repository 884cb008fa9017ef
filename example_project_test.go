// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Update a project from the released version to the next one, and keep its data.
func ExampleProject_Update() {
	files := []string{"../deploy/compose.yaml"}
	app := seatrial.Up(t, spec.Project{Files: files, Images: map[string]string{"example/orders:2": "example/orders:1"}})
	app.Run(t, "api", spec.Exec{Command: []string{"orders", "add", "A1"}})

	changes := app.Update(t, spec.Project{Files: files}) // the files of the new version
	t.Log(changes)
	got := app.Service(t, "api").Exec(t, spec.Exec{Command: []string{"orders", "list"}})
	if got.Stdout != "A1\n" {
		t.Errorf("after the update there is %q", got.Stdout)
	}
}

// Kill one of several replicas, while the others go on.
func ExampleProject_Scale() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	workers := app.Scale(t, "worker", 3)
	workers[0].Kill(t, "")
	workers[1].Wait(t, wait.Log("takes over"))
}

// Run a service of the project once more, with another command.
func ExampleProject_Run() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Run(t, "api", spec.Exec{Command: []string{"orders", "check"}}) // exit code 0, or the test fails
}

// Stop a service that others depend on, and start it again.
func ExampleProject_Stop() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Stop(t, "db")
	app.Service(t, "api").Wait(t, wait.Log("the database is gone"))
	app.Start(t, "db")
	app.Service(t, "api").Wait(t, wait.Log("the database is back"))
}

// Start the services of a profile only when the test needs them.
func ExampleProject_AddProfiles() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.AddProfiles(t, "metrics")
	app.Service(t, "prometheus").Wait(t, wait.HTTP(9090, "/-/ready"))
}

// Take the whole project down and start it again, with its data.
func ExampleProject_Down() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Down(t)
	app.Up(t)
	app.Service(t, "db").Wait(t, wait.Log("recovered"))
}

// Share one project among the tests of several packages, and with the next run.
func ExampleShared() {
	app := seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"../deploy/compose.yaml"}}})
	db := app.Service(t, "db")
	db.Exec(t, spec.Exec{Command: []string{"createdb", seatrial.Name(t, "orders")}}) // one for each test
}

// Make something once for all tests of a package that need it. In a package, mail is a
// variable at the top level.
func ExampleShare() {
	mail := seatrial.Share("mail", func(t seatrial.T) *seatrial.Container {
		return seatrial.Run(t, spec.Container{Image: "example/mail:1", Ports: []int{25}})
	})
	t.Log("mail goes to", mail(t).Addr(t, 25)) // in each test
}

// Skip a test whose requirements not every engine meets.
func ExampleNeed() {
	seatrial.Need(t, spec.Need{Compose: "2.30", HostFiles: true})
}

// Use the same verbs on another engine.
func ExampleOn() {
	arm := seatrial.On(spec.Engine{Host: "ssh://ci@arm.example.com"})
	img := arm.Load(t, seatrial.Build(t, spec.Image{Context: "../orders", Platform: "linux/arm64"}))
	arm.Run(t, spec.Container{Image: img.Ref})
}

// Keep a file among the artifacts, to be read if the test fails.
func ExampleArtifacts() {
	answer := `{"orders": []}`
	if err := os.WriteFile(filepath.Join(seatrial.Artifacts(t), "answer.json"), []byte(answer), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Undo the last update of a service.
func ExampleService_Rollback() {
	api := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}}).Service(t, "api")
	api.Scale(t, 3)
	api.Rollback(t)
	if n := len(api.Tasks(t)); n != 1 {
		t.Errorf("%d tasks, want 1 as before", n)
	}
}

// Make a secret of the swarm, which a service reads from a file.
func ExampleCreateSecret() {
	key := seatrial.CreateSecret(t, spec.Secret{Name: "signing-key", Content: "only-for-tests"})
	seatrial.Serve(t, spec.Service{Image: "example/orders:2", Secrets: spec.Files(key.Name)}) // below /run/secrets
}

// Make a config of the swarm, at the path where a service expects it.
func ExampleCreateConfig() {
	conf := seatrial.CreateConfig(t, spec.Secret{Name: "app.conf", File: "testdata/app.conf"})
	seatrial.Serve(t, spec.Service{Image: "example/orders:2", Configs: []spec.SecretFile{{Name: conf.Name, Target: "/etc/app.conf"}}})
}

// Use a service that existed before the test, and stays.
func ExampleWrapService() {
	api := seatrial.WrapService(t, spec.Existing{Name: "staging_api"})
	api.Wait(t, wait.Log("listening"))
	for _, task := range api.Tasks(t) {
		t.Log(task.Name, "runs on", task.Node)
	}
}

// See what was changed in the files so that this copy runs beside others.
func ExampleProject_Plan() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	t.Log(app.Plan()) // deploy/compose.yaml:5 service web: host port 8080 → chosen by the engine (…)
}

// Ask a service for the address at which the test reaches it.
func ExampleProject_Service() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	db := app.Service(t, "db") // the name in the file
	t.Log("the database is at", db.Addr(t, 5432))
}

// Look for work that two replicas have both done.
func ExampleProject_Replicas() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	done := map[string]string{}
	for _, worker := range app.Replicas(t, "worker") {
		for _, order := range strings.Fields(worker.Exec(t, spec.Exec{Command: []string{"orders", "done"}}).Stdout) {
			if other := done[order]; other != "" {
				t.Errorf("order %s was done by %s and by %s", order, other, worker)
			}
			done[order] = worker.Name
		}
	}
}

// Stop all services and start them again, in the order of their dependencies. The
// containers keep their files.
func ExampleProject_Start() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Stop(t)
	app.Start(t) // returns when all are ready
}

// Restart a service while others use it.
func ExampleProject_Restart() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Restart(t, "db")
	app.Service(t, "api").Wait(t, wait.Log("reconnected to the database"))
}

// Begin again with empty volumes.
func ExampleProject_Remove() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Remove(t) // the volumes, too, unlike Down
	app.Up(t)
	got := app.Service(t, "api").Exec(t, spec.Exec{Command: []string{"orders", "list"}})
	if got.Stdout != "" {
		t.Errorf("a new project has the orders %q", got.Stdout)
	}
}

// Start a project again after it was down. Its ports may have changed.
func ExampleProject_Up() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	before := app.Service(t, "api").Addr(t, 8080)
	app.Down(t)
	app.Up(t)
	t.Log("it was at", before, "and is at", app.Service(t, "api").Addr(t, 8080))
}

// List what a project has on the engine, for the log of the test.
func ExampleProject_Running() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	t.Log(app.Running(t))
}

// Run a container of the test in a network of the project, where it finds services by their
// names.
func ExampleProject_Network() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	seatrial.RunToEnd(t, spec.Container{
		Image: "example/smoke:1", Command: []string{"--url", "http://api:8080"},
		Networks: []spec.Endpoint{{Network: app.Network(t, "default")}},
	})
}

// Look into a volume of the project from a container of the test.
func ExampleProject_Volume() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	got := seatrial.RunToEnd(t, spec.Container{
		Image: "busybox:1", Command: []string{"ls", "/data"},
		Mounts: []spec.Mount{{Volume: app.Volume(t, "uploads"), Target: "/data", ReadOnly: true}},
	})
	t.Log(got.Stdout)
}
