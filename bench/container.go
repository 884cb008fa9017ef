// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
	tcwait "github.com/testcontainers/testcontainers-go/wait"
)

func containerRows() []row {
	return []row{{
		name: "container", work: "a container, from the call until it has printed a line", aim: "≤ 1.03 of the raw API",
		guards: []guard{{"ready", "raw Engine API", 2}, {"ready", "testcontainers-go", 2}, {"ready", "dockertest", 2}},
		prepare: func(b *bed) ([]side, error) {
			pool, err := dockertest.NewPool("")
			if err != nil {
				return nil, err
			}
			one := func(run func() (float64, error)) func() (sample, error) {
				return func() (sample, error) {
					ms, err := run()
					return sample{{"ready", ms}}, err
				}
			}
			withoutReaper()
			return []side{
				{"seatrial.Run", one(func() (float64, error) { return runOurs(b.probe) })},
				{"raw Engine API", one(func() (float64, error) { return runRaw(b.ctx, b.api, b.probe) })},
				{"testcontainers-go", one(func() (float64, error) { return runTestcontainers(b.ctx, b.probe) })},
				{"dockertest", one(func() (float64, error) { return runDockertest(pool, b.probe) })},
			}, nil
		},
	}, {
		name: "first", work: "the first container of a process, from the call until it has printed a line",
		aim:     "≤ 0.6 of testcontainers-go with its reaper, ≤ 1.0 of it without, ≤ 1.0 of dockertest",
		prepare: prepareFirst,
	}, {
		name: "end", work: "the end of a test with a container that ignores SIGTERM", aim: "≤ 0.05 of testcontainers-go",
		guards:  []guard{{"gone", "raw Engine API, docker rm --force", 2}},
		prepare: prepareEnd,
	}, {
		name: "at-once", work: "containers at once, until all have printed a line", aim: "≤ 1.03 of the raw API",
		prepare: prepareAtOnce,
	}}
}

// withoutReaper switches off the reaper container of testcontainers-go.
func withoutReaper() {
	os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	tclog.SetDefault(silent{})
}

const line = "listening"

var serving = []string{"-serve", ":80"}

func runOurs(image string) (ms float64, err error) {
	err = asTest(func(t *enginetest.Recorder) {
		began := time.Now()
		c := seatrial.Run(t, spec.Container{Image: image, Command: serving, Ports: []int{80}, Ready: wait.Log(line)})
		c.Addr(t, 80)
		ms = since(began)
	})
	return ms, err
}

// runRaw does the minimum of what the others do: it follows the log from before the
// start, and asks for the port.
func runRaw(ctx context.Context, api *client.Client, image string) (ms float64, err error) {
	began := time.Now()
	id, err := startRaw(ctx, api, image, serving, line)
	if id != "" {
		defer api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true})
	}
	return since(began), err
}

func startRaw(ctx context.Context, api *client.Client, image string, command []string, until string) (id string, err error) {
	port := network.MustParsePort("80/tcp")
	created, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config:     &container.Config{Image: image, Cmd: command, Labels: map[string]string{mark: ""}, ExposedPorts: network.PortSet{port: {}}},
		HostConfig: &container.HostConfig{PortBindings: network.PortMap{port: {{}}}},
	})
	if err != nil {
		return "", err
	}
	if _, err := api.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		return created.ID, err
	}
	log, err := api.ContainerLogs(ctx, created.ID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		return created.ID, err
	}
	defer log.Close()
	for lines := bufio.NewScanner(log); !strings.Contains(lines.Text(), until); {
		if !lines.Scan() {
			return created.ID, fmt.Errorf("the log ended without %q", until)
		}
	}
	_, err = api.ContainerInspect(ctx, created.ID, client.ContainerInspectOptions{})
	return created.ID, err
}

// quick is the polling interval for testcontainers-go: a tenth of its default.
const quick = 10 * time.Millisecond

func startTestcontainers(ctx context.Context, image string, command []string, ready tcwait.Strategy) (*testcontainers.DockerContainer, error) {
	return testcontainers.Run(ctx, image, testcontainers.WithCmd(command...), testcontainers.WithExposedPorts("80/tcp"),
		testcontainers.WithWaitStrategy(ready), testcontainers.WithLabels(map[string]string{mark: ""}))
}

type silent struct{}

func (silent) Printf(string, ...any) {}

func runTestcontainers(ctx context.Context, image string) (ms float64, err error) {
	began := time.Now()
	c, err := startTestcontainers(ctx, image, serving, tcwait.ForLog(line).WithPollInterval(quick))
	if err == nil {
		_, err = c.Endpoint(ctx, "http")
	}
	ms = since(began)
	return ms, errors.Join(err, testcontainers.TerminateContainer(c, testcontainers.StopTimeout(0)))
}

func startDockertest(pool *dockertest.Pool, image string, command []string, ready func(*dockertest.Resource) error) (*dockertest.Resource, error) {
	repository, tag, _ := strings.Cut(image, ":")
	r, err := pool.RunWithOptions(&dockertest.RunOptions{Repository: repository, Tag: tag, Cmd: command, ExposedPorts: []string{"80/tcp"},
		Labels: map[string]string{mark: ""}})
	if err != nil {
		return nil, err
	}
	return r, pool.Retry(func() error { return ready(r) })
}

func runDockertest(pool *dockertest.Pool, image string) (ms float64, err error) {
	began := time.Now()
	r, err := startDockertest(pool, image, serving, func(r *dockertest.Resource) error { return printed(pool, r) })
	if err == nil {
		r.GetHostPort("80/tcp")
	}
	ms = since(began)
	if r != nil {
		err = errors.Join(err, pool.Purge(r))
	}
	return ms, err
}

