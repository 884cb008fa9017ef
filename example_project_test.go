// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// From the version that is out there to the next one, with the data of the first.
func ExampleProject_Update() {
	files := []string{"../deploy/compose.yaml"}
	app := seatrial.Up(t, spec.Project{Files: files, Images: map[string]string{"example/orders:2": "example/orders:1"}})
	app.Run(t, "api", spec.Exec{Command: []string{"orders", "add", "A1"}})

	changes := app.Update(t, spec.Project{Files: files}) // the files as they are shipped now
	t.Log(changes)
	got := app.Service(t, "api").Exec(t, spec.Exec{Command: []string{"orders", "list"}})
	if got.Stdout != "A1\n" {
		t.Errorf("after the update there is %q", got.Stdout)
	}
}

// One of several replicas dies, and the others go on.
func ExampleProject_Scale() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	workers := app.Scale(t, "worker", 3)
	workers[0].Kill(t, "")
	workers[1].Wait(t, wait.Log("takes over"))
}

// A service of the project, once more, with another command.
func ExampleProject_Run() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Run(t, "api", spec.Exec{Command: []string{"orders", "check"}}) // exit code 0, or the test fails
}

// The whole project goes down and comes up again, with its data.
func ExampleProject_Down() {
	app := seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
	app.Down(t)
	app.Up(t)
	app.Service(t, "db").Wait(t, wait.Log("recovered"))
}

// One project for the tests of several packages, and for the next run.
func ExampleShared() {
	app := seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"../deploy/compose.yaml"}}})
	db := app.Service(t, "db")
	db.Exec(t, spec.Exec{Command: []string{"createdb", seatrial.Name(t, "orders")}}) // one for each test
}

// What only some tests of a package need, once for all that do. It is a variable of the
// package.
func ExampleShare() {
	mail := seatrial.Share("mail", func(t seatrial.T) *seatrial.Container {
		return seatrial.Run(t, spec.Container{Image: "example/mail:1", Ports: []int{25}})
	})
	t.Log("mail goes to", mail(t).Addr(t, 25)) // in each test
}

// A test that takes what not every engine has.
func ExampleNeed() {
	seatrial.Need(t, spec.Need{Compose: "2.30", HostFiles: true})
}

// The same verbs on another engine.
func ExampleOn() {
	arm := seatrial.On(spec.Engine{Host: "ssh://ci@arm.example.com"})
	img := arm.Load(t, seatrial.Build(t, spec.Image{Context: "../orders", Platform: "linux/arm64"}))
	arm.Run(t, spec.Container{Image: img.Ref})
}

// A file of the test among its artifacts, which are kept if it fails.
func ExampleArtifacts() {
	fmt.Println(seatrial.Artifacts(t)) // the directory: what is written to it goes along
}

// An update that turns out wrong, and the way back.
func ExampleService_Rollback() {
	api := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}}).Service(t, "api")
	api.Scale(t, 3)
	api.Rollback(t)
	if n := len(api.Tasks(t)); n != 1 {
		t.Errorf("%d tasks, want 1 as before", n)
	}
}

// A secret of the swarm, which a service reads from a file.
func ExampleCreateSecret() {
	key := seatrial.CreateSecret(t, spec.Secret{Name: "signing-key", Content: "only-for-tests"})
	seatrial.Serve(t, spec.Service{Image: "example/orders:2", Secrets: spec.Files(key.Name)}) // below /run/secrets
}

// A configuration of the swarm, at the place where a service looks for it.
func ExampleCreateConfig() {
	conf := seatrial.CreateConfig(t, spec.Secret{Name: "app.conf", File: "testdata/app.conf"})
	seatrial.Serve(t, spec.Service{Image: "example/orders:2", Configs: []spec.SecretFile{{Name: conf.Name, Target: "/etc/app.conf"}}})
}

// A service that was there before the test, and stays.
func ExampleWrapService() {
	api := seatrial.WrapService(t, spec.Existing{Name: "staging_api"})
	api.Wait(t, wait.Log("listening"))
	for _, task := range api.Tasks(t) {
		t.Log(task.Name, "runs on", task.Node)
	}
}
