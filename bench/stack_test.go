// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// The services have an endpoint mode that needs no IPVS.
const stackFile = `
services:
  web:
    image: IMAGE
    command: ["-serve", ":80"]
    ports: [{target: 80, mode: host}]
    networks: [front]
    deploy: {replicas: 2, endpoint_mode: dnsrr}
  db:
    image: IMAGE
    command: ["-serve", ":80"]
    networks: [front]
    deploy: {endpoint_mode: dnsrr}
networks: {front: }
`

// swarm starts a swarm of one node, with the probe in its registry.
func swarm(b *testing.B) (manager *swarmtest.Node, image string) {
	s := swarmtest.Start(b, swarmtest.Spec{Engine: swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(b, enginetest.Dockerd)}})
	manager = s.Nodes()[0]
	return manager, s.Push(b, manager.Build(b, spec.Image{Context: enginetest.ProbeContext(b)}))
}

func write(b *testing.B, text string) string {
	file := filepath.Join(b.TempDir(), "stack.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// on runs a docker command on a node, within a limit, and returns its output and
// whether it succeeded.
func on(n *swarmtest.Node, limit time.Duration, args ...string) (string, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", append([]string{"--host", n.Host()}, args...)...).CombinedOutput()
	return strings.TrimSpace(string(out)), err == nil
}

// hopeless is how long docker stack deploy may take: for some mistakes it reports
// nothing.
const hopeless = 20 * time.Second

// taken is a port that another service publishes in host mode.
const taken = 8099

// BenchmarkWrongStack deploys stacks that cannot converge, until that is reported.
func BenchmarkWrongStack(b *testing.B) {
	manager, image := swarm(b)
	if out, ok := on(manager, time.Minute, "service", "create", "--quiet", "--name", "first", "--endpoint-mode", "dnsrr", "--publish", "mode=host,target=80,published="+strconv.Itoa(taken), image, "-serve", ":80"); !ok {
		b.Fatal(out)
	}
	decided := spec.Stack{KeepPorts: []int{taken}, Networks: map[string]string{"proxy": "proxy"}}
	for _, wrong := range []struct{ name, old, new string }{
		{"constraint", "replicas: 2,", "placement: {constraints: ['node.labels.disk == ssd']},"},
		{"reservation", "replicas: 2,", "resources: {reservations: {memory: 900G}},"},
		{"image", "image: IMAGE\n    command: [\"-serve\", \":80\"]\n    ports", "image: 127.0.0.1:9/none:1\n    command: [\"-serve\", \":80\"]\n    ports"},
		{"port", "{target: 80, mode: host}", "{target: 80, published: 8099, mode: host}"},
		{"placement", "replicas: 2,", "replicas: 2, placement: {max_replicas_per_node: 1},"},
		{"secret", "networks: {front: }", "networks: {front: }\nsecrets: {licence: {external: true}}"},
		{"network", "networks: {front: }", "networks: {front: , proxy: {external: true}}"},
		{"crash", `command: ["-serve", ":80"]` + "\n    ports", `command: ["-exit", "3"]` + "\n    ports"},
		{"unhealthy", "replicas: 2, endpoint_mode: dnsrr}", "endpoint_mode: dnsrr}\n    healthcheck: {test: [CMD, /probe, -check, 'http://127.0.0.1:81/'], interval: 100ms, retries: 2}"},
		{"one-shot", `command: ["-serve", ":80"]` + "\n    ports: [{target: 80, mode: host}]\n    networks: [front]\n    deploy: {replicas: 2,", `command: ["-exit", "1"]` + "\n    networks: [front]\n    deploy: {restart_policy: {condition: none},"},
	} {
		b.Run(wrong.name, func(b *testing.B) {
			text := strings.Replace(stackFile, wrong.old, wrong.new, 1)
			if text == stackFile {
				b.Fatal("nothing is wrong with it")
			}
			stack := decided
			switch wrong.name { // the objects that the others lack are used by web
			case "secret":
				text = strings.Replace(text, "networks: [front]", "networks: [front]\n    secrets: [licence]", 1)
			case "network":
				text = strings.Replace(text, "networks: [front]", "networks: [front, proxy]", 1)
			}
			if wrong.name != "network" {
				stack.Networks = nil
			}
			if wrong.name != "port" {
				stack.KeepPorts = nil
			}
			stack.Files = []string{write(b, strings.ReplaceAll(text, "IMAGE", image))}
			var ours, theirs []time.Duration
			n := 0
			for b.Loop() {
				var took time.Duration
				// In a test of its own, so that its end removes what is left.
				r := enginetest.Record(b.Name(), time.Time{}, func(r *enginetest.Recorder) {
					began := time.Now()
					err := seatrial.Try(r, func(t seatrial.T) { manager.Deploy(t, stack) })
					if took = time.Since(began); err == nil {
						r.Errorf("it was deployed")
					} else if first, _, _ := strings.Cut(err.Error(), "\n"); n == 0 {
						b.Logf("seatrial: after %v: %s", took.Round(time.Millisecond), first)
					}
				})
				if r.Failed() {
					b.Fatal(r.Errors())
				}
				ours = append(ours, took)
				n++
				name := "wrong" + strconv.Itoa(n)
				began := time.Now()
				out, ok := on(manager, hopeless, "stack", "deploy", "--detach=false", "--resolve-image=never", "-c", stack.Files[0], name)
				theirs = append(theirs, time.Since(began))
				if n == 1 {
					lines := strings.Split(out, "\n")
					b.Logf("docker stack deploy: after %v, good: %v, at last: %q", time.Since(began).Round(time.Millisecond), ok, lines[len(lines)-1])
				}
				if err := removedStack(b.Context(), manager.Host(), name); err != nil {
					b.Fatal(err)
				}
			}
			report(b, "seatrial", ours)
			report(b, "docker", theirs)
			b.ReportMetric(0, "ns/op")
		})
	}
}

// report reports the median and the worst.
func report(b *testing.B, who string, all []time.Duration) {
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, who+"-median-ms")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, who+"-worst-ms")
}
