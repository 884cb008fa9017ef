// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// fourServices have an endpoint mode that needs no IPVS.
const fourServices = `
services:
  web: {image: IMAGE, command: ["-serve", ":80"], ports: [{target: 80, mode: host}], networks: [front, back], deploy: {endpoint_mode: dnsrr}}
  api: {image: IMAGE, command: ["-serve", ":80"], networks: [front, back], deploy: {endpoint_mode: dnsrr}}
  db: {image: IMAGE, command: ["-serve", ":80"], networks: [back], deploy: {endpoint_mode: dnsrr}}
  cache: {image: IMAGE, command: ["-serve", ":80"], networks: [back], deploy: {endpoint_mode: dnsrr}}
networks: {front: , back: }
`

func stackRows() []row {
	return []row{{
		name: "stack", work: "a stack of four services on a swarm of one node, until it has converged, and until it is gone", aim: "≤ 0.2 converged, ≤ 0.25 gone",
		prepare: prepareStack,
	}, {
		name: "swarm", work: "a swarm of three nodes, engines of their own, from the call until all are ready", aim: "≤ 4 s",
		prepare: func(*bed) ([]side, error) {
			return []side{{"swarmtest.Start", func() (sample, error) {
				var ready float64
				err := asTest(func(t *enginetest.Recorder) {
					began := time.Now()
					swarmtest.Start(t, ownSwarm(3))
					ready = since(began)
				})
				return sample{{"ready", ready}}, err
			}}}, nil
		},
	}}
}

// ownSwarm asks for a swarm of engines that are started for it.
func ownSwarm(managers int) swarmtest.Spec {
	return swarmtest.Spec{Managers: managers, Engine: swarmtest.EngineSpec{Dockerd: os.Getenv(enginetest.Dockerd)}}
}

func prepareStack(b *bed) ([]side, error) {
	test := newLasting()
	b.tidys = append(b.tidys, test.end)
	var manager *swarmtest.Node
	var image string
	if err := test.do(func(t *enginetest.Recorder) {
		s := swarmtest.Start(t, ownSwarm(1))
		manager = s.Nodes()[0]
		image = s.Push(t, manager.Build(t, spec.Image{Context: filepath.Join(b.dir, "probe")}))
	}); err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, "stack.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(fourServices, "IMAGE", image)), 0o644); err != nil {
		return nil, err
	}
	n := 0
	return []side{{"Node.Deploy, Stack.Remove", func() (sample, error) {
		var stack *seatrial.Stack
		began := time.Now()
		err := test.do(func(t *enginetest.Recorder) { stack = manager.Deploy(t, spec.Stack{Files: []string{file}}) })
		if err != nil {
			return nil, err
		}
		converged, over := since(began), time.Now()
		err = test.do(func(t *enginetest.Recorder) { stack.Remove(t) })
		return sample{{"converged", converged}, {"gone", since(over)}}, err
	}}, {"docker stack deploy --detach=false, rm", func() (sample, error) {
		n++
		name := "theirs" + strconv.Itoa(n)
		began := time.Now()
		if _, err := onHost(b.ctx, manager.Host(), "stack", "deploy", "--detach=false", "--resolve-image=never", "--compose-file", file, name); err != nil {
			return nil, err
		}
		converged, over := since(began), time.Now()
		err := removedStack(b.ctx, manager.Host(), name)
		return sample{{"converged", converged}, {"gone", since(over)}}, err
	}}}, nil
}

// onHost runs a docker command on an engine.
func onHost(ctx context.Context, host string, args ...string) (string, error) {
	return output(exec.CommandContext(ctx, "docker", append([]string{"--host", host}, args...)...))
}

// removedStack removes a stack by docker stack rm, which returns before, and returns when nothing of
// it is left.
func removedStack(ctx context.Context, host, name string) error {
	if _, err := onHost(ctx, host, "stack", "rm", name); err != nil {
		return err
	}
	label := "label=com.docker.stack.namespace=" + name
	for limit := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		containers, err := onHost(ctx, host, "ps", "--all", "--quiet", "--filter", label)
		networks, failed := onHost(ctx, host, "network", "ls", "--quiet", "--filter", label)
		if err := errors.Join(err, failed); err != nil || containers+networks == "" {
			return err
		}
		if time.Now().After(limit) {
			return fmt.Errorf("left of %s: %s %s", name, containers, networks)
		}
	}
}
