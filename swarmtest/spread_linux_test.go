// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// An image of the test reaches all nodes, no matter how the file names it, or how
// many push it at the same time.
func imagesReachAllNodes(t *testing.T, s *swarmtest.Swarm, base *seatrial.Image) {
	manager := s.Nodes()[0]
	img := manager.Build(t, spec.Image{Context: writeFiles(t, map[string]string{"Dockerfile": "FROM " + base.Ref + "\nENV PUSHED=by-many\n"})}) // which has not been pushed yet

	var pushes sync.WaitGroup
	for i := range 8 {
		time.Sleep(time.Duration(i) * 5 * time.Millisecond)
		pushes.Go(func() {
			r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { s.Push(r, img) })
			if r.Failed() {
				t.Errorf("push %d: %s", i, r.Errors())
			}
		})
	}
	pushes.Wait()

	stack := spec.Stack{
		Files: []string{stackFile(t, `
services:
  variable: {image: "${IMAGE}", command: ["-serve", ":80"], deploy: {mode: global, endpoint_mode: dnsrr}}
  replaced: {image: THE_IMAGE, command: ["-serve", ":80"], environment: ["WORD=${NO_VALUE}"], deploy: {mode: global, endpoint_mode: dnsrr}}
  literal: {image: "`+img.Ref+`", command: ["-serve", ":80"], deploy: {mode: global, endpoint_mode: dnsrr}}
`)},
		Env: map[string]string{"IMAGE": img.Ref}, Replace: map[string]string{"THE_IMAGE": img.Ref},
	}
	t.Run("by the registry", func(t *testing.T) {
		app := manager.Deploy(t, stack)
		for _, name := range []string{"variable", "replaced", "literal"} {
			if tasks := app.Service(t, name).Tasks(t); len(tasks) != 3 {
				t.Errorf("service %s has %d tasks, want one on each node", name, len(tasks))
			}
		}
	})

	t.Run("one that a single node has", func(t *testing.T) {
		const alone = "localhost:1/acme/alone:1" // there is no registry at this address
		docker(t, manager.Host(), "tag", img.Ref, alone)
		t.Cleanup(func() { docker(t, manager.Host(), "image", "rm", alone) })
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			had := manager.WrapImage(r, spec.ExistingImage{Ref: alone, Pull: spec.PullNever})
			manager.Serve(r, spec.Service{Image: had.Ref, Mode: spec.Global, EndpointMode: "dnsrr", Command: []string{"-serve", ":80"}})
		})
		if got := r.Errors(); !strings.Contains(got, "hint: node manager1 has image "+alone+": push it to a registry") {
			t.Errorf("an image of one node alone: %s", got)
		}
	})

	// Without a registry the nodes must have the image themselves.
	for _, n := range s.Nodes() {
		was, _ := engine.Known(n.ID)
		t.Cleanup(func() { engine.Know(n.ID, was) })
		without := was
		without.Registry = ""
		engine.Know(n.ID, without)
	}
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { manager.Deploy(r, stack) })
	if got := r.Errors(); !strings.Contains(got, "has image") || !strings.Contains(got, "worker1, worker2 cannot pull it") || !strings.Contains(got, "hint: push it to a registry") {
		t.Errorf("without a registry: %s", got)
	}
	if want := "service replaced: variable NO_VALUE has no value"; strings.Count(r.Logs(), want) != 1 {
		t.Errorf("the log does not have %q exactly once, of which the plan warns:\n%s", want, r.Logs())
	}
	for _, worker := range s.Nodes()[1:] {
		worker.Load(t, img)
	}
	t.Run("on each node", func(t *testing.T) {
		app := manager.Deploy(t, stack)
		if tasks := app.Service(t, "literal").Tasks(t); len(tasks) != 3 {
			t.Errorf("service literal has %d tasks, want one on each node", len(tasks))
		}
	})
}
