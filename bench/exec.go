// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
	"github.com/ory/dockertest/v3"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"
	tcwait "github.com/testcontainers/testcontainers-go/wait"
)

func execRows() []row {
	return []row{{
		name: "exec", work: "a command in a running container, from the call until its output and its exit code are there", aim: "no more than the raw API",
		prepare: prepareExec,
	}}
}

// prepareExec has a container for each side, that runs all the while.
func prepareExec(b *bed) ([]side, error) {
	withoutReaper()
	command := []string{"/main", "-print", "done"}
	timed := func(run func() (output string, err error)) func() (sample, error) {
		return func() (sample, error) {
			began := time.Now()
			out, err := run()
			ms := since(began)
			if err == nil && !strings.Contains(out, "done") {
				err = fmt.Errorf("it printed %q", out)
			}
			return sample{{"done", ms}}, err
		}
	}
	test := newLasting()
	b.tidys = append(b.tidys, test.end)
	var ours *seatrial.Container
	if err := test.do(func(t *enginetest.Recorder) {
		ours = seatrial.Run(t, spec.Container{Image: b.probe, Command: serving, Ready: wait.Log(line)})
	}); err != nil {
		return nil, err
	}
	raw, err := startRaw(b.ctx, b.api, b.probe, serving, line)
	if err != nil {
		return nil, err
	}
	theirs, err := startTestcontainers(b.ctx, b.probe, serving, tcwait.ForLog(line).WithPollInterval(quick))
	b.tidys = append(b.tidys, func() { _ = testcontainers.TerminateContainer(theirs, testcontainers.StopTimeout(0)) })
	if err != nil {
		return nil, err
	}
	pool, err := dockertest.NewPool("")
	if err != nil {
		return nil, err
	}
	resource, err := startDockertest(pool, b.probe, serving, func(r *dockertest.Resource) error { return printed(pool, r) })
	if err != nil {
		return nil, err
	}
	b.tidys = append(b.tidys, func() { _ = pool.Purge(resource) })
	return []side{{"Container.Exec", timed(func() (out string, err error) {
		err = test.do(func(t *enginetest.Recorder) { out = ours.Exec(t, spec.Exec{Command: command}).Stdout })
		return out, err
	})}, {"raw Engine API", timed(func() (string, error) { return execRaw(b, raw, command) })}, {"testcontainers-go", timed(func() (string, error) {
		code, out, err := theirs.Exec(b.ctx, command, exec.Multiplexed())
		if err != nil || code != 0 {
			return "", errors.Join(err, fmt.Errorf("it ended with %d", code))
		}
		text, err := io.ReadAll(out)
		return string(text), err
	})}, {"dockertest", timed(func() (string, error) {
		var out bytes.Buffer
		_, err := resource.Exec(command, dockertest.ExecOptions{StdOut: &out})
		return out.String(), err
	})}}, nil
}

func execRaw(b *bed, id string, command []string) (string, error) {
	made, err := b.api.ExecCreate(b.ctx, id, client.ExecCreateOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return "", err
	}
	attached, err := b.api.ExecAttach(b.ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		return "", err
	}
	defer attached.Close()
	var out bytes.Buffer
	if _, err := stdcopy.StdCopy(&out, &out, attached.Reader); err != nil {
		return "", err
	}
	is, err := b.api.ExecInspect(b.ctx, made.ID, client.ExecInspectOptions{})
	if err == nil && is.ExitCode != 0 {
		err = fmt.Errorf("it ended with %d", is.ExitCode)
	}
	return out.String(), err
}
