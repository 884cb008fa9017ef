// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/ory/dockertest/v3"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
	"github.com/testcontainers/testcontainers-go"
	tcwait "github.com/testcontainers/testcontainers-go/wait"
)

// A readiness is a kind of condition, with the time at which the engine says that it came
// to hold.
type readiness struct {
	name    string
	command []string
	ours    wait.Condition
	theirs  tcwait.Strategy
	retried func(pool *dockertest.Pool, r *dockertest.Resource) error // for dockertest, which polls
	stamp   func(b *bed, id string) (time.Time, error)
}

func waitRows() []row {
	later := []string{"-after", "300ms", "-serve", ":80"}
	kinds := []readiness{
		{"line", later, wait.Log(line), tcwait.ForLog(line).WithPollInterval(quick), printed, lastLine},
		{"port", later, wait.Listening(80), tcwait.ForListeningPort("80/tcp").SkipInternalCheck().WithPollInterval(quick), dialled, lastLine},
		{"health", serving, wait.Healthy(), tcwait.ForHealthCheck().WithPollInterval(quick), isHealthy, healthy},
		{"HTTP 200", later, wait.HTTP(80, "/health"), tcwait.ForHTTP("/health").WithPort("80/tcp").WithPollInterval(quick), answers, lastLine},
		{"exit", []string{"-after", "300ms"}, wait.Exit(0), tcwait.ForExit().WithPollInterval(quick), ended, finished},
	}
	return []row{{
		name: "wait", work: "from what is waited for until the call returned, by the engine's stamps: for a port and for HTTP 200, that of the line which the program prints once it listens", aim: "median ≤ 2 ms for a line, ≤ 5 ms for exit and health, ≤ 8 ms for the others",
		prepare: func(b *bed) ([]side, error) {
			withoutReaper()
			pool, err := dockertest.NewPool("")
			if err != nil {
				return nil, err
			}
			each := func(run func(k readiness) (float64, error)) func() (sample, error) {
				return func() (s sample, err error) {
					for _, k := range kinds {
						ms, err := run(k)
						if err != nil {
							return nil, fmt.Errorf("%s: %w", k.name, err)
						}
						s = append(s, figure{k.name, ms})
					}
					return s, nil
				}
			}
			late := func(k readiness, id string, returned time.Time) (float64, error) {
				at, err := k.stamp(b, id)
				return float64(returned.Sub(at).Microseconds()) / 1000, err
			}
			return []side{{"seatrial.Run", each(func(k readiness) (ms float64, err error) {
				failed := asTest(func(t *enginetest.Recorder) {
					c := seatrial.Run(t, spec.Container{Image: b.probe, Command: k.command, Ports: []int{80}, Ready: k.ours})
					ms, err = late(k, c.ID, time.Now())
				})
				return ms, errors.Join(err, failed)
			})}, {"testcontainers-go", each(func(k readiness) (float64, error) {
				c, err := startTestcontainers(b.ctx, b.probe, k.command, k.theirs)
				returned := time.Now()
				defer testcontainers.TerminateContainer(c, testcontainers.StopTimeout(0))
				if err != nil {
					return 0, err
				}
				return late(k, c.GetContainerID(), returned)
			})}, {"dockertest", each(func(k readiness) (float64, error) {
				r, err := startDockertest(pool, b.probe, k.command, func(r *dockertest.Resource) error { return k.retried(pool, r) })
				returned := time.Now()
				if r != nil {
					defer pool.Purge(r)
				}
				if err != nil {
					return 0, err
				}
				return late(k, r.Container.ID, returned)
			})}, {"raw Engine API", func() (sample, error) { // of what the engine itself is late with
				id, err := runRawToEnd(b, kinds[len(kinds)-1].command)
				returned := time.Now()
				defer b.api.ContainerRemove(b.ctx, id, client.ContainerRemoveOptions{Force: true})
				if err != nil {
					return nil, err
				}
				ms, err := late(kinds[len(kinds)-1], id, returned)
				return sample{{"exit", ms}}, err
			}}}, nil
		},
	}}
}

// runRawToEnd runs a container, and waits by the engine's own means until it has ended.
func runRawToEnd(b *bed, command []string) (id string, err error) {
	port := network.MustParsePort("80/tcp") // as the others have it: to take it back is part of the end
	created, err := b.api.ContainerCreate(b.ctx, client.ContainerCreateOptions{
		Config:     &container.Config{Image: b.probe, Cmd: command, Labels: map[string]string{mark: ""}, ExposedPorts: network.PortSet{port: {}}},
		HostConfig: &container.HostConfig{PortBindings: network.PortMap{port: {{}}}},
	})
	if err != nil {
		return "", err
	}
	if _, err := b.api.ContainerStart(b.ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		return created.ID, err
	}
	ended := b.api.ContainerWait(b.ctx, created.ID, client.ContainerWaitOptions{})
	select {
	case <-ended.Result:
	case err = <-ended.Error:
	}
	return created.ID, err
}

var errNotYet = errors.New("not yet")

// hangsUp is how long the engine's proxy may take to hang up.
const hangsUp = 10 * time.Millisecond

func dialled(_ *dockertest.Pool, r *dockertest.Resource) error {
	c, err := net.Dial("tcp", r.GetHostPort("80/tcp"))
	if err != nil {
		return err
	}
	defer c.Close()
	// The engine's proxy accepts even if the container does not listen, and hangs up.
	_ = c.SetReadDeadline(time.Now().Add(hangsUp))
	if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
		return errNotYet
	}
	return nil
}

func answers(_ *dockertest.Pool, r *dockertest.Resource) error {
	resp, err := http.Get("http://" + r.GetHostPort("80/tcp") + "/health")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errNotYet
	}
	return nil
}

func isHealthy(pool *dockertest.Pool, r *dockertest.Resource) error {
	c, err := pool.Client.InspectContainer(r.Container.ID)
	if err == nil && c.State.Health.Status != "healthy" {
		err = errNotYet
	}
	return err
}

func ended(pool *dockertest.Pool, r *dockertest.Resource) error {
	c, err := pool.Client.InspectContainer(r.Container.ID)
	if err == nil && c.State.Status != "exited" {
		err = errNotYet
	}
	return err
}

// lastLine returns when the container printed that it listens. The engine delivers the
// line a moment after the port is open.
func lastLine(b *bed, id string) (at time.Time, err error) {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if at, err = lineNow(b, id); err == nil || b.ctx.Err() != nil {
			break
		}
	}
	return at, err
}

func lineNow(b *bed, id string) (time.Time, error) {
	log, err := b.api.ContainerLogs(b.ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Tail: "1"})
	if err != nil {
		return time.Time{}, err
	}
	defer log.Close()
	text, err := bufio.NewReader(log).ReadString('\n')
	if err != nil || len(text) < 8 {
		return time.Time{}, fmt.Errorf("reading the log: %w", err)
	}
	stamp, _, _ := strings.Cut(text[8:], " ") // after the frame's header
	return time.Parse(time.RFC3339Nano, stamp)
}

func finished(b *bed, id string) (time.Time, error) {
	c, err := b.api.ContainerInspect(b.ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, c.Container.State.FinishedAt)
}

func healthy(b *bed, id string) (time.Time, error) {
	c, err := b.api.ContainerInspect(b.ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return time.Time{}, err
	}
	for _, check := range c.Container.State.Health.Log {
		if check.ExitCode == 0 {
			return check.End, nil
		}
	}
	return time.Time{}, errors.New("no health check has passed")
}
