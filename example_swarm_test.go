// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Run more tasks, and wait until each of them works.
func ExampleService_Scale() {
	worker := seatrial.Serve(t, spec.Service{Image: "example/worker:1"})
	worker.Scale(t, 4)
	worker.Wait(t, wait.Log("takes orders"))
}

// Wait until all tasks of a service have seen a change.
func ExampleService_Wait() {
	shop := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}})
	shop.Service(t, "admin").Task(t).Exec(t, spec.Exec{Command: []string{"admin", "set", "currency", "CHF"}})
	shop.Service(t, "api").Wait(t, wait.Log("currency is CHF"))
}

// See how a service is spread over the nodes.
func ExampleService_Tasks() {
	api := seatrial.Serve(t, spec.Service{Image: "example/orders:2", Replicas: 3})
	nodes := map[string]int{}
	for _, task := range api.Tasks(t) {
		nodes[task.Node]++
	}
	if len(nodes) < 2 {
		t.Errorf("all tasks run on one node: %v", nodes)
	}
}

// Check the logs of all tasks at once.
func ExampleService_Logs() {
	api := seatrial.Serve(t, spec.Service{Image: "example/orders:2", Replicas: 3, Ready: wait.Log("listening")})
	if strings.Contains(api.Logs(t), "deprecated") {
		t.Error("a task uses something that is deprecated")
	}
}

// Run a job that may end with one of two exit codes.
func ExampleService_ExitCodes() {
	job := seatrial.Serve(t, spec.Service{
		Image: "example/sync:1", Mode: spec.ReplicatedJob, Replicas: 3,
		ExitCodes: []int{0, 4}, // 4: there was nothing to do
	})
	if !slices.Contains(job.ExitCodes(t), 0) {
		t.Error("no task had anything to do")
	}
}

// Call a task at the port of its node.
func ExampleTask_Addr() {
	api := seatrial.Serve(t, spec.Service{Image: "example/orders:2", Replicas: 2, Ports: []int{8080}})
	for _, task := range api.Tasks(t) {
		resp, err := http.Get("http://" + task.Addr(t, 8080) + "/health")
		if err != nil {
			t.Fatalf("task %s: %v", task, err)
		}
		resp.Body.Close()
	}
}

// Run a command in a task's container.
func ExampleTask_Exec() {
	api := seatrial.Serve(t, spec.Service{Image: "example/orders:2", Secrets: spec.Files("licence")}) // of the swarm
	got := api.Task(t).Exec(t, spec.Exec{Command: []string{"orders", "licence", "--file", "/run/secrets/licence"}})
	if !strings.Contains(got.Stdout, "valid") {
		t.Errorf("the licence is %s", got.Stdout)
	}
}

// Find the one task that does what only one may do.
func ExampleTask_Logs() {
	worker := seatrial.Serve(t, spec.Service{Image: "example/worker:1", Replicas: 3, Ready: wait.Log("election is over")})
	var leaders []string
	for _, task := range worker.Tasks(t) {
		if strings.Contains(task.Logs(t), "elected") {
			leaders = append(leaders, task.Name)
		}
	}
	if len(leaders) != 1 {
		t.Errorf("want one leader, got %q", leaders)
	}
}

// Freeze one task of a service, to see how the others go on without it.
func ExampleTask_Container() {
	api := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}}).Service(t, "api")
	tasks := api.Tasks(t)
	tasks[0].Container(t).Pause(t)
	tasks[1].Container(t).Wait(t, wait.Log("takes over"))
	tasks[0].Container(t).Unpause(t)
}

// See what was changed in the file so that this copy of the stack runs beside others.
func ExampleStack_Plan() {
	shop := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}})
	t.Log(shop.Plan())
}

// Get a service by its name in the file.
func ExampleStack_Service() {
	shop := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}})
	t.Log("the shop is at", shop.Service(t, "api").URL(t, 8080)) // 8080 as the file says it
}

// Expect that an update to an image that does not start is rolled back, as the file says.
func ExampleStack_Update() {
	file := []string{"../deploy/stack.yaml"}
	shop := seatrial.Deploy(t, spec.Stack{Files: file})
	err := seatrial.Try(t, func(t seatrial.T) {
		shop.Update(t, spec.Stack{Files: file, Images: map[string]string{"example/orders:2": "example/broken:1"}})
	})
	if err == nil {
		t.Error("the update to a broken image succeeded")
	}
	shop.Service(t, "api").Wait(t) // the old tasks
}

// Remove a stack with its volumes, and check that the next one begins with new data.
func ExampleStack_Remove() {
	files := []string{"../deploy/stack.yaml"}
	seatrial.Deploy(t, spec.Stack{Files: files}).Remove(t)
	seatrial.Deploy(t, spec.Stack{Files: files}).Service(t, "db").Wait(t, wait.Log("new database"))
}

// List what a stack has in the swarm, for the log of the test.
func ExampleStack_Running() {
	shop := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}})
	t.Log(shop.Running(t))
}

// Deploy a stack that joins a network of another one.
func ExampleStack_Network() {
	proxy := seatrial.Deploy(t, spec.Stack{Files: []string{"../proxy/stack.yaml"}})
	seatrial.Deploy(t, spec.Stack{
		Files:    []string{"../deploy/stack.yaml"},
		Networks: map[string]string{"proxy": proxy.Network(t, "front")}, // external in its file
	})
}

// Fill a volume of a stack from a container of the test, on a swarm of one node.
func ExampleStack_Volume() {
	shop := seatrial.Deploy(t, spec.Stack{Files: []string{"../deploy/stack.yaml"}})
	seatrial.RunToEnd(t, spec.Container{
		Image: "example/samples:1", Command: []string{"fill", "/data"},
		Mounts: []spec.Mount{{Volume: shop.Volume(t, "uploads"), Target: "/data"}},
	})
}