// printed reports whether the line is in the log: dockertest has no condition of its own.
func printed(pool *dockertest.Pool, r *dockertest.Resource) error {
	var log bytes.Buffer
	err := pool.Client.Logs(docker.LogsOptions{Container: r.Container.ID, OutputStream: &log, ErrorStream: &log, Stdout: true, Stderr: true})
	if err == nil && !strings.Contains(log.String(), line) {
		err = errors.New("not yet")
	}
	return err
}

// prepareFirst measures each run in a new process.
func prepareFirst(b *bed) ([]side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := b.reaper(); err != nil {
		return nil, err
	}
	as := func(who string, reaper bool) func() (sample, error) {
		return func() (sample, error) {
			c := exec.CommandContext(b.ctx, self, "child", who, b.probe)
			c.Env = append(os.Environ(), "TESTCONTAINERS_RYUK_DISABLED="+strconv.FormatBool(!reaper))
			out, err := output(c)
			if err != nil {
				return nil, err
			}
			ms, err := strconv.ParseFloat(out, 64)
			return sample{{"ready", ms}}, err
		}
	}
	return []side{
		{"seatrial.Run", as("seatrial", false)},
		{"testcontainers-go, its reaper stood in for", as("testcontainers", true)},
		{"testcontainers-go without reaper", as("testcontainers", false)},
		{"dockertest", as("dockertest", false)},
	}, nil
}

// reaperImage is the image that testcontainers-go starts beside its containers.
//
//lint:ignore SA1019 no other name of it is exported
var reaperImage = testcontainers.ReaperDefaultImage

// reaper builds a stand-in for the reaper image of testcontainers-go, unless the engine
// has that image. Its program gives the same answers, and removes nothing.
func (b *bed) reaper() error {
	if _, err := quiet("docker", "image", "inspect", reaperImage); err == nil {
		return nil
	}
	return b.build("reaper", "./bench/reaper", reaperImage, "EXPOSE 8080\n")
}

// child does one run in this process, and prints its result.
func child(args []string) {
	var ms float64
	var told bool // by itself
	var err error
	switch who, image := args[0], args[1]; who {
	case "footprint":
		told, err = true, printFootprint(image, args[2], args[3])
	case "growth":
		told, err = true, printGrowth(image, args[2], args[3])
	case "copies":
		told, err = true, printCopies(args[1], args[2])
	case "build":
		told, err = true, buildHere(args[1], args[2])
	case "share":
		told, err = true, useHere(args[1], args[2])
	case "seatrial":
		ms, err = runOurs(image)
	case "testcontainers":
		tclog.SetDefault(silent{})
		ms, err = runTestcontainers(context.Background(), image)
	case "dockertest":
		var pool *dockertest.Pool
		began := time.Now()
		if pool, err = dockertest.NewPool(""); err == nil {
			connected := since(began)
			ms, err = runDockertest(pool, image)
			ms += connected
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !told {
		fmt.Println(ms)
	}
}

func prepareEnd(b *bed) ([]side, error) {
	withoutReaper()
	deaf := append([]string{"-deaf"}, serving...)
	theirs := func(options ...testcontainers.TerminateOption) func() (sample, error) {
		return func() (sample, error) {
			c, err := startTestcontainers(b.ctx, b.probe, deaf, tcwait.ForLog(line).WithPollInterval(quick))
			began := time.Now()
			err = errors.Join(err, testcontainers.TerminateContainer(c, options...))
			return sample{{"gone", since(began)}}, err
		}
	}
	return []side{{"seatrial", func() (sample, error) {
		var began time.Time
		err := asTest(func(t *enginetest.Recorder) {
			seatrial.Run(t, spec.Container{Image: b.probe, Command: deaf, Ports: []int{80}, Ready: wait.Log(line)})
			began = time.Now()
		})
		return sample{{"gone", since(began)}}, err
	}}, {"raw Engine API, docker rm --force", func() (sample, error) {
		id, err := startRaw(b.ctx, b.api, b.probe, deaf, line)
		began := time.Now()
		if err == nil {
			_, err = b.api.ContainerRemove(b.ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		}
		return sample{{"gone", since(began)}}, err
	}}, {"testcontainers-go", theirs()}, {"testcontainers-go with StopTimeout(0)", theirs(testcontainers.StopTimeout(0))}}, nil
}

func prepareAtOnce(b *bed) ([]side, error) {
	withoutReaper()
	atOnce := func(n int, one func() error) (float64, error) {
		began := time.Now()
		errs := make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { errs[i] = one() })
		}
		all.Wait()
		return since(began), errors.Join(errs...)
	}
	each := func(run func(n int) (float64, error)) func() (sample, error) {
		return func() (s sample, err error) {
			for _, n := range []int{1, 4, 16} {
				ms, err := run(n)
				if err != nil {
					return nil, err
				}
				s = append(s, figure{strconv.Itoa(n), ms})
			}
			return s, nil
		}
	}
	return []side{{"seatrial.Run", each(func(n int) (ms float64, err error) {
		err = asTest(func(t *enginetest.Recorder) {
			ms, err = atOnce(n, func() error {
				seatrial.Run(t, spec.Container{Image: b.probe, Command: serving, Ports: []int{80}, Ready: wait.Log(line)})
				return nil
			})
		})
		return ms, err
	})}, {"raw Engine API", each(func(n int) (float64, error) {
		defer removeLabelled(mark)
		return atOnce(n, func() error {
			_, err := startRaw(b.ctx, b.api, b.probe, serving, line)
			return err
		})
	})}, {"testcontainers-go", each(func(n int) (float64, error) {
		defer removeLabelled(mark)
		return atOnce(n, func() error {
			_, err := startTestcontainers(b.ctx, b.probe, serving, tcwait.ForLog(line).WithPollInterval(quick))
			return err
		})
	})}}, nil
}
