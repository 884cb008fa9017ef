// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Start a program on this machine, and wait until it can be used.
func ExampleCommand_Wait() {
	stub := seatrial.StartDocker(t, spec.Command{Program: "python3", Args: []string{"-m", "http.server", "18080"}, Dir: "testdata/site"})
	stub.Wait(t, wait.HTTP(18080, "/"))
}

// Let a command run while the test does something else, and use its output.
func ExampleCommand_Result() {
	load := seatrial.StartDocker(t, spec.Command{Program: "hey", Args: []string{"-n", "2000", "http://127.0.0.1:8080/orders"}})
	// … meanwhile, break something
	if report := load.Result(t); strings.Contains(report.Stdout, "[500]") {
		t.Errorf("requests failed meanwhile:\n%s", report.Stdout)
	}
}

// Record the engine's events while something runs, and look at them afterwards.
func ExampleCommand_Stop() {
	events := seatrial.StartDocker(t, spec.Command{
		Args: []string{"events", "--filter", "image=example/migrate:2", "--format", "{{.Action}}"},
	})
	seatrial.RunToEnd(t, spec.Container{Image: "example/migrate:2"})
	events.Wait(t, wait.Log("^die$"))
	if got := events.Stop(t); strings.Contains(got.Stdout, "oom") {
		t.Error("the migration ran out of memory")
	}
}
