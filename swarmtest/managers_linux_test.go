// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// A swarm of three managers survives the loss of one at a time.
func TestManagers(t *testing.T) {
	t.Parallel()
	s := startSwarm(t, swarmtest.Spec{Managers: 3})
	t.Run("stack", func(t *testing.T) { stackOverFaults(t, s) })
	t.Run("leader changes", func(t *testing.T) { leaderChanges(t, s) })
}

// A task whose node is lost is started elsewhere after the delay of its restart
// policy, five seconds by default. The service agent makes all nodes join all
// networks before one is lost: an engine that joins a network asks the other nodes
// about it, and waits five seconds for each that does not answer.
const citadelStack = `
x-soon: &soon {restart_policy: {delay: 200ms}, endpoint_mode: dnsrr}
services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: [{target: 80, published: 8080, mode: host}]
    networks: [front, back]
    deploy: {<<: *soon, replicas: 2, placement: {max_replicas_per_node: 1}}
  api:
    image: example/probe:1
    command: ["-serve", ":81"]
    ports: [{target: 81, published: 8081, mode: host}]
    networks: [back]
    deploy: {<<: *soon, replicas: 2}
  agent:
    image: example/probe:1
    command: ["-serve", ":82"]
    ports: [{target: 82, published: 8082, mode: host}]
    networks: [front, back]
    deploy: {<<: *soon, mode: global}
  db:
    image: example/probe:1
    command: ["-serve", ":83"]
    ports: [{target: 83, published: 8083, mode: host}]
    networks: [back]
    healthcheck: {test: ["CMD", "/probe", "-check", "http://127.0.0.1:83/health"], interval: 200ms}
    deploy: *soon
networks: {front: , back: }
`

// A stack of four services over three nodes goes on when one of them loses power,
// is cut off, or is drained.
func stackOverFaults(t *testing.T, s *swarmtest.Swarm) {
	began := time.Now()
	note := func(format string, args ...any) {
		t.Helper()
		t.Logf("%6.1fs  %s", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	leader := s.Leader(t)
	others := slices.DeleteFunc(s.Nodes(), func(n *swarmtest.Node) bool { return n == leader })
	one, two := others[0], others[1]
	img := leader.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	stack := leader.Deploy(t, spec.Stack{
		Files:    []string{stackFile(t, citadelStack)},
		StandIns: map[string]string{"example/probe:1": img.Ref, "example/of-others:1": "localhost/nowhere:1"},
		Ready:    map[string]wait.Condition{"web": wait.HTTP(8080, "/health")},
	})
	note("deployed")
	services := map[string]int{"web": 8080, "api": 8081, "agent": 8082, "db": 8083}
	// answers asks all tasks, and checks that none is on a node.
	answers := func(but *swarmtest.Node) {
		t.Helper()
		for name, port := range services {
			service := stack.Service(t, name)
			service.Wait(t)
			for _, task := range service.Tasks(t) {
				if but != nil && task.NodeID == but.ID {
					t.Errorf("%s is on %s, which is gone", task, but)
				}
				if got := get(t, task.URL(t, port)+"/health"); got != "ok\n" {
					t.Errorf("%s: %q", task, got)
				}
			}
		}
		web := stack.Service(t, "web").URL(t, 8080)
		eventually(t, time.Minute, func() string { // nodes hear of moved tasks from each other, late
			for _, url := range []string{"http://api:81/health", "http://db:83/health"} {
				if got, err := fetchText(web + "/fetch?" + url); err != nil || got != "ok\n" {
					return fmt.Sprintf("web does not reach %s: %q, %v", url, got, err)
				}
			}
			return ""
		})
	}
	answers(nil)
	note("all tasks answer")

	two.Drain(t)
	answers(two)
	note("%s is drained, and its tasks answer elsewhere", two)
	two.Activate(t)
	stack.Service(t, "agent").Wait(t)
	note("it is active")

	one.Kill(t)
	one.Await(t, "down")
	note("%s is known to be down", one)
	answers(one)
	note("its tasks have moved, and answer")
	one.Restart(t)
	one.Await(t, "ready")
	stack.Service(t, "agent").Wait(t)
	note("it is back")

	// Cut off a manager that does not lead now: an election would take ten to
	// twenty seconds.
	if s.Leader(t) == two {
		two = one
	}
	two.Partition(t)
	two.Await(t, "down")
	note("%s, of three managers, is cut off", two)
	refused := make(chan string, 1)
	go func() { refused <- refusal(t.Name(), two) }() // a refusal may take long
	answers(two)
	note("its tasks run elsewhere, and answer: that was all of it")
	stack.Remove(t)
	note("the stack is removed")
	if why := <-refused; why == "" {
		t.Errorf("%s, which is cut off, made a config", two)
	} else {
		note("%s says: %s", two, why)
	}
	two.Heal(t)
}

// refusal returns the error of a manager that is asked to change something, or "".
// A manager that has lost the others cannot.
func refusal(test string, manager *swarmtest.Node) string {
	r := enginetest.Record(test, time.Time{}, func(r *enginetest.Recorder) {
		manager.CreateConfig(r, spec.Secret{Name: "late", Content: "nobody hears it"})
	})
	first, _, _ := strings.Cut(r.Errors(), "\n")
	return first
}
